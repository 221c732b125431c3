#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Stands in for all test programs when configure did not find cmocka: no one
# shall take a run without them for a passed one.

echo "cmocka is missing, so no test program was built" \
	"(on Debian: apt-get install libcmocka-dev, then configure again)"
exit 1
