# SPDX-License-Identifier: ISC
# lib/chain.c: frames may follow END
s/if (c->ended)/if (c->ended \&\& f->type == FRAME_CERT)/
