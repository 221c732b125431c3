#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The rules of HACKING.md that a layout tool cannot see: a licence line, calls
# that are not used here, libraries that print nothing, short functions.
set -u
cd "${top_srcdir:-.}" || exit 99
. tests/rules.sh

libraries=$(find engineio socketio -name '*.[ch]' | sort)
all=$(find engineio socketio src examples tests -name '*.[ch]' | sort)

for file in $all; do
	head -n 1 "$file" | grep -q '^/\* SPDX-License-Identifier: MIT \*/$' ||
		echo "$file"
done | complain "the first line names the licence: /* SPDX-License-Identifier: MIT */"

grep -nE '\b(strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|gets|alloca) *\(' \
	/dev/null $all | complain "these functions are not used here"

grep -nE '\b(printf|vprintf|puts|putchar|perror|abort|exit|_exit) *\(|\b(stdout|stderr)\b' \
	/dev/null $libraries | grep -vE ':[ \t]*(/\*| \*)' |
	complain "a library neither prints nor ends the program"

grep -nE '(^|[;{}])[ \t]*//' /dev/null $all |
	complain "comments are /* like this */"

awk '
	FNR == 1 { open = 0 }
	/^\{/ { open = FNR; name = previous }
	/^\}/ {
		if (open && FNR - open - 1 > 60)
			printf "%s:%d: %d lines: %s\n", FILENAME, open,
				FNR - open - 1, name
		open = 0
	}
	!/^[ \t{}]/ && NF { previous = $0 }' /dev/null $all |
	complain "a function over 60 lines wants to be several"

all_kept
