/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "forward.h"
#include "io.h"
#include "ledger_file.h"
#include "log.h"

#define PART (256 << 10)

/* Bytes of whole entries at p.  What begins none is passed on as it is, once nothing can
 * follow that would complete it: it is evidence, too. */
static size_t whole_entries(struct forward *f, const uint8_t *p, size_t len,
    int (*take)(struct forward *f, const struct entry *e), int *error)
{
	struct entry e;
	size_t at = 0, size;

	while (*error == 0 && !f->ledger_bad && len - at >= LEDGER_SIZE) {
		size = get_u16(p + at);
		if (size >= ENTRY_HEADER && size <= ENTRY_MAX && len - at - LEDGER_SIZE < size)
			break;
		if (size < ENTRY_HEADER || size > ENTRY_MAX ||
		    entry_parse(p + at + LEDGER_SIZE, size, &e) != 0) {
			log_warn("the ledger is malformed; it is forwarded as it is from there on");
			f->ledger_bad = 1;
			break;
		}
		if (take != NULL)
			*error = take(f, &e);
		at += LEDGER_SIZE + size;
	}
	return f->ledger_bad ? len : at;
}

static int take_entry(struct forward *f, const struct entry *e)
{
	if (e->type == ENTRY_CLOSE)
		sessions_closed(f, e->u.close.n);
	return e->type == ENTRY_PURGE ? sessions_purged(f, e->u.purge.n) : 0;
}

/* Reads the ledger from what was sent up to `to`, whole entries at a time. */
static int walk(struct forward *f, uint64_t from, uint64_t *to,
    int (*take)(struct forward *f, const struct entry *e),
    int (*put)(struct forward *f, const uint8_t *p, size_t len))
{
	int fd = place_file(&f->place, LEDGER_DIR "/" LEDGER_LOG), r = 0;
	uint8_t *buf = fd >= 0 ? malloc(PART) : NULL;
	uint64_t off = from;
	ssize_t n = 0;

	if (buf != NULL && (put == NULL || fdatasync(fd) == 0)) {
		while (r == 0 && off < *to && (n = io_pread_all(fd, buf, *to - off < PART ?
		    (size_t)(*to - off) : PART, off)) > 0) {
			size_t len = whole_entries(f, buf, (size_t)n, take, &r);

			if (len == 0)
				break;
			if (r == 0 && put != NULL)
				r = put(f, buf, len);
			off += len;
		}
	}
	*to = off;
	free(buf);
	if (fd >= 0)
		close(fd);
	return r;
}

int forward_ledger_look(struct forward *f, uint64_t *to)
{
	*to = UINT64_MAX;
	return walk(f, f->ledger, to, take_entry, NULL);
}

static int put_part(struct forward *f, const uint8_t *p, size_t len)
{
	struct cursor_mark m = {.what = CURSOR_LEDGER, .off = f->ledger + len};
	int r = sender_put_bytes(f->sender, 3, 0, "1970/01/01", f->ledger, p, len);

	f->ledger += len;
	if (r == 0)
		r = sender_mark(f->sender, &m);
	return r == 0 && sender_due(f->sender) ? sender_commit(f->sender) : r;
}

int forward_ledger(struct forward *f, uint64_t to)
{
	return walk(f, f->ledger, &to, NULL, put_part);
}
