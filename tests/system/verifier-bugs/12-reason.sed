# SPDX-License-Identifier: ISC
# lib/seal.c: only END must have a reason that is known
s/return s->reason == GAP_NO_ROOM;/return 1;/
