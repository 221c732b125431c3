#!/bin/sh
# SPDX-License-Identifier: MIT
#
# usage: fetch.sh FOLDER
#
# Fetches the pinned socket.io-client with npm and prepares its bundles in
# FOLDER/client. The one place where building uses the network; done already,
# it does nothing. npm keeps to FOLDER, and nothing of what it fetches is run.
set -eu

src=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
top=$(cd "$1" && pwd)

if test -f "$top/client/version" &&
	cmp -s "$src/package-lock.json" "$top/npm/ready"; then
	exit 0
fi
if ! command -v npm >/dev/null; then
	echo "npm is missing; --with-client-dir=DIR names a copy instead" >&2
	exit 1
fi
echo "fetching socket.io-client with npm"
rm -rf "$top/npm"
mkdir -p "$top/npm"
cp "$src/package.json" "$src/package-lock.json" "$src/.npmrc" "$top/npm"
(
	cd "$top/npm"
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error \
		--cache "$top/npm/cache" --no-update-notifier >/dev/null
)
"$src/prepare.sh" "$top/npm/node_modules/socket.io-client" "$top/client"
rm -rf "$top/npm/cache" "$top/npm/node_modules"
# The sign that the fetching is done, and what was fetched.
mv "$top/npm/package-lock.json" "$top/npm/ready"
