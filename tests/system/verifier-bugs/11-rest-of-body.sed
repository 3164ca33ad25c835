# SPDX-License-Identifier: ISC
# lib/event.c: bytes behind an event are left in its frame
s/if (b\.len != 0)/if (b.len > FRAME_BODY_MAX)/
