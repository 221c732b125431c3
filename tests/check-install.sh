#!/bin/sh
# SPDX-License-Identifier: MIT
#
# usage: check-install.sh LIBDIR BINDIR DATADIR    (by "make installcheck")
#
# What an application sees of us once we are installed: examples/chat.c is
# compiled with nothing but pkg-config and spoken to with curl, and so is the
# program. The ports are tried until one is free, as the example has a fixed
# one.
set -u

libdir=$1
bindir=$2
datadir=$3
src=$(cd "$(dirname "$0")/.." && pwd)
dir=$(mktemp -d) || exit 99
server=
passed=0
failed=0
trap 'test -z "$server" || kill $server 2>/dev/null; rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM

PKG_CONFIG_PATH=$libdir/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
LD_LIBRARY_PATH=$libdir${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export PKG_CONFIG_PATH LD_LIBRARY_PATH

# is NAME GOT PATTERN
is()
{
	case $2 in
	$3)
		passed=$((passed + 1))
		echo "ok - $1"
		;;
	*)
		failed=$((failed + 1))
		echo "not ok - $1"
		echo "    got:    $2"
		echo "    wanted: $3"
		;;
	esac
}

get()
{
	curl -sS --max-time 20 "$@"
}

# compile SOURCE PROGRAM MODULE
compile()
{
	${CC:-cc} ${CFLAGS-} -o "$2" "$1" \
		$(${PKG_CONFIG:-pkg-config} --cflags --libs "$3")
}

# answers URL: waits until the example answers there. What it says without
# having been spoken to is that it could not start.
answers()
{
	tries=0
	while test $tries -lt 100 && test ! -s "$dir/chat.log"; do
		if curl -s --max-time 20 -o /dev/null "$1"; then
			test ! -s "$dir/chat.log"
			return
		fi
		tries=$((tries + 1))
		sleep 0.1
	done
	return 1
}

# start_example: the example as it is, but for its port. Below 32768 nobody
# else is given one by the system.
start_example()
{
	for step in 1 2 3 4 5 6 7 8 9; do
		port=$((10000 + ($$ * 31 + step * 997) % 20000))
		sed "s/\b8080\b/$port/" "$src/examples/chat.c" >"$dir/chat.c"
		compile "$dir/chat.c" "$dir/chat" libsocketio || return 1
		: >"$dir/chat.log"
		(cd "$dir" && exec ./chat) >>"$dir/chat.log" 2>&1 &
		server=$!
		url=http://127.0.0.1:$port
		answers "$url/" && return 0
		kill $server 2>/dev/null
		wait $server
		server=
	done
	return 1
}

# A client of Socket.IO by hand: handshake, CONNECT, one message, two polls.
talk()
{
	io="$url/socket.io/?EIO=4&transport=polling"
	open=$(get "$io")
	is "$1 answers the handshake" "$open" '0{"sid":"*'
	sid=$(printf '%s' "$open" | sed 's/.*"sid":"\([^"]*\)".*/\1/')
	is "$1 takes a CONNECT" "$(get --data-binary 40 "$io&sid=$sid")" ok
	got=$(get "$io&sid=$sid")
	case $got in
	*msg:get*) ;;
	*) got=$got$(get "$io&sid=$sid") ;;
	esac
	is "$1 connects" "$got" '40{"sid":"*'
	is "$1 greets" "$got" '*42\["msg:get",{"msg":\[{*"user":"brian"*'
	is "$1 takes an event" "$(get --data-binary \
		'42["msg:post",{"user":"ann","text":"hello"}]' "$io&sid=$sid")" ok
	is "$1 tells everybody" "$(get "$io&sid=$sid")" \
		'42\["msg:get",{"msg":\[{*"text":"hello"*"user":"brian"*'
	is "$1 serves its page" "$(get "$url/")" '*<html*'
	if test -f "$datadir/client/version"; then
		is "$1 serves the browser bundle" "$(get -o "$dir/bundle" -w \
			'%{http_code}' "$url/socket.io/socket.io.js")" 200
		is "$1 serves it unchanged" "$(cmp "$dir/bundle" \
			"$datadir/client/socket.io.js" && echo same)" same
	fi
}

# pkg-config knows both, and the headers are where it says.
for module in libengineio libsocketio; do
	is "pkg-config knows $module" \
		"$(${PKG_CONFIG:-pkg-config} --modversion $module)" '[0-9]*.[0-9]*.[0-9]*'
done
is "engineio_echo.c compiles with libengineio alone" \
	"$(compile "$src/examples/engineio_echo.c" "$dir/echo" libengineio 2>&1 &&
		echo yes)" yes

# So do those with Socket.IO; the one with Redis needs more than that.
for example in "$src"/examples/*.c; do
	case ${example##*/} in
	engineio_echo.c | history_redis.c) continue ;;
	esac
	is "${example##*/} compiles with libsocketio alone" \
		"$(compile "$example" "$dir/example" libsocketio 2>&1 &&
			echo yes)" yes
done

cp -R "$src/public" "$dir/public"
if start_example; then
	talk chat.c
	kill $server
	wait $server 2>/dev/null
	server=
else
	is "chat.c starts" "$(cat "$dir/chat.log")" started
fi

is "socketio-chat tells its version" "$("$bindir/socketio-chat" --version)" \
	'socketio-chat *[0-9]*.[0-9]*.[0-9]*'
"$bindir/socketio-chat" --host 127.0.0.1 --port 0 >"$dir/program.log" 2>&1 &
server=$!
tries=0
until grep -q '^listening on ' "$dir/program.log"; do
	tries=$((tries + 1))
	kill -0 $server 2>/dev/null && test $tries -lt 100 || break
	sleep 0.1
done
url=$(sed -n 's/^listening on \(http[^ ]*\).*/\1/p' "$dir/program.log")
url=${url%/}
is "socketio-chat says where it listens" "$url" 'http://*:[0-9]*'
talk socketio-chat
kill $server
wait $server
is "socketio-chat ends cleanly" $? 0
server=

echo "$passed passed, $failed failed"
test $failed -eq 0
