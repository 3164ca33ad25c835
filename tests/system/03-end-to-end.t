#!/bin/sh
# SPDX-License-Identifier: ISC
# A session from the terminal to the auditor, in a private folder and without
# privileges.  Root becomes another user for it, with copies of what is needed,
# as that user may not reach the tree.
. "$(dirname "$0")/lib.sh"

if [ "$(id -u)" = 0 ]; then
	for file in recorder/shellac-rec collector/shellacd auditor/shellac \
	    tests/recorder/ptyx; do
		mkdir -p "$work/b/${file%/*}"
		cp "$top_builddir/$file" "$work/b/$file"
	done
	mkdir -p "$work/s/tests"
	cp -R "$top_srcdir/tests/system" "$work/s/tests/"
	chmod -R go+rX "$work"
	top_srcdir=$work/s top_builddir=$work/b setpriv --reuid=65534 --regid=65534 \
		--clear-groups -- /bin/sh "$work/s/tests/system/session.sh" private
else
	/bin/sh "$top_srcdir/tests/system/session.sh" private
fi
