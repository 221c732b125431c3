#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Every C file is laid out as .clang-format says. Other versions of the tool
# judge differently, so there is one that counts; without it the test is
# skipped.
set -u
cd "${top_srcdir:-.}" || exit 99

for tool in clang-format-14 clang-format; do
	case $($tool --version 2>/dev/null) in
	*"version 14."*) break ;;
	esac
	tool=
done
if test -z "$tool"; then
	echo "clang-format 14 is missing"
	exit 77
fi
find engineio socketio src examples tests -name '*.[ch]' |
	sort | xargs "$tool" --dry-run -Werror --style=file
