#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The dependency rule of HACKING.md, checked on the include lines: arrows only
# point down, a foreign library has its one place, and what stands above the
# seam knows neither sockets nor clocks.
set -u
cd "${top_srcdir:-.}" || exit 99
. tests/rules.sh

sources()
{
	find "$@" -name '*.[ch]' 2>/dev/null | sort
}

# includes FILE...: lines "FILE HEADER"
includes()
{
	for file; do
		sed -n "s|^[ \t]*#[ \t]*include[ \t]*[<\"]\([^>\"]*\)[>\"].*|$file \1|p" \
			"$file"
	done
}

# only HEADERS FILES TEXT: only files like FILES include headers like HEADERS
only()
{
	includes $all | grep -E "^[^ ]+ ($1)\$" |
		grep -vE "^($2) " | complain "$3"
}

all=$(sources engineio socketio src examples)
libraries=$(sources engineio socketio)

# Layers

includes $(sources engineio) | grep -E ' (socketio/|src/)' |
	complain "engineio/ does not know who stands on it"

includes $(sources socketio) | grep ' engineio/' |
	grep -vE ' engineio/(engineio\.h|http\.h|base/.*)$' |
	complain "socketio/ includes <engineio/engineio.h>, <engineio/http.h> and engineio/base only"

includes $(sources engineio/http) | grep ' engineio/' |
	grep -vE ' engineio/(http/.*|base/.*|(address|engineio|http|net|loop|buf|tls|wheel|log|error|options)\.h)$' |
	complain "engineio/http/ knows nothing of Engine.IO"

includes $(sources engineio/base) | grep ' engineio/' |
	grep -vE ' engineio/(base/.*|engineio\.h)$' |
	complain "engineio/base/ stands on libc alone"

includes $(sources src examples) | grep -E ' (engineio|socketio)/' |
	grep -vE ' (engineio/(engineio|http)|socketio/(socketio|adapter|parser))\.h$' |
	complain "src/ and examples/ include public headers only"

# Each foreign library has its place

only 'libwebsockets\.h|lws_.*|ev\.h' 'engineio/net_lws[^ ]*' \
	"libwebsockets and libev belong to engineio/net_lws*"
only 'http_parser\.h|llhttp\.h' 'engineio/http/head\.c' \
	"the HTTP parser belongs to engineio/http/head.c"
only 'zlib\.h' 'engineio/http/(compress\.c|deflate_state\.h)' \
	"zlib belongs to engineio/http/compress.c, deflate.c and inflate.c"
only 'openssl/.*' \
	'(engineio/(tls|tls_[a-z]*|http/ws_handshake)|src/self_signed)\.c' \
	"OpenSSL belongs to engineio/tls*.c, http/ws_handshake.c and src/self_signed.c"
only 'nghttp2/.*' 'engineio/http/http2_state\.h' \
	"nghttp2 belongs to engineio/http/http2*"
only 'jansson\.h' '(socketio|src|examples)/[^ ]*' \
	"jansson belongs to socketio/ and what stands on it"
only 'msgpack(/.*|\.h)' 'socketio/msgpack_(read|write)\.c' \
	"msgpack-c belongs to socketio/msgpack_read.c and msgpack_write.c"
only 'sqlite3\.h' 'src/history_file\.c' \
	"SQLite belongs to src/history_file.c"
only 'hiredis/.*' '(socketio/adapter_redis[^ ]*|examples/history_redis\.c)' \
	"hiredis belongs to socketio/adapter_redis* and examples/history_redis.c"

# Protocol without I/O

# address.c calls inet_pton() and inet_ntop(), which are pure.
includes $libraries | grep -vE '^engineio/(net_lws[^ ]*|address\.c) ' |
	grep -E ' (sys/(socket|epoll|select|time|un)\.h|poll\.h|netinet/.*|arpa/.*|netdb\.h)$' |
	complain "sockets and clocks stay below engineio/net.h"

grep -nE '\b(clock_gettime|gettimeofday|timespec_get|time)\(' \
	/dev/null $libraries | grep -v '^engineio/net_lws' |
	complain "the time comes through engineio/net.h"

pure=$(ls engineio/base/* engineio/wheel.* engineio/packet.* \
	engineio/payload* engineio/sid.* engineio/cors.* engineio/cookie.* \
	engineio/http/ws_frame.* \
	engineio/http/chunked.* engineio/http/ws_handshake.* \
	engineio/proxy.* engineio/address.* engineio/tls*.* \
	socketio/handlers.* socketio/rooms.* socketio/packet.* \
	socketio/decoder.* socketio/binary.* socketio/json* \
	socketio/msgpack* socketio/parser_msgpack.* 2>/dev/null)
includes $pure | grep -E ' (engineio/net|engineio/loop|time|unistd|fcntl)\.h$' |
	complain "these files turn bytes into bytes and know nothing else"

# How headers are included

for file in $(echo "$libraries" | grep '\.c$'); do
	includes $file | head -n 1 | grep -v ' config\.h$'
done | complain "config.h is the first include of each .c file"
includes $(echo "$all" | grep '\.h$') | grep ' config\.h$' |
	complain "config.h is included in no header"
grep -nE '^[ \t]*#[ \t]*include[ \t]*"' /dev/null $all |
	complain "headers are included by layer: <engineio/base/list.h>"

all_kept
