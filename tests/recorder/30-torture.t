#!/bin/sh
# SPDX-License-Identifier: ISC
# What users complain about first: that the wrapper breaks terminals.  The cases
# are in torture_*.py; 30-torture.t WORD... runs those with a WORD in their name.
[ -x /usr/bin/python3 ] || { echo "1..0 # SKIP no python3"; exit 0; }
here=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/recorder
: "${top_builddir:=$here/../../build}"
export top_builddir PYTHONDONTWRITEBYTECODE=1
exec /usr/bin/python3 "$here/torture.py" "$@"
