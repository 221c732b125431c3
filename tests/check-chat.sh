#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The program socketio-chat from outside: its options, what it says when it
# cannot serve, one visit over plain HTTP, and how it ends. Every wait has a
# deadline; ports are chosen by the system.
set -u
top_builddir=${top_builddir:-.}
top_srcdir=${top_srcdir:-.}
. "$top_srcdir/tests/rules.sh"

chat=$top_builddir/src/socketio-chat
deadline=30
scratch=$(mktemp -d) || exit 99
trap 'test ! -f "$scratch/pid" || kill -9 "$(cat "$scratch/pid")"
	rm -rf "$scratch" "$broken"' EXIT
trap 'exit 99' HUP INT TERM
SOCKETIO_CHAT_DATA=$scratch/data
export SOCKETIO_CHAT_DATA
unset PORT
mkdir -p "$scratch/data/public"
echo 'the page' >"$scratch/data/public/index.html"

# run ARGUMENT...: to its end: status, $scratch/out and $scratch/err
run()
{
	timeout $deadline "$chat" "$@" >"$scratch/out" 2>"$scratch/err"
	status=$?
}

# expect WHAT STATUS [PATTERN IN STANDARD ERROR]
expect()
{
	if test "$status" -ne "$2"; then
		echo "$1: status $status instead of $2"
	fi
	if test $# -gt 2 && ! grep -q -e "$3" "$scratch/err"; then
		echo "$1: standard error does not say '$3' but:"
		cat "$scratch/err"
	fi
}

# start ARGUMENT...: $server, its output on descriptor 3 and in
# $scratch/served, $url and $port
start()
{
	rm -f "$scratch/lines"
	mkfifo "$scratch/lines"
	"$chat" "$@" >"$scratch/lines" 2>"$scratch/served" &
	server=$!
	echo $server >"$scratch/pid"
	exec 3<"$scratch/lines"
	url=$(timeout $deadline sh -c 'read -r line; echo "$line"' <&3)
	url=${url#listening on }
	port=${url##*:}
	case $url in
	http*://*:[1-9]*) ;;
	*) echo "the first line of output is '$url'"
	   cat "$scratch/served" ;;
	esac
}

# line PATTERN: waits until the server has printed a line like it
line()
{
	timeout $deadline sh -c 'while read -r line; do
		case $line in
		'"$1"') exit 0 ;;
		esac
	done; exit 1' <&3 || echo "the server did not print $1"
}

# stop SIGNAL WHAT: it must end by itself, with status 0; with it ends its
# output.
stop()
{
	kill -"$1" "$server"
	timeout $deadline cat <&3 >/dev/null || kill -9 "$server"
	wait "$server"
	status=$?
	rm "$scratch/pid"
	exec 3<&-
	expect "$2" 0
	if test -s "$scratch/served"; then
		echo "$2: standard error says:"
		cat "$scratch/served"
	fi
}

options()
{
	run --help
	expect --help 0
	grep -q '^usage: socketio-chat' "$scratch/out" || echo "--help prints no usage"
	test ! -s "$scratch/err" || echo "--help prints on standard error"
	run -V
	expect -V 0
	grep -q '^socketio-chat [0-9]' "$scratch/out" || echo "-V prints no version"

	run --prot 1
	expect "an unknown option" 2 '^socketio-chat: unknown option --prot$'
	expect "an unknown option" 2 "^Try 'socketio-chat --help'.$"
	test ! -s "$scratch/out" || echo "an unknown option: something on standard output"
	run --port=http
	expect "no port" 2 '^socketio-chat: --port "http" is invalid: give a port'
	run --port
	expect "no value" 2 '^socketio-chat: --port needs a value$'
	run 8080
	expect "an argument" 2 '^socketio-chat: unexpected argument "8080"'
	PORT=many run
	expect "PORT is no port" 2 "environment's PORT \"many\" is invalid"

	if test -c /dev/full; then
		timeout $deadline "$chat" --help >/dev/full 2>"$scratch/err"
		status=$?
		expect "--help into a full disk" 1 'cannot write'
	fi
}

