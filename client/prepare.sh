#!/bin/sh
# SPDX-License-Identifier: MIT
#
# usage: prepare.sh FROM TO
#
# Makes from the package socket.io-client in FROM, or from its folder dist,
# what is installed and served: the bundles, each also compressed (.br, .gz
# and .zz, which is what HTTP calls deflate), the licence, and a file "version".
# Compressing once here costs nothing when a browser asks.
set -eu

src=$(cd "$(dirname "$0")" && pwd)
from=$1
to=$2

dist=$from
test -f "$from/dist/socket.io.js" && dist=$from/dist
licence=
for file in "$dist/LICENSE" "$dist/../LICENSE"; do
	test -z "$licence" && test -f "$file" && licence=$file
done
version=$(sed -n 's/.*Socket\.IO v\([^ ]*\).*/\1/p' "$dist/socket.io.js" |
	head -n 1)
if test -z "$version"; then
	echo "prepare.sh: $dist/socket.io.js does not say its version" >&2
	exit 1
fi

rm -rf "$to"
mkdir -p "$to"
for name in socket.io.js socket.io.min.js socket.io.esm.min.js \
	socket.io.msgpack.min.js; do
	for file in "$name" "$name.map"; do
		test -f "$dist/$file" || continue
		cp "$dist/$file" "$to/$file"
		set -- "$@" "$to/$file"
	done
done
shift 2
test -z "$licence" || cp "$licence" "$to/LICENSE"

if command -v node >/dev/null; then
	node "$src/compress.mjs" "$@"
else
	for file; do
		gzip -9nk "$file"
		! command -v brotli >/dev/null || brotli -q 11 -k "$file"
	done
fi
# Last, as the sign that all of it is there.
echo "$version" >"$to/version"
