/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FLEET_STORE_H
#define SHELLAC_FLEET_STORE_H

#include "store/fleet.h"
#include "store/store.h"

/*
 * One host's store in a fleet's database, behind struct store: its files are put together
 * from their pieces into temporary files without a name, of which a few are kept open.
 */
struct fleet_store;

/* f and h stay the caller's, and longer than s.  0 or -ENOMEM. */
int fleet_store_open(struct store *s, struct fleet *f, const struct fleet_host *h);
void fleet_store_free(struct fleet_store *fs); /* NULL is fine; store_close() does it */

/* What a question leaves of a host's sessions, by the fleet's index: those that began in this
 * time, of this user. */
struct fleet_narrow {
	const char *user;  /* a name, NULL: of all */
	int has_uid;       /* or this number */
	uint32_t uid;
	int64_t from_ns, to_ns; /* INT64_MIN, INT64_MAX: whenever */
};

/* The next walk finds only those; n stays the caller's.  NULL: all. */
void fleet_store_narrow(struct store *s, const struct fleet_narrow *n);
/* Which hosts have any: fits[i] is 1 or 0 for host i of the fleet.  0 or -EIO. */
int fleet_narrow_hosts(struct fleet *f, const struct fleet_narrow *n, uint8_t *fits);

/* By the index only sessions that have a row there are found (the default); by pieces all
 * that any are of, which takes longer. */
void fleet_store_by_pieces(struct store *s, int all);

/* store_walk(), store_open_file(), store_list() and store_file_state() of such a store. */
int fleet_store_walk(struct store *s);
int fleet_store_file(const struct store *s, const char *path);
int fleet_store_list(const struct store *s, const char *folder,
    int (*take)(void *arg, const char *name), void *arg);
int fleet_store_state(const struct store *s, const char *path, struct store_state *out);

/* Tells the paths of all small files, by their names. */
int fleet_store_paths(const struct store *s, int (*take)(void *arg, const char *path), void *arg);

/* After store_walk(): does the fleet say that its policy deleted this session?  Nobody's
 * signature does. */
int fleet_store_dropped(const struct store *s, uint64_t n);

/* So many bytes of process records, before the first that are here, does the fleet say that it
 * has no more.  0 or -EIO. */
int fleet_store_records_gone(const struct store *s, uint64_t *out);

/* Sets the state of each session that store_walk() found.  0 or -errno. */
int fleet_store_states(struct store *s);

/* What is wrong with the pieces of files that were put together, beside what their bytes
 * prove. */
struct fleet_fault {
	uint64_t n;    /* session, 0 for none */
	int64_t chunk; /* -1 for none */
	uint64_t offset;
	char text[120];
};

/* How many; beyond FLEET_FAULTS they are only counted. */
#define FLEET_FAULTS 256
size_t fleet_store_faults(const struct store *s, const struct fleet_fault **out);

/* Reads the host's tamper rows: what came once more with other bytes.  Each is told; 0 or
 * -EIO. */
int fleet_store_tampers(const struct store *s,
    void (*take)(void *arg, const struct fleet_fault *x), void *arg);

#endif
