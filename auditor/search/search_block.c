/* SPDX-License-Identifier: ISC */
#include "search/search_block.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "err.h"

#define LEVEL 1
#define HEADER (8 + ID_SIZE + 4 + 4) /* n, id, seq, bytes of meta */
#define META_MAX (1 + 4 * VARINT_MAX) /* of a line */
#define FLAG_SOURCE 3
#define FLAG_TYPED 4

/*
 * A block: the header; for each line a byte of flags and the numbers len, at_ns and chunk as
 * differences to the line before, and typed where there is one; the text of all lines.
 */
struct grows {
	uint8_t *p;
	size_t len, room;
};

struct block_writer {
	struct block_name name;
	struct grows meta, text, plain, packed;
	struct search_line last;
	struct trigrams trigrams;
	ZSTD_CCtx *pack;
	int (*end)(void *arg, const uint8_t *packed, size_t len, const struct trigrams *t);
	void *arg;
};

static int grow(struct grows *g, size_t more)
{
	size_t room = g->room;
	uint8_t *p;

	if (more <= g->room - g->len)
		return 0;
	while (room - g->len < more)
		room = room > 0 ? 2 * room : 65536;
	p = realloc(g->p, room);
	if (p == NULL)
		return -ENOMEM;
	g->p = p;
	g->room = room;
	return 0;
}

static void append(struct grows *g, const void *p, size_t len)
{
	if (len > 0)
		memcpy(g->p + g->len, p, len);
	g->len += len;
}

/* A difference to what came before, small for small ones of either sign. */
static uint64_t zigzag(int64_t d)
{
	return (uint64_t)d << 1 ^ (uint64_t)(d >> 63);
}

static int64_t unzigzag(uint64_t v)
{
	return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

struct block_writer *block_writer_new(uint64_t n, const uint8_t id[ID_SIZE],
    int (*end)(void *arg, const uint8_t *packed, size_t len, const struct trigrams *t),
    void *arg)
{
	struct block_writer *w = calloc(1, sizeof *w);

	if (w == NULL || (w->pack = ZSTD_createCCtx()) == NULL) {
		free(w);
		return NULL;
	}
	ZSTD_CCtx_setParameter(w->pack, ZSTD_c_compressionLevel, LEVEL);
	ZSTD_CCtx_setParameter(w->pack, ZSTD_c_checksumFlag, 1);
	w->name.n = n;
	memcpy(w->name.id, id, ID_SIZE);
	w->end = end;
	w->arg = arg;
	return w;
}

void block_writer_free(struct block_writer *w)
{
	if (w == NULL)
		return;
	free(w->meta.p);
	free(w->text.p);
	free(w->plain.p);
	free(w->packed.p);
	ZSTD_freeCCtx(w->pack);
	free(w);
}

static void put_header(uint8_t out[HEADER], const struct block_name *name, size_t meta)
{
	put_u64(out, name->n);
	memcpy(out + 8, name->id, ID_SIZE);
	put_u32(out + 8 + ID_SIZE, name->seq);
	put_u32(out + 8 + ID_SIZE + 4, (uint32_t)meta);
}

int block_writer_end(struct block_writer *w)
{
	uint8_t header[HEADER];
	size_t n;
	int r;

	if (w->meta.len == 0)
		return 0;
	w->plain.len = 0;
	if ((r = grow(&w->plain, HEADER + w->meta.len + w->text.len)) != 0 ||
	    (r = grow(&w->packed, ZSTD_compressBound(HEADER + w->meta.len + w->text.len))) != 0)
		return r;
	put_header(header, &w->name, w->meta.len);
	append(&w->plain, header, HEADER);
	append(&w->plain, w->meta.p, w->meta.len);
	append(&w->plain, w->text.p, w->text.len);
	n = ZSTD_compress2(w->pack, w->packed.p, w->packed.room, w->plain.p, w->plain.len);
	if (ZSTD_isError(n))
		return -ENOMEM;
	r = w->end(w->arg, w->packed.p, n, &w->trigrams);
	w->name.seq++;
	w->meta.len = w->text.len = 0;
	w->last = (struct search_line){ .at_ns = 0 };
	memset(&w->trigrams, 0, sizeof w->trigrams);
	return r;
}

static void put_meta(struct block_writer *w, const struct search_line *l)
{
	uint8_t p[META_MAX];
	size_t n = 0;

	p[n++] = (uint8_t)(l->source | (l->typed != SEARCH_NOT_TYPED ? FLAG_TYPED : 0));
	n += varint_put(p + n, l->len);
	n += varint_put(p + n, zigzag((int64_t)(l->at_ns - w->last.at_ns)));
	n += varint_put(p + n, zigzag(l->chunk - w->last.chunk));
	if (l->typed != SEARCH_NOT_TYPED)
		n += varint_put(p + n, l->typed);
	append(&w->meta, p, n);
	w->last.at_ns = l->at_ns;
	w->last.chunk = l->chunk;
}

int block_writer_line(void *writer, const struct search_line *l)
{
	struct block_writer *w = writer;
	int r;

	if (l->len > BLOCK_PLAIN_MAX / 2 || l->at_ns > INT64_MAX / 2 || l->chunk < -1 ||
	    l->chunk > INT64_MAX / 4)
		return E_RANGE;
	if ((r = grow(&w->meta, META_MAX)) != 0 || (r = grow(&w->text, l->len + 1)) != 0 ||
	    (r = trigrams_add(&w->trigrams, l->text, l->len)) != 0)
		return r;
	put_meta(w, l);
	append(&w->text, l->text, l->len);
	append(&w->text, "\n", 1);
	return w->text.len >= BLOCK_TEXT || w->trigrams.set >= BLOCK_TRIGRAMS ||
	    w->meta.len >= BLOCK_TEXT ? block_writer_end(w) : 0;
}

static int unpack(struct block_reader *b, const uint8_t *packed, size_t len, size_t *plain)
{
	unsigned long long size = ZSTD_getFrameContentSize(packed, len);
	uint8_t *p;
	size_t n;

	if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR ||
	    size > BLOCK_PLAIN_MAX || size < HEADER)
		return E_FORMAT;
	if (b->unpack == NULL && (b->unpack = ZSTD_createDCtx()) == NULL)
		return -ENOMEM;
	if (size > b->room) {
		if ((p = realloc(b->plain, size)) == NULL)
			return -ENOMEM;
		b->plain = p;
		b->room = size;
	}
	n = ZSTD_decompressDCtx(b->unpack, b->plain, b->room, packed, len);
	if (ZSTD_isError(n) || n != size)
		return E_FORMAT;
	*plain = n;
	return 0;
}

