# SPDX-License-Identifier: ISC
# lib/segment.c: something may follow the zstd frame of a segment
s/if (z\.size != len)/if (z.size > len)/
s/s->packed = z\.size;/s->packed = (uint32_t)len;/
