#!/bin/sh
# SPDX-License-Identifier: ISC
# The kernel's process accounting for real, in a pid namespace of its own for each
# scenario of acct_check.  Needs root; as root, none of these may be skipped.

check=$top_builddir/tests/collector/acct_check
dir=$(mktemp -d "${TMPDIR:-/tmp}/accounting.XXXXXX") || exit 99
trap 'rm -rf "$dir"' EXIT

set -- storm big-storm families tree killed taken turned-off cut removed foreign-bytes \
	second-start other-boot backlog not-permitted
echo "1..$#"
n=0
for scenario; do
	n=$((n + 1))
	if [ "$(id -u)" != 0 ]; then
		echo "ok $n - $scenario # SKIP not root"
		continue
	fi
	mkdir -p "$dir/$scenario" && chmod 755 "$dir"
	# a shell as process 1, so that a lost child is reaped and has a parent
	if timeout 300 unshare -pf --mount-proc sh -c '"$@"; exit $?' sh \
	    "$check" "$dir/$scenario" "$scenario" >"$dir/log" 2>&1; then
		echo "ok $n - $scenario"
	else
		echo "not ok $n - $scenario"
	fi
	sed 's/^#* */# /' "$dir/log"
done
