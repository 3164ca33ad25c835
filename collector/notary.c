/* SPDX-License-Identifier: ISC */
#include "notary.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bytes.h"
#include "err.h"
#include "log.h"
#include "notary_serve.h"
#include "notary_wire.h"

#define ANSWER_S 10 /* one that takes longer is stopped, or worse */

struct notary {
	pid_t pid;
	int fd;
	uint8_t host_pk[PK_SIZE]; /* the first */
};

static ssize_t receive(int fd, uint8_t *p, size_t len)
{
	ssize_t n;

	do
		n = recv(fd, p, len, 0);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* What it answered late would be taken for the answer to the next question: so who
 * fails once is not asked again. */
static int give_up(struct notary *n)
{
	shutdown(n->fd, SHUT_RDWR);
	return -EPIPE;
}

/* Asks; answer has room for NOTARY_ANSWER_MAX.  The length of the body, which is behind
 * NOTARY_STATUS bytes, or what the notary said, or -EPIPE. */
static int ask(struct notary *n, const uint8_t *question, size_t len, uint8_t *answer)
{
	ssize_t got;
	int32_t status;

	if (n == NULL)
		return -EPIPE;
	if (send(n->fd, question, len, MSG_NOSIGNAL) != (ssize_t)len)
		return give_up(n);
	got = receive(n->fd, answer, NOTARY_ANSWER_MAX);
	if (got < NOTARY_STATUS)
		return give_up(n);
	status = (int32_t)get_u32(answer);
	if (status > 0 || (status < 0 && got != NOTARY_STATUS))
		return give_up(n);
	return status < 0 ? status : (int)(got - NOTARY_STATUS);
}

/* The same for an answer whose length is known: 0 or as above. */
static int ask_exactly(struct notary *n, const uint8_t *question, size_t len, uint8_t *answer,
    size_t want)
{
	int r = ask(n, question, len, answer);

	if (r >= 0 && (size_t)r != want)
		return give_up(n);
	return r < 0 ? r : 0;
}

int notary_cert(struct notary *n, uint8_t *p, size_t len)
{
	uint8_t question[NOTARY_QUESTION_MAX] = {NOTARY_CERT}, answer[NOTARY_ANSWER_MAX];
	int r;

	if (len > sizeof(question) - 1)
		return E_RANGE;
	memcpy(question + 1, p, len);
	r = ask_exactly(n, question, 1 + len, answer, SIG_SIZE);
	if (r == 0)
		memcpy(p + len, answer + NOTARY_STATUS, SIG_SIZE);
	return r;
}

/* Puts what was answered into the entry.  0, or E_REFUSED for one of another type. */
static int fill_in(const struct notary *n, struct entry *e, const uint8_t *pk, const uint8_t *sig)
{
	switch (e->type) {
	case ENTRY_GENESIS:
		memcpy(e->u.genesis.host_pk, n->host_pk, PK_SIZE);
		memcpy(e->u.genesis.epoch_pk, pk, PK_SIZE);
		memcpy(e->u.genesis.sig, sig, SIG_SIZE);
		return 0;
	case ENTRY_RECOVER:
		memcpy(e->u.recover.epoch_pk, pk, PK_SIZE);
		memcpy(e->u.recover.sig, sig, SIG_SIZE);
		return 0;
	case ENTRY_EPOCH:
		memcpy(e->u.epoch.next_pk, pk, PK_SIZE);
		memcpy(e->u.epoch.sig, sig, SIG_SIZE);
		return 0;
	case ENTRY_KEY:
		memcpy(e->u.key.host_pk, pk, PK_SIZE);
		memcpy(e->u.key.old_sig, sig, SIG_SIZE);
		memcpy(e->u.key.new_sig, sig + SIG_SIZE, SIG_SIZE);
		return 0;
	default:
		return E_REFUSED;
	}
}

int notary_entry(struct notary *n, uint8_t *p, size_t len)
{
	uint8_t question[1 + ENTRY_MAX] = {NOTARY_ENTRY}, answer[NOTARY_ANSWER_MAX];
	const uint8_t *body = answer + NOTARY_STATUS;
	size_t want = PK_SIZE + SIG_SIZE;
	struct entry e;
	int r;

	if (len > ENTRY_MAX)
		return E_RANGE;
	r = entry_parse(p, len, &e);
	if (r != 0)
		return r;
	memcpy(question + 1, p, len);
	if (e.type == ENTRY_KEY)
		want += SIG_SIZE;
	r = ask_exactly(n, question, 1 + len, answer, want);
	if (r == 0)
		r = fill_in(n, &e, body, body + PK_SIZE);
	if (r == 0)
		entry_put(p, &e);
	return r;
}

static int ask_about_key(struct notary *n, uint8_t verb, const uint8_t pk[PK_SIZE])
{
	uint8_t question[1 + PK_SIZE] = {verb}, answer[NOTARY_ANSWER_MAX];

	memcpy(question + 1, pk, PK_SIZE);
	return ask_exactly(n, question, sizeof(question), answer, 0);
}

int notary_epoch_key(struct notary *n, const uint8_t pk[PK_SIZE])
{
	return ask_about_key(n, NOTARY_EPOCH_KEY, pk);
}

int notary_host_key(struct notary *n, const uint8_t pk[PK_SIZE])
{
	return ask_about_key(n, NOTARY_HOST_KEY, pk);
}

int notary_checkpoint(struct notary *n, uint64_t size, const uint8_t root[MERKLE_HASH], char *out)
{
	uint8_t question[1 + NOTARY_STATE] = {NOTARY_CHECKPOINT}, answer[NOTARY_ANSWER_MAX];
	int r;

	put_u64(question + 1, size);
	memcpy(question + 1 + 8, root, MERKLE_HASH);
	r = ask(n, question, sizeof(question), answer);
	if (r > 0)
		memcpy(out, answer + NOTARY_STATUS, (size_t)r);
	return r == 0 ? give_up(n) : r;
}

static void say_why(const char *key_path, int step, int r)
{
	if (step == NOTARY_STEP_HOST)
		log_error("%s cannot be used as the host key: %s", key_path, err_text(r));
	else if (step == NOTARY_STEP_EPOCH)
		log_error("%s of the store cannot be used: %s", NOTARY_EPOCH_FILE, err_text(r));
	else
		log_error("the process that holds the keys cannot start: %s", err_text(r));
}

static int hear_hello(struct notary *n, const char *key_path)
{
	uint8_t p[NOTARY_HELLO + 1];
	ssize_t got = receive(n->fd, p, sizeof(p));
	int r = got == NOTARY_HELLO ? (int32_t)get_u32(p) : -EPIPE, unfiltered;

	if (r != 0) {
		say_why(key_path, got == NOTARY_HELLO ? p[NOTARY_STATUS] : NOTARY_STEP_START, r);
		return r < 0 ? r : E_FORMAT;
	}
	if (p[NOTARY_STATUS + 1])
		log_info("made the host key %s", key_path);
	unfiltered = (int32_t)get_u32(p + NOTARY_STATUS + 2);
	if (unfiltered < 0)
		log_warn("the process that holds the keys runs without a filter of system calls: %s",
		    err_text(unfiltered));
	memcpy(n->host_pk, p + NOTARY_STATUS + 6, PK_SIZE);
	return 0;
}

/* In the parent 0 or -errno. */
static int begin(struct notary *n, int store_dir, const char *key_path)
{
	const struct timeval patience = {.tv_sec = ANSWER_S};
	int pair[2], r = 0;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return -errno;
	n->pid = fork();
	if (n->pid == 0) {
		close(pair[0]);
		notary_serve(pair[1], store_dir, key_path);
	}
	if (n->pid < 0 || setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience,
	    sizeof(patience)) != 0)
		r = -errno;
	close(pair[1]);
	n->fd = pair[0];
	return r;
}

int notary_start(struct notary **out, int store_dir, const char *key_path, uint8_t pk[PK_SIZE])
{
	struct notary *n;
	int r;

	n = calloc(1, sizeof(*n));
	if (n == NULL)
		return -ENOMEM;
	n->fd = -1;
	r = begin(n, store_dir, key_path);
	if (r != 0)
		say_why(key_path, NOTARY_STEP_START, r);
	else
		r = hear_hello(n, key_path);
	if (r != 0) {
		notary_end(n);
		return r;
	}
	memcpy(pk, n->host_pk, PK_SIZE);
	*out = n;
	return 0;
}

/* Nothing it does must be finished, so it is not waited for: it may be stopped. */
void notary_end(struct notary *n)
{
	if (n == NULL)
		return;
	if (n->pid > 0) {
		kill(n->pid, SIGKILL);
		waitpid(n->pid, NULL, 0);
	}
	if (n->fd >= 0)
		close(n->fd);
	free(n);
}

int notary_fd(const struct notary *n)
{
	return n->fd;
}

pid_t notary_pid(const struct notary *n)
{
	return n->pid;
}