int block_reader_open(struct block_reader *b, const uint8_t *packed, size_t len,
    const struct block_name *name)
{
	uint8_t header[HEADER];
	size_t plain, meta;
	int r = unpack(b, packed, len, &plain);

	if (r != 0)
		return r;
	meta = get_u32(b->plain + HEADER - 4);
	put_header(header, name, meta);
	if (memcmp(header, b->plain, HEADER) != 0 || meta > plain - HEADER)
		return E_FORMAT;
	b->meta = (struct rest){ b->plain + HEADER, meta };
	b->text = (const char *)b->plain + HEADER + meta;
	b->text_len = plain - HEADER - meta;
	b->at = (struct search_line){ .text = b->text };
	b->next = 0;
	return 0;
}

void block_reader_release(struct block_reader *b)
{
	free(b->plain);
	ZSTD_freeDCtx(b->unpack);
	memset(b, 0, sizeof *b);
}

static int number(struct rest *rest, uint64_t *v)
{
	int n = varint_get(rest->p, rest->len, v);

	if (n < 0)
		return E_FORMAT;
	rest_take(rest, (size_t)n);
	return 0;
}

int block_reader_next(struct block_reader *b)
{
	uint64_t len, at, chunk, typed = SEARCH_NOT_TYPED;
	const uint8_t *flags;

	if (b->meta.len == 0)
		return b->next == b->text_len ? 0 : E_FORMAT;
	flags = rest_take(&b->meta, 1);
	if (number(&b->meta, &len) != 0 || number(&b->meta, &at) != 0 ||
	    number(&b->meta, &chunk) != 0 ||
	    (*flags & FLAG_TYPED && (number(&b->meta, &typed) != 0 || typed > len)) ||
	    *flags > (FLAG_SOURCE | FLAG_TYPED) || len >= b->text_len - b->next ||
	    b->text[b->next + len] != '\n')
		return E_FORMAT;
	b->at.source = *flags & FLAG_SOURCE;
	b->at.at_ns += (uint64_t)unzigzag(at);
	b->at.chunk = (int64_t)((uint64_t)b->at.chunk + (uint64_t)unzigzag(chunk));
	b->at.typed = (size_t)typed;
	b->at.text = b->text + b->next;
	b->at.len = (size_t)len;
	b->next += (size_t)len + 1;
	return 1;
}
