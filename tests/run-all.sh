#!/bin/sh
# SPDX-License-Identifier: MIT
#
# usage: run-all.sh BUILD
#
# Every test there is, for ./bootstrap check, which has built and installed all
# of it in BUILD. Each tier is a target of the Makefile and can be run alone.
# What a tier says goes to a log; this prints a line for each, the ends of the
# logs of those that failed, and the sum.
#
# Fuzzing takes longest. It runs beside the tiers that mostly wait, and behind
# them in priority, so that it neither takes their time nor waits for them.
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
		pass += $1; fail += $3; own = 1
	}
	/^[0-9]/ && match($0, /[0-9]+ skipped/) { skip = substr($0, RSTART) + 0 }
	/^[0-9]/ { next }
	/^# (PASS|XFAIL):/ { pass += $3; sum = 1 }
	/^# (FAIL|XPASS|ERROR):/ { fail += $3; sum = 1 }
	/^# SKIP:/ { skip += $3; sum = 1 }
	END { if (own || sum) print pass + 0, fail + 0, skip + 0 }' "$1"
}

# work TARGET [PREFIX...]: its output goes to its log
work()
{
	target=$1
	shift
	exec "$@" make -C "$build/main" -j "$jobs" "$target" \
		>"$logs/$target.log" 2>&1 </dev/null
}

# keep TARGET STATUS START: how it ended, and how many seconds it took
keep()
{
	echo "$2 $(($(date +%s) - $3))" >"$logs/$1.end"
}

# tell TARGET: the line of one that has ended, but for its beginning
tell()
{
	log=$logs/$1.log
	read -r status seconds <"$logs/$1.end"
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

# tier TARGET WHAT
tier()
{
	printf '%-18s %-34s' "$1" "$2"
	start=$(date +%s)
	(work "$1")
	keep "$1" $? "$start"
	tell "$1"
}

# begin TARGET, and later end TARGET WHAT: a tier beside others, and behind
# them in priority
begin()
{
	(
		start=$(date +%s)
		(work "$1" nice -n 10) &
		trap 'kill $! 2>/dev/null; exit 1' TERM
		wait $!
		keep "$1" $? "$start"
	) &
	beside=$!
}

end()
{
	wait "$beside"
	printf '%-18s %-34s' "$1" "$2"
	tell "$1"
}

# Ctrl-C does not reach what is in the background.
trap 'kill ${beside-} 2>/dev/null; exit 1' HUP INT TERM
tier check "unit tests and project checks"
tier installcheck "a program against what is installed"
begin check-fuzz
tier check-clients "stock clients of npm"
tier check-ways "the four ways into the chat, across"
tier check-http2 "HTTP/2 by node, curl and h2load"
tier check-compare "side by side with the official server"
tier check-bench "the benchmark, small, and lied to"
tier check-browser "the chat in Chromium"
tier check-soak "churn, after which nothing is left"
end check-fuzz "fuzzing, 45 seconds each"
tier check-sanitizers "unit tests with sanitizers"
tier check-threads "threads with the thread sanitizer"
tier check-valgrind "unit tests with valgrind"
tier distcheck "the tarball builds and passes"

echo
echo "$passed passed, $failed failed, $skipped skipped"
test "$failed" -eq 0