folders()
{
	run --port 0 --root "$scratch/nowhere"
	expect "a missing folder" 1 "$scratch/nowhere.*No such file.*--root"
	run --port 0 --root "$scratch/data/public/index.html"
	expect "a file as folder" 1 "index.html.*--root"
	SOCKETIO_CHAT_DATA=$scratch/nodata run --port 0
	expect "missing data" 1 "$scratch/nodata/public.*--root"
}

addresses()
{
	start --port 0
	run --port "$port"
	expect "a port in use" 1 "^socketio-chat: port $port is in use: stop what uses it, .*--port"
	stop TERM "SIGTERM"
	PORT=0 start
	stop INT "SIGINT"
	start --port 0 --host 127.0.0.1
	test "$url" = "http://127.0.0.1:$port" || echo "--host: the address is $url"
	stop TERM "SIGTERM with --host"
	run --port 0 --host 192.0.2.1
	expect "an address of somebody else" 1 'address with --host'
	run --port 0 --host no-such-host.invalid
	expect "a host that is none" 1 'no-such-host.*address with --host'
}

ask()
{
	curl -s -S --max-time $deadline "$@"
}

# Engine.IO packets in a payload are separated by this byte.
separator=$(printf '\036')

# A visitor over plain polling, who also sends what is no message.
visit()
{
	start --port 0
	test "$(ask "$url/")" = "the page" || echo "the page is not served"
	io="$url/socket.io/?EIO=4&transport=polling"
	sid=$(ask "$io" | sed -n 's/^0{"sid":"\([^"]*\)".*/\1/p')
	test -n "$sid" || echo "no handshake"
	io="$io&sid=$sid"
	ask -d 40 "$io" >/dev/null
	ask "$io" >"$scratch/first"
	grep -q '^40{"sid":"' "$scratch/first" || ask "$io" >>"$scratch/first"
	grep -q '42\["msg:get",{"msg":\[{"user":"brian","text":"hi","time":[0-9]*}\]}\]' \
		"$scratch/first" || { echo "the first messages are:"; cat "$scratch/first"; }
	line 'connected:\ *'

	s=$separator
	junk="42[\"msg:post\"]${s}42[\"msg:post\",null]${s}42[\"msg:post\",5,6]${s}42[\"other\",{}]"
	ask -d "$junk${s}42[\"msg:post\",{\"user\":7,\"time\":1}]" "$io" >/dev/null
	ask "$io" | tr "$s" '\n' >"$scratch/second"
	grep -c . "$scratch/second" | grep -qx 1 || echo "not exactly one answer to junk and one post"
	grep -q '^42\["msg:get",{"msg":\[{"user":7,"time":[0-9]*},{"user":"brian"' \
		"$scratch/second" || { echo "after a post:"; cat "$scratch/second"; }
	ask -d 1 "$io" >/dev/null
	line 'disconnect:\ *'
	stop TERM "SIGTERM after a visit"
}

# The way in by polling, and messages that outlive a kill.
history()
{
	run --port 0 --history "$scratch/data/public/index.html"
	expect "a foreign file" 1 'cannot keep the messages in .*index.html: it is no database'
	run --port 0 --history "$scratch/nowhere/file"
	if grep -q 'without SQLite' "$scratch/err"; then
		return 0
	fi
	start --port 0 --history "$scratch/history"
	ask -d '{"user":"ann","text":"kept"}' "$url/poll" >"$scratch/posted"
	grep -qx '{"status":"ok"}' "$scratch/posted" ||
		echo "POST /poll: $(cat "$scratch/posted")"
	kill -9 "$server"
	wait "$server"
	start --port 0 --history "$scratch/history" --fail-polls 1
	ask "$url/poll" >"$scratch/polled"
	grep -q '{"user":"ann","text":"kept","time":[0-9]*},{"user":"brian"' \
		"$scratch/polled" ||
		echo "after a kill: $(cat "$scratch/polled")"
	ask -o /dev/null -w '%{http_code}' "$url/poll" >"$scratch/polled"
	grep -qx 500 "$scratch/polled" || echo "--fail-polls 1: no 500"
	stop TERM "SIGTERM with a history"
}

