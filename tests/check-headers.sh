#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Every header can be included alone. The public ones also from C++, and with a
# compiler that points at everything beyond the standard.
set -u
cd "${top_srcdir:-.}" || exit 99

cc=${CC:-cc}
cxx=${CXX:-c++}
flags="-fsyntax-only -Wall -Wextra -Werror -I."
failed=0

# compile LANGUAGE-FLAGS COMPILER HEADER
compile()
{
	if ! echo "#include <$3>" | $2 $1 $flags -; then
		echo "$3 does not compile alone: $2 $1"
		failed=1
	fi
}

public="engineio/engineio.h engineio/http.h"
for header in socketio/socketio.h socketio/adapter.h socketio/parser.h; do
	test ! -f $header || public="$public $header"
done
for header in $public; do
	compile "-x c -std=c11 -pedantic" "$cc" $header
	if command -v $cxx >/dev/null; then
		compile "-x c++ -std=c++17 -pedantic" $cxx $header
	fi
done
command -v $cxx >/dev/null || echo "no C++ compiler: not tried from C++"

for header in $(find engineio socketio -name '*.h' | sort); do
	compile "-x c -std=gnu11" "$cc" $header
done
exit $failed
