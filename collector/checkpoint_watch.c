/* SPDX-License-Identifier: ISC */
#include "checkpoint_watch.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base64.h"
#include "err.h"
#include "io.h"
#include "ledger_file.h"
#include "log.h"
#include "note_line.h"

struct checkpoint_watch {
	struct collector *c;
	void (*fn)(void *arg, const char *note, size_t len);
	void *arg;
	int dir, inotify;
	struct source source;
	struct checkpoint last;
};

int checkpoint_watch_check(const struct collector *c, const struct note *n,
    struct checkpoint *cp, struct note_key *by)
{
	char origin[NOTE_NAME_MAX + 1];
	struct checkpoint got;
	int r = checkpoint_parse(&got, n->text, n->text_len);

	checkpoint_origin(origin, c->pk);
	if (r == 0)
		r = host_chain_verify(&c->keys, origin, n, &got, by);
	if (r == 0)
		*cp = got;
	return r;
}

/* "— NAME BASE64": what follows the dash, without the line feed. */
static void say(const struct checkpoint *cp, const struct note *n, const struct note_key *key)
{
	char root[BASE64_SIZE(MERKLE_HASH)];
	char line[NOTE_LINE_MAX];

	if (note_line_of(line, n, key) != 0)
		return;
	line[strcspn(line, "\n")] = '\0';
	base64_put(root, cp->root, MERKLE_HASH);
	log_info("checkpoint %" PRIu64 " %s %s", cp->size, root, strchr(line, ' ') + 1);
}

static void take(struct checkpoint_watch *w, const char *text, size_t len)
{
	struct checkpoint cp;
	struct note_key key;
	struct note n;
	int r;

	r = note_parse(&n, text, len);
	if (r == 0)
		r = checkpoint_watch_check(w->c, &n, &cp, &key);
	if (r != 0) {
		log_error("%s/" LEDGER_DIR "/" LEDGER_CHECKPOINT ": %s; it goes nowhere",
		    w->c->paths.store, err_text(r));
		return;
	}
	if (cp.size == w->last.size && memcmp(cp.root, w->last.root, MERKLE_HASH) == 0)
		return;
	w->last = cp;
	if (w->c->conf.checkpoint_syslog)
		say(&cp, &n, &key);
	w->fn(w->arg, text, len);
}

static void look(struct checkpoint_watch *w)
{
	uint8_t *text;
	size_t len;

	if (io_read_file(w->dir, LEDGER_CHECKPOINT, NOTE_MAX, &text, &len) != 0)
		return;
	take(w, (const char *)text, len);
	free(text);
}

/* Whatever moved there: the file is looked at. */
static void moved(void *arg, uint32_t events)
{
	char buf[4096] __attribute__((aligned(8)));
	struct checkpoint_watch *w = arg;

	(void)events;
	while (read(w->inotify, buf, sizeof(buf)) > 0)
		;
	look(w);
}

static int watch(struct checkpoint_watch *w)
{
	char path[PATH_MAX + sizeof(LEDGER_DIR) + 1];

	w->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (w->inotify < 0)
		return -errno;
	snprintf(path, sizeof(path), "%s/" LEDGER_DIR, w->c->paths.store);
	if (inotify_add_watch(w->inotify, path, IN_MOVED_TO | IN_ONLYDIR) < 0)
		return -errno;
	return loop_add(&w->c->loop, &w->source, w->inotify, EPOLLIN, moved, w);
}

int checkpoint_watch_open(struct checkpoint_watch **out, struct collector *c,
    void (*fn)(void *arg, const char *note, size_t len), void *arg)
{
	struct checkpoint_watch *w = calloc(1, sizeof(*w));
	int r;

	if (w == NULL)
		return -ENOMEM;
	w->c = c;
	w->fn = fn;
	w->arg = arg;
	w->inotify = -1;
	w->dir = io_make_dir(c->store.dir, LEDGER_DIR, 0700);
	r = w->dir < 0 ? w->dir : watch(w);
	if (r != 0) {
		checkpoint_watch_close(w);
		return r;
	}
	look(w);
	*out = w;
	return 0;
}

void checkpoint_watch_close(struct checkpoint_watch *w)
{
	if (w == NULL)
		return;
	if (w->source.added) {
		look(w);
		loop_del(&w->c->loop, &w->source);
	}
	if (w->inotify >= 0)
		close(w->inotify);
	if (w->dir >= 0)
		close(w->dir);
	free(w);
}

uint64_t checkpoint_watch_size(const struct checkpoint_watch *w)
{
	return w == NULL ? 0 : w->last.size;
}
