/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PACK_H
#define SHELLAC_PACK_H

#include <stdatomic.h>
#include <sys/types.h>

/* Makes from the file name below dir the file packed, one zstd frame with a checksum and the
 * same mode, on disk before name is deleted.  Where it fails, or *stop gets set, all is as it
 * was.  0, -ECANCELED or -errno. */
int pack_file(int dir, const char *name, const char *packed, const atomic_int *stop);

#endif
