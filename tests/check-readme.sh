#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The README shows examples/chat.c as it is, and what it links to is there.
set -u
cd "${top_srcdir:-.}" || exit 99
. tests/rules.sh

sed -n '/^```c$/,/^```$/p' README.md | sed '1d;$d' |
	diff - examples/chat.c | complain "the README shows another chat.c"

grep -oE '\]\([^)#:]+\)' README.md HACKING.md SECURITY.md |
	sed 's/^[^(]*(//; s/)$//' | while read -r file; do
		test -f "$file" || echo "$file"
	done | complain "the README links to files that are not there"

lines=$(wc -l <examples/chat.c)
test "$lines" -lt 45 || echo "$lines lines" |
	complain "examples/chat.c is the chat in less than 45 lines"

all_kept
