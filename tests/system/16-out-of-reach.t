#!/bin/sh
# SPDX-License-Identifier: ISC
# The user of a session cannot reach its recorder: see out_of_reach.py.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/installed.sh"

# programs, scripts and objects that ordinary users need
cp "$top_srcdir/tests/system/attacks.py" "$top_srcdir/tests/system/odd.py" \
	"$top_builddir/tests/system/shim_clock.so" "$home" || exit 1
chmod 755 "$home"/*.*
PLACES="$bindir $sbindir $sysconfdir $localstatedir $runstatedir $home" \
	"$python" "$top_srcdir/tests/system/out_of_reach.py"
