/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_CACHE_H
#define SHELLAC_CACHE_H

/*
 * What an auditor keeps to be quicker the next time: never a part of a store, so that
 * reading one leaves it as it was, and whoever wrote it cannot hide anything by it.
 */

/* The path of a cache of this kind ("process") for a store, $XDG_CACHE_HOME/shellac/KIND-KEY.db,
 * into a new string that the caller frees; makes the folders.  Copies of one store are told
 * by where they are: what they hold is checked.  0 or -errno: there is no place for one. */
int cache_path(char **out, const char *kind, const char *store_path);

#endif
