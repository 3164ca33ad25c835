#!/bin/sh
# SPDX-License-Identifier: ISC
# The end-to-end suite once more: installed, in the system's places, with real
# accounting; an ordinary user is recorded, root collects and looks at it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/installed.sh"

SHELLAC_TEST_USER=shla /bin/sh "$top_srcdir/tests/system/session.sh" installed
