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
	cmp -s "$src/package-lock.json" "$top/npm/package-lock.json"; then
	exit 0
fi
if ! command -v npm >/dev/null; then
	echo "npm is missing; --with-client-dir=DIR names a copy instead" >&2
	exit 1
fi
echo "fetching socket.io-client with npm"
rm -rf "$top/npm"
mkdir -p "$top/npm"
cp "$src/package.json" "$src/.npmrc" "$top/npm"
# Last, as the sign that the fetching is done, goes the lock under its name.
cp "$src/package-lock.json" "$top/npm/npm-shrinkwrap.json"
(
	cd "$top/npm"
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error \
		--cache "$top/npm/cache" --no-update-notifier >/dev/null
)
"$src/prepare.sh" "$top/npm/node_modules/socket.io-client" "$top/client"
rm -rf "$top/npm/cache" "$top/npm/node_modules"
mv "$top/npm/npm-shrinkwrap.json" "$top/npm/package-lock.json"
