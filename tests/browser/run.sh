#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Sets the stage for the browser tests and runs them: the npm packages at
# their pinned versions, a Chromium, and a folder for profiles and pictures,
# all below the build folder. Exit status 77 says that something is missing.
#
# usage: run.sh BUILD_DIR [CHAT_PROGRAM [TEST_NAME_PART]]
#
# Without a program (or with an empty one) the tests run against the official
# Node server, which shows what the page and the tests themselves are worth.

set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)

if test $# -lt 1; then
	echo "usage: run.sh BUILD_DIR [CHAT_PROGRAM [TEST_NAME_PART]]" >&2
	exit 2
fi
mkdir -p "$1"
build=$(cd "$1" && pwd)
CHAT=${2-}
only=${3-}

skip()
{
	echo "SKIP: browser tests: $1"
	exit 77
}

find_chromium()
{
	for name in chromium chromium-browser google-chrome google-chrome-stable; do
		if command -v "$name"; then
			return 0
		fi
	done
	return 1
}

# Installed again only when the list of packages has changed.
install_packages()
{
	if cmp -s "$here/package-lock.json" "$build/package-lock.installed"; then
		return 0
	fi
	cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$build/"
	chmod u+w "$build/package.json" "$build/package-lock.json" "$build/.npmrc"
	(cd "$build" && npm ci --ignore-scripts --cache "$build/npm-cache") || return 1
	cp "$here/package-lock.json" "$build/package-lock.installed"
}

command -v node >/dev/null || skip "no node"
command -v npm >/dev/null || skip "no npm"
CHROMIUM=${CHROMIUM:-$(find_chromium)} || skip "no chromium (set CHROMIUM to its path)"
if test -n "$CHAT" && test ! -x "$CHAT"; then
	echo "run.sh: $CHAT is not a program" >&2
	exit 2
fi
install_packages || skip "npm could not install the packages"

mkdir -p "$build/home" "$build/screenshots"
TMPDIR=$(mktemp -d "$build/tmp.XXXXXX")
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 1' HUP INT TERM

HOME=$build/home
XDG_CONFIG_HOME=$HOME/.config
XDG_CACHE_HOME=$HOME/.cache
NODE_MODULES_OF=$build/package.json
SCREENSHOTS=$build/screenshots
PUBLIC=$top/public
COURSE_SEEDS=${COURSE_SEEDS-$top/../shared/seeds}
export CHAT CHROMIUM TMPDIR HOME XDG_CONFIG_HOME XDG_CACHE_HOME NODE_MODULES_OF \
	SCREENSHOTS PUBLIC COURSE_SEEDS

node "$here/main.mjs" "$only"
