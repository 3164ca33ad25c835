/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SEARCH_BLOCK_H
#define SHELLAC_SEARCH_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "bytes.h"
#include "search/search_line.h"
#include "search/trigram.h"
#include "seal.h"

/*
 * Lines of a session as the index keeps them: some at a time, packed with zstd, and which
 * trigrams they have.
 */
#define BLOCK_TEXT ((size_t)131072)      /* bytes of text in one, or */
#define BLOCK_TRIGRAMS 8192              /* bits that are set, and what the last line adds */
#define BLOCK_PLAIN_MAX ((size_t)32 << 20)

/* Of which session, and which of its blocks: a block says so itself. */
struct block_name {
	uint64_t n;
	uint8_t id[ID_SIZE];
	uint32_t seq;
};

struct block_writer;
/* end gets each block that is done; not 0 ends it and is returned.  NULL without memory. */
struct block_writer *block_writer_new(uint64_t n, const uint8_t id[ID_SIZE],
    int (*end)(void *arg, const uint8_t *packed, size_t len, const struct trigrams *t),
    void *arg);
void block_writer_free(struct block_writer *w); /* NULL is fine */
/* A search_line_fn.  0; E_RANGE: a line too long; -ENOMEM; what end returned. */
int block_writer_line(void *writer, const struct search_line *l);
/* The last block. */
int block_writer_end(struct block_writer *w);

struct block_reader {
	uint8_t *plain;
	size_t room;
	void *unpack;          /* of libzstd */
	const char *text;      /* all of the block's, each line ended by a line feed */
	size_t text_len;
	struct rest meta;
	struct search_line at; /* the line given last */
	size_t next;           /* its end */
};

/* Begin with { 0 }.  Unpacks a hostile block and checks its name.  0; E_FORMAT; -ENOMEM. */
int block_reader_open(struct block_reader *b, const uint8_t *packed, size_t len,
    const struct block_name *name);
void block_reader_release(struct block_reader *b);
/* 1 and b->at, 0 at the end, E_FORMAT. */
int block_reader_next(struct block_reader *b);

#endif
