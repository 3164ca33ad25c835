# SPDX-License-Identifier: ISC
# lib/container_damage.c: the digest of the table is not compared
s/memcmp(digest, trailer, sizeof(trailer)) == 0 ? 0 : E_DIGEST/0/
