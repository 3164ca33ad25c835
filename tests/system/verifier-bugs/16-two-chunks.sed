# SPDX-License-Identifier: ISC
# lib/container.c: a segment may hold more than one chunk
s/segment_frames(c->buf, len, 1, /segment_frames(c->buf, len, 0, /