# transcript WHAT EXPECTED CURL_ARGUMENT...: status, type, Allow and body of the
# answer in one line
transcript()
{
	what=$1
	expected=$2
	shift 2
	ask -k -D "$scratch/head" "$@" >"$scratch/body" 2>/dev/null
	got="$(sed -n '1s/^HTTP[^ ]* \([0-9]*\).*/\1/p' "$scratch/head")"
	for name in Content-Type Allow; do
		value=$(sed -n "s/^$name: //Ip" "$scratch/head" | tr -d '\r')
		got="$got${value:+ [$value]}"
	done
	got="$got $(cat "$scratch/body")"
	test "$got" = "$expected" || printf '%s\n  got    %s\n  wanted %s\n' "$what" "$got" "$expected"
}

# What people who follow the lessons with curl see, right and wrong, by
# HTTP and over TLS.
transcripts()
{
	start --port 0 --self-signed --tls-and-plain --max-payload 1000
	json='[application/json; charset=utf-8]'
	head -c 1001 /dev/zero | tr '\0' ' ' >"$scratch/large"
	for at in "http://localhost:$port/poll" "http://localhost:$port/msgs" \
		"https://localhost:$port/poll" "https://localhost:$port/msgs"; do
		transcript "POST to $at" "200 $json {\"status\":\"ok\"}" \
			-H 'Content-Type: application/json' -d '{"user":"ann","text":"hello"}' "$at"
		transcript "no JSON to $at" "400 $json {\"error\":\"the body is no JSON\"}" \
			-d 'user=ann&text=hello' "$at"
		transcript "cut JSON to $at" "400 $json {\"error\":\"the body is no JSON\"}" \
			-d '{"user":"ann"' "$at"
		transcript "no object to $at" "400 $json {\"error\":\"this is no message\"}" \
			-d '["hello"]' "$at"
		transcript "nothing to $at" "400 $json {\"error\":\"the body is missing\"}" \
			-X POST "$at"
		transcript "too much to $at" "413 $json {\"error\":\"the body is too large\"}" \
			--data-binary "@$scratch/large" "$at"
		transcript "too much in chunks to $at" "413 $json {\"error\":\"the body is too large\"}" \
			-H 'Transfer-Encoding: chunked' --data-binary "@$scratch/large" "$at"
		transcript "PUT to $at" "405 $json [GET, HEAD, POST] {\"error\":\"GET the messages, or POST one\"}" \
			-X PUT -d '{"text":"hello"}' "$at"
	done
	transcript "HEAD" "200 $json " -I -o /dev/null "http://localhost:$port/poll"
	transcript "HEAD of the stream" "200 [text/plain; charset=utf-8] " \
		-I -o /dev/null "http://localhost:$port/msgs"
	ask "http://localhost:$port/poll" | tr '}' '\n' | grep -c '"hello"' | grep -qx 4 ||
		echo "not exactly the good posts are there"
	stop TERM "SIGTERM after the transcripts"
}

# stream URL: it has the list at once, and again after a post, until the server
# ends
stream()
{
	ask -k -N "$1/msgs" >"$scratch/stream" &
	reader=$!
	lists 1 || echo "no list at once from $1/msgs"
	ask -k -d '{"user":"ann","text":"streamed"}' "$1/msgs" >/dev/null
	lists 2 || echo "no list after a post from $1/msgs"
	grep -q '^{"msg":\[{"user":"brian".*]}{"msg":\[{"user":"ann","text":"streamed"' "$scratch/stream" ||
		{ echo "$1/msgs:"; cat "$scratch/stream"; }
}

# lists N: until as many have come
lists()
{
	timeout $deadline sh -c "until test \$(grep -o '\"msg\":' '$scratch/stream' | wc -l) -ge $1; do
		sleep 0.05; done"
}

