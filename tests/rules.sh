# SPDX-License-Identifier: MIT
#
# For scripts that check a list of rules: each names what breaks it, and all of
# them are looked at before the script ends.

broken=$(mktemp) || exit 99
trap 'rm -f "$broken"' EXIT

# complain TEXT: the lines on standard input, if any, break the rule TEXT
complain()
{
	lines=$(cat)
	if test -n "$lines"; then
		echo "$lines" | sed 's/^/    /'
		echo "$1" | tee -a "$broken"
	fi
}

all_kept()
{
	test ! -s "$broken"
}
