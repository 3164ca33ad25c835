/* SPDX-License-Identifier: ISC */
#include "pusher.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "hash.h"
#include "io.h"
#include "ledger.h"
#include "log.h"
#include "pusher_internal.h"
#include "status.h"

#define DELAY_MIN_MS 1000
#define DELAY_MAX_MS 60000
#define LONG_NS (60 * UINT64_C(1000000000)) /* who lived so long is started at once again */

/* How it ended, for waitpid(2); it has ended already or is made to. */
static int reap(struct pusher *p)
{
	int status = 0;

	loop_del(&p->c->loop, &p->source);
	close(p->sock);
	p->sock = -1;
	kill(p->pid, SIGKILL);
	while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static void start_later(struct pusher *p)
{
	if (p->delay_ms == 0 || clock_mono() - p->started_ns >= LONG_NS)
		p->delay_ms = DELAY_MIN_MS;
	else
		p->delay_ms = p->delay_ms * 2 < DELAY_MAX_MS ? p->delay_ms * 2 : DELAY_MAX_MS;
	loop_timer(&p->c->loop, &p->again, p->delay_ms);
}

static void ended(struct pusher *p)
{
	int status = reap(p);

	start_later(p);
	log_error("the pusher %s %d; starting it again in %u ms", WIFSIGNALED(status) ?
	    "was ended by signal" : "ended with status", WIFSIGNALED(status) ? WTERMSIG(status) :
	    WEXITSTATUS(status), p->delay_ms);
}

/* The socket has room for some ten notes: a child that takes none is ended by who
 * sees that next, and its successor gets the newest. */
static void tell(struct pusher *p, enum push_type type, const char *text, size_t len)
{
	static char message[PUSH_MAX];

	if (p->sock < 0 || len == 0)
		return;
	message[0] = (char)type;
	memcpy(message + 1, text, len);
	if (send(p->sock, message, 1 + len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno == EAGAIN)
		kill(p->pid, SIGKILL);
}

static void heard(void *arg, uint32_t events)
{
	struct pusher *p = arg;
	ssize_t n = recv(p->sock, p->in, sizeof(p->in), MSG_DONTWAIT);

	(void)events;
	if (n > 0)
		pusher_hear(p, p->in, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		ended(p);
}

static void start(void *arg)
{
	struct pusher *p = arg;
	int r;

	r = pusher_spawn(p);
	if (r == 0) {
		p->started_ns = clock_mono();
		r = loop_add(&p->c->loop, &p->source, p->sock, EPOLLIN, heard, p);
		if (r != 0)
			reap(p);
	}
	if (r != 0) {
		start_later(p);
		log_error("the pusher cannot be started: %s; trying again in %u ms", err_text(r),
		    p->delay_ms);
		return;
	}
	tell(p, PUSH_POLICY, p->text, p->len);
	tell(p, PUSH_CHECKPOINT, p->note, p->note_len);
}

static void stop(struct pusher *p)
{
	loop_timer_clear(&p->again);
	if (p->sock >= 0)
		reap(p);
	policy_free(p->policy);
	free(p->text);
	p->policy = NULL;
	p->text = NULL;
	p->len = 0;
	p->delay_ms = 0;
	memset(p->witness, 0, sizeof(p->witness));
}

/* The policy's text; none, and NULL, is one too.  0, or it has said why not. */
static int read_policy(const char *path, char **text, size_t *len)
{
	uint8_t *read = NULL;
	int r;

	*text = NULL;
	*len = 0;
	if (path[0] == '\0')
		return 0;
	r = io_read_file(AT_FDCWD, path, POLICY_FILE_MAX, &read, len);
	if (r != 0)
		log_error("witness_policy %s: %s; nothing is sent to witnesses", path, err_text(r));
	*text = (char *)read;
	return r;
}

/* Which policy is in force is the ledger's business, too. */
static void say_policy(struct pusher *p)
{
	struct entry e = {.type = ENTRY_CONFIG, .u.config.what = CONFIG_POLICY};

	hash_of(e.u.config.hash, p->len > 0 ? p->text : "", p->len);
	if (p->len == 0 && !p->said)
		return;
	p->said = 1;
	ledger_say(p->c->ledger, &e);
}

static int parse_policy(struct pusher *p)
{
	unsigned line;
	int r = policy_parse(&p->policy, p->text, p->len, &line);

	if (r != 0)
		log_error("witness_policy %s:%u: %s; nothing is sent to witnesses",
		    p->c->conf.witness_policy, line, r == E_KEY ? "not a verifier key" : err_text(r));
	return r;
}

void pusher_reread(struct pusher *p)
{
	size_t len;
	char *text;
	int r;

	r = read_policy(p->c->conf.witness_policy, &text, &len);
	if (r == 0 && len == p->len && (len == 0 || memcmp(text, p->text, len) == 0)) {
		free(text);
		return;
	}
	stop(p);
	p->text = text;
	p->len = len;
	say_policy(p);
	if (len == 0 || parse_policy(p) != 0)
		return;
	pusher_load_cosigned(p);
	start(p);
}

static void new_checkpoint(void *arg, const char *note, size_t len)
{
	struct pusher *p = arg;

	memcpy(p->note, note, len);
	p->note_len = len;
	tell(p, PUSH_CHECKPOINT, p->note, p->note_len);
}

int pusher_open(struct pusher **out, struct collector *c)
{
	struct pusher *p = calloc(1, sizeof(*p));
	int r;

	if (p == NULL)
		return -ENOMEM;
	p->c = c;
	p->sock = -1;
	p->again = (struct timer){.fn = start, .arg = p};
	r = checkpoint_watch_open(&p->watch, c, new_checkpoint, p);
	if (r != 0) {
		free(p);
		return r;
	}
	pusher_reread(p);
	*out = p;
	return 0;
}

void pusher_close(struct pusher *p)
{
	if (p == NULL)
		return;
	checkpoint_watch_close(p->watch);
	stop(p);
	free(p);
}

static json_t *witness_status(const struct pusher *p, unsigned i)
{
	const struct policy_witness *known = policy_witness(p->policy, i);
	const struct push_witness *w = &p->witness[i];
	uint64_t size = checkpoint_watch_size(p->watch);

	return json_pack("{s:o, s:s, s:I, s:I, s:I, s:o}", "name", status_text(known->name),
	    "state", push_state_word(w->state), "size", (json_int_t)w->size,
	    "behind", (json_int_t)(size > w->size ? size - w->size : 0),
	    "time", (json_int_t)w->time_s, "error", status_text(w->text));
}

json_t *pusher_status(const struct pusher *p)
{
	json_t *list = json_array();
	unsigned i;

	if (p == NULL || p->policy == NULL || list == NULL)
		return list;
	for (i = 0; i < policy_witnesses(p->policy); i++)
		json_array_append_new(list, witness_status(p, i));
	return list;
}