# GET /msgs of the lesson on HTTP/2 push, with curl, and without TLS as well.
streams()
{
	for scheme in http https; do
		start --port 0 --self-signed --tls-and-plain
		stream "$scheme://localhost:$port"
		stop TERM "SIGTERM with a stream over $scheme"
		wait "$reader"
		test $? -ne 28 || echo "the stream over $scheme does not end with the server"
	done
	curl --version | grep -q HTTP2 || return 0
	start --port 0 --self-signed
	for path in / /poll '/socket.io/?EIO=4&transport=polling'; do
		ask -k -o /dev/null -w '%{http_version}' "$url$path" | grep -qx 2 ||
			echo "$path does not come by HTTP/2"
		ask -k --http1.1 -o /dev/null -w '%{http_version}' "$url$path" | grep -qx 1.1 ||
			echo "$path does not come by HTTP/1.1 over TLS"
	done
	stop TERM "SIGTERM after HTTP/2"
}

# https with a certificate of its own; SIGHUP loads it again.
secure()
{
	run --port 0 --tls-cert "$scratch/nowhere" --tls-key "$scratch/nowhere"
	expect "a missing certificate" 1 'cannot use the certificate: .*nowhere: No such file'
	start --port 0 --self-signed
	case $url in
	https://*) ;;
	*) echo "--self-signed: the address is $url" ;;
	esac
	ask -k "$url/poll" | grep -q '"brian"' || echo "no messages over https"
	ask "$url/poll" >/dev/null 2>&1 && echo "curl trusts the certificate"
	kill -HUP "$server"
	line 'certificate\ loaded'
	ask -k "$url/poll" | grep -q '"brian"' || echo "no messages after SIGHUP"
	stop TERM "SIGTERM with TLS"
}

# One port for those who begin with TLS and for those who do not.
secure_and_plain()
{
	run --port 0 --tls-and-plain
	expect "--tls-and-plain alone" 2 'tls-and-plain needs a certificate: --tls-cert'
	start --port 0 --self-signed --tls-and-plain
	test "$url" = "http://localhost:$port and https://localhost:$port" ||
		echo "--tls-and-plain: the addresses are '$url'"
	ask -d '{"text":"plain"}' "http://localhost:$port/poll" | grep -q ok ||
		echo "no post over http"
	ask -k -d '{"text":"secret"}' "https://localhost:$port/poll" | grep -q ok ||
		echo "no post over https"
	for scheme in http https; do
		ask -k "$scheme://localhost:$port/poll" |
			grep -q '"text":"secret".*"text":"plain"' ||
			echo "not all messages over $scheme"
	done
	stop TERM "SIGTERM with --tls-and-plain"
}

# A poll that is waiting when the server ends must be told, not left alone.
stop_in_a_poll()
{
	start --port 0
	io="$url/socket.io/?EIO=4&transport=polling"
	sid=$(ask "$io" | sed -n 's/^0{"sid":"\([^"]*\)".*/\1/p')
	io="$io&sid=$sid"
	ask -d 40 "$io" >/dev/null
	ask "$io" >/dev/null
	line 'connected:\ *'
	ask -v "$io" >/dev/null 2>"$scratch/poll" &
	poll=$!
	timeout $deadline sh -c "until grep -q '^> GET' '$scratch/poll'; do :; done"
	stop TERM "SIGTERM during a poll"
	wait "$poll"
	test $? -ne 28 || echo "a waiting poll is not answered at the end"
}

test -x "$chat" || { echo "$chat is missing"; exit 99; }
options | complain "options of socketio-chat"
folders | complain "folders of socketio-chat"
addresses | complain "addresses of socketio-chat"
if command -v curl >/dev/null; then
	visit | complain "a visit to socketio-chat"
	history | complain "polling and the history of socketio-chat"
	transcripts | complain "answers of socketio-chat to curl"
	streams | complain "streams of socketio-chat"
	secure | complain "socketio-chat over TLS"
	secure_and_plain | complain "socketio-chat over TLS and without"
	stop_in_a_poll | complain "the end of socketio-chat"
else
	echo "without curl: no visit"
fi
all_kept
