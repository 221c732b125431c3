#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What a shared library shows to the world carries its prefix, stands on the
# list tests/exports/NAME, and is what its public headers declare: all of it,
# and nothing else. So an addition is a decision, and no declaration is empty.
set -u
src=${top_srcdir:-.}
build=${top_builddir:-.}
nm=${NM:-nm}
failed=0

complain()
{
	echo "$1"
	failed=1
}

# same TEXT FILE FILE: complains with TEXT if the two lists differ
same()
{
	diff "$2" "$3" || complain "$1"
}

# check NAME PREFIX HEADER...
check()
{
	name=$1
	prefix=$2
	shift 2
	library=$build/.libs/$name.so
	test -f "$library" || library=$build/.libs/$name.dylib
	if ! test -f "$library"; then
		complain "$name: no shared library in $build"
		return
	fi
	$nm -D --defined-only "$library" | awk '$2 ~ /[A-Z]/ { print $NF }' |
		grep -v '^_' | LC_ALL=C sort >exported.tmp
	grep -v "^${prefix}[a-z]" exported.tmp &&
		complain "$name: exported without the prefix $prefix"
	same "$name: exports are not those of tests/exports/$name" \
		"$src/tests/exports/$name" exported.tmp
	for header; do
		# without comments, and without what a macro makes
		sed 's|/\*.*\*/||' "$src/$header" |
			sed '/\/\*/,/\*\//d; /#define/,/[^\\]$/d' |
			grep -oE "\\b${prefix}[a-z0-9_]* *\\(([^*]|\$)" |
			sed 's/ *(.*//'
	done | LC_ALL=C sort -u >declared.tmp
	same "$name: exports are not what its headers declare" \
		declared.tmp exported.tmp
}

dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
src=$(cd "$src" && pwd)
build=$(cd "$build" && pwd)
cd "$dir" || exit 99

check libengineio eio_ engineio/engineio.h engineio/http.h
check libsocketio sio_ $(cd "$src" && ls socketio/socketio.h \
	socketio/adapter.h socketio/parser.h 2>/dev/null)
exit $failed
