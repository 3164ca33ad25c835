# SPDX-License-Identifier: ISC
# lib/chain.c: an event needs no BEGIN before it
s/(e->type == FRAME_BEGIN) != (c->payload_len == 0)/0/
