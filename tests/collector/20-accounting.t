#!/bin/sh
# SPDX-License-Identifier: ISC
# The kernel's process accounting for real, in a pid namespace of its own for each
# scenario of acct_check.  Needs root; as root, none of these may be skipped.

check=$top_builddir/tests/collector/acct_check
dir=$(mktemp -d "${TMPDIR:-/tmp}/accounting.XXXXXX") || exit 99
trap 'rm -rf "$dir"' EXIT

set -- storm big-storm rotations rotated families tree killed \
	taken retaken left-then-retaken fought-for turned-off gone \
	cut cut-and-grown removed replaced moved-folder foreign-bytes \
	suspended-from-start unmounted \
	second-start other-boot backlog not-permitted suspended stood-still
echo "1..$#"
n=0

play() { # SCENARIO
	mkdir -p "$dir/$1" && chmod 755 "$dir"
	# a shell as process 1, so that a lost child is reaped and has a parent
	timeout 300 unshare -pf --mount-proc sh -c '"$@"; exit $?' sh \
	    "$check" "$dir/$1" "$1" >"$dir/$1.log" 2>&1
}

# these wait for half a minute: beside the others
if [ "$(id -u)" = 0 ]; then
	play suspended &
	suspended=$!
	play stood-still &
	still=$!
fi
for scenario; do
	n=$((n + 1))
	if [ "$(id -u)" != 0 ]; then
		echo "ok $n - $scenario # SKIP not root"
		continue
	fi
	case $scenario in
	suspended) wait "$suspended" ;;
	stood-still) wait "$still" ;;
	*) play "$scenario" ;;
	esac && echo "ok $n - $scenario" || echo "not ok $n - $scenario"
	sed 's/^#* */# /' "$dir/$scenario.log"
done
