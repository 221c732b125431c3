#!/bin/sh
# SPDX-License-Identifier: MIT
#
# usage: run-all.sh BUILD
#
# Every test there is, for ./bootstrap check, which has built and installed all
# of it in BUILD. Each tier is a target of the Makefile and can be run alone.
# What a tier says goes to a log; this prints a line for each, the ends of the
# logs of those that failed, and the sum.
set -u

build=$(cd "$1" && pwd)
logs=$build/logs
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
mkdir -p "$logs"
passed=0
failed=0
skipped=0

# count LOG: "PASSED FAILED SKIPPED". A tier ends with "N passed, N failed", or
# with the summary of Automake; what says neither is one test.
count()
{
	awk '
	/^[0-9]+ passed, [0-9]+ failed/ {
		pass = $1; fail = $3; own = 1
	}
	/^[0-9]/ && match($0, /[0-9]+ skipped/) { skip = substr($0, RSTART) + 0 }
	/^[0-9]/ { next }
	/^# (PASS|XFAIL):/ { pass += $3; sum = 1 }
	/^# (FAIL|XPASS|ERROR):/ { fail += $3; sum = 1 }
	/^# SKIP:/ { skip += $3; sum = 1 }
	END { if (own || sum) print pass + 0, fail + 0, skip + 0 }' "$1"
}

# tier TARGET WHAT
tier()
{
	log=$logs/$1.log
	printf '%-18s %-34s' "$1" "$2"
	start=$(date +%s)
	make -C "$build/main" -j "$jobs" "$1" >"$log" 2>&1 </dev/null
	status=$?
	seconds=$(($(date +%s) - start))

	set -- "$1" $(test "$1" = distcheck || count "$log")
	test $# -eq 4 || set -- "$1" $((status == 0)) $((status != 0)) 0
	# Whatever went wrong counts, also what was not a test.
	if test $status -ne 0 && test "$3" -eq 0; then
		set -- "$1" "$2" 1 "$4"
	fi
	passed=$((passed + $2))
	failed=$((failed + $3))
	skipped=$((skipped + $4))
	printf '%5d passed, %d failed, %d skipped (%d s)\n' \
		"$2" "$3" "$4" "$seconds"
	if test "$3" -ne 0; then
		{
			grep -E '^(FAIL|ERROR|XPASS|not ok)' "$log"
			tail -n 40 "$log"
		} | sed 's/^/    | /'
		echo "    all of it: $log"
	fi
}

tier check "unit tests and project checks"
tier installcheck "a program against what is installed"
tier check-clients "stock clients of npm"
tier check-compare "side by side with the official server"
tier check-browser "the chat in Chromium"
tier check-sanitizers "unit tests with sanitizers"
tier check-threads "threads with the thread sanitizer"
tier check-valgrind "unit tests with valgrind"
tier check-fuzz "fuzzing, a minute each"
tier check-soak "churn, after which nothing is left"
tier distcheck "the tarball builds and passes"

echo
echo "$passed passed, $failed failed, $skipped skipped"
test "$failed" -eq 0
