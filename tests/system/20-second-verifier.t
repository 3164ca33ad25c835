#!/bin/sh
# SPDX-License-Identifier: ISC
# Holds the second verifier, which knows the format from its page alone, against
# the known-answer vectors and against shellac verify.
python=/usr/bin/python3
if ! "$python" -c 'import nacl.bindings' 2>/dev/null; then
	echo "1..0 # SKIP $python has no nacl"
	exit 0
fi
if ! command -v zstd >/dev/null; then
	echo "1..0 # SKIP there is no zstd command"
	exit 0
fi
exec "$python" "$top_srcdir/tests/system/second-verifier.py" \
	"$top_srcdir/tests/lib/vectors" "$top_builddir/auditor/shellac"
