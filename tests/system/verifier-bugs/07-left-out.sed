# SPDX-License-Identifier: ISC
# lib/chain.c: numbers of frames need only rise
s/f->number != c->frame/f->number < c->frame/
