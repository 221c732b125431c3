#!/bin/sh
# SPDX-License-Identifier: MIT
#
# usage: fetch.sh FOLDER [SOURCE]
#
# Installs what SOURCE/package.json pins (of itself: the stock clients and the
# official server) into FOLDER/node_modules with npm, which keeps its cache and
# its HOME in FOLDER as well and runs nothing of what it fetches. Of the real
# HOME it only reads the settings, so that a registry of one's own is
# respected. Done already, it does nothing.
set -eu

src=$(cd "${2:-$(dirname "$0")}" && pwd)
mkdir -p "$1"
top=$(cd "$1" && pwd)

test -f "$top/ready" && cmp -s "$src/package-lock.json" "$top/ready" && exit 0
if ! command -v npm >/dev/null; then
	echo "the stock clients need npm" >&2
	exit 1
fi
rm -rf "$top/node_modules" "$top/ready"
cp "$src/package.json" "$src/package-lock.json" "$src/.npmrc" "$top"
(
	cd "$top"
	npm_config_userconfig=${npm_config_userconfig:-$HOME/.npmrc}
	HOME=$top
	export npm_config_userconfig HOME
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error \
		--no-update-notifier --cache "$top/cache"
)
rm -rf "$top/cache"
mv "$top/package-lock.json" "$top/ready"
