#!/bin/sh
# SPDX-License-Identifier: MIT
#
# usage: run.sh BUILD TARGET...
#
# Runs the fuzz targets of a build made with --enable-fuzzing, two at a time
# and FUZZ_SECONDS each (45, if that is not set). What the fuzzer learns
# stays in BUILD/fuzz-corpus; an input that breaks something is named on the
# way out.
set -u

src=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
shift
each=${FUZZ_SECONDS:-45}
passed=0
failed=0

# fuzz NAME
fuzz()
{
	name=${1#fuzz_}
	corpus=$build/fuzz-corpus/$name
	mkdir -p "$corpus" "$build/fuzz-found"
	ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1} \
		"$build/tests/fuzz/$1" "$corpus" "$src/seeds/$name" \
		-max_total_time="$each" -timeout=20 -rss_limit_mb=2000 \
		-artifact_prefix="$build/fuzz-found/$name-" \
		-verbosity=1 >"$build/$1.log" 2>&1
}

# judge NAME STATUS
judge()
{
	if test "$2" -eq 0; then
		passed=$((passed + 1))
		echo "ok $1: $(grep '^Done' "$build/$1.log")"
	else
		failed=$((failed + 1))
		echo "not ok $1"
		tail -n 40 "$build/$1.log" | sed 's/^/    /'
	fi
}

trap 'kill ${one-} ${two-} 2>/dev/null; exit 1' HUP INT TERM
while test $# -gt 0; do
	first=$1
	second=${2-}
	fuzz "$first" &
	one=$!
	two=
	if test -n "$second"; then
		fuzz "$second" &
		two=$!
		shift
	fi
	shift
	wait "$one"
	judge "$first" $?
	if test -n "$two"; then
		wait "$two"
		judge "$second" $?
	fi
done
echo "$passed passed, $failed failed"
test "$failed" -eq 0
