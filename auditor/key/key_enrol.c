/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "conf.h"
#include "err.h"
#include "escape.h"
#include "host_key.h"
#include "io.h"
#include "key/key.h"
#include "ledger_file.h"
#include "report/report_check.h"
#include "witness_policy.h"

/* Adds a signature to the note of text_len bytes of text.  Its new length. */
static size_t add_signature(char note[NOTE_MAX], size_t text_len, size_t len,
    const struct note_key *key, const uint8_t sk[SK_SIZE])
{
	char line[NOTE_LINE_MAX];
	int n = note_sign(line, note, text_len, key, sk, 0);

	if (n < 0 || (size_t)n > NOTE_MAX - len)
		return 0;
	memcpy(note + len, line, (size_t)n);
	return len + (size_t)n;
}

/* The auditor's, where --sign asks for it. */
static int countersign(char note[NOTE_MAX], size_t text_len, size_t *len, const char *path)
{
	struct note_key key;
	uint8_t sk[SK_SIZE];
	struct note n;
	int status;

	if (path == NULL)
		return AUDIT_OK;
	status = key_load_auditor(path, &key, sk);
	if (status != AUDIT_OK)
		return status;
	if (note_parse(&n, note, *len) != 0 || note_verify(&n, &key, NULL) != 0)
		*len = add_signature(note, text_len, *len, &key, sk);
	sodium_memzero(sk, sizeof(sk));
	if (*len > 0)
		return AUDIT_OK;
	complain("%s: the note has no room for a further signature", path);
	return AUDIT_CANNOT;
}

/* The first epoch's key, if the host has a ledger. */
static int read_genesis(const struct auditor *a, struct enrolment *e,
    const uint8_t first_pk[PK_SIZE])
{
	char path[PATH_MAX + 32];
	struct ledger_file l;
	struct entry first;
	int fd, r;

	snprintf(path, sizeof path, "%s/" LEDGER_DIR "/" LEDGER_LOG, a->store_path);
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return AUDIT_OK;
	r = fd < 0 ? -errno : 0;
	if (r == 0) {
		ledger_file_init(&l, fd, first_pk);
		r = ledger_file_next(&l, &first);
		ledger_file_end(&l);
		close(fd);
	}
	if (r < 0) {
		complain("%s: %s", path, r == E_KEY ? "it began with another host key" : err_text(r));
		return AUDIT_CANNOT;
	}
	e->has_epoch = r == 1;
	if (r == 1)
		memcpy(e->epoch_pk, first.u.genesis.epoch_pk, PK_SIZE);
	return AUDIT_OK;
}

/* The policy that was asked for, or that the collector has: NULL for none. */
static int which_policy(const struct auditor *a, const char *asked, struct conf *conf,
    const char **path)
{
	struct conf_error err;
	int n;

	*path = asked;
	if (asked != NULL)
		return AUDIT_OK;
	n = conf_load(conf, a->paths.conf, &err, 1);
	if (n != 0) {
		complain("%s: %s", a->paths.conf, n < 0 ? err_text(n) : err.text);
		return AUDIT_CANNOT;
	}
	*path = conf->witness_policy[0] != '\0' ? conf->witness_policy : NULL;
	return AUDIT_OK;
}

/* Only what says whom it means is worth a signature.  The text is the caller's to
 * free. */
static int read_policy(const char *path, struct enrolment *e, uint8_t **text)
{
	struct witness_policy *p = NULL;
	unsigned line = 0;
	int r;

	if (path == NULL)
		return AUDIT_OK;
	r = io_read_file(AT_FDCWD, path, POLICY_FILE_MAX, text, &e->policy_len);
	if (r == 0) {
		e->policy = (const char *)*text;
		r = policy_parse(&p, e->policy, e->policy_len, &line);
		policy_free(p);
	}
	if (r == 0)
		return AUDIT_OK;
	complain_policy(path, line, r);
	return AUDIT_CANNOT;
}

static int sign_host(const struct enrolment *e, const uint8_t sk[SK_SIZE], const char *policy,
    const char *auditor)
{
	char note[NOTE_MAX];
	size_t len;
	int n = enrolment_format(note, e), status;

	if (n < 0) {
		complain("%s: %s", policy, n == E_RANGE ? "this policy is too long for a note" :
		    "a note holds UTF-8 without tabs and other control bytes, in whole lines");
		return AUDIT_CANNOT;
	}
	note[n] = '\n';
	len = add_signature(note, (size_t)n, (size_t)n + 1, &e->key, sk);
	status = len > 0 ? countersign(note, (size_t)n, &len, auditor) : AUDIT_CANNOT;
	if (status != AUDIT_OK)
		return status;
	fwrite(note, 1, len, stdout);
	return AUDIT_OK;
}

int key_enrol(struct auditor *a, const struct key_args *args)
{
	char host[CERT_HOST_MAX + 1] = "";
	const struct host_key_place *key;
	uint8_t *policy = NULL;
	struct host_key keys;
	const char *path;
	struct conf conf;
	struct enrolment e;
	int r, status = AUDIT_CANNOT;

	if (a->control[0] == '\0') {
		complain("only the host itself can enrol");
		return AUDIT_CANNOT;
	}
	r = host_key_load(&keys, a->paths.key);
	if (r == 0 && keys.place[0].there && keys.place[1].there) {
		complain("%s: a new key is being made; start shellacd, which ends this",
		    a->paths.key);
		r = E_KEY;
		goto out;
	}
	if (r != 0) {
		complain("%s: %s%s", a->paths.key, err_text(r),
		    r == -ENOENT ? "; shellac key new makes one" : "");
		return AUDIT_CANNOT;
	}
	key = &keys.place[!keys.place[0].there];
	auditor_load_key(a);
	if (gethostname(host, sizeof host - 1) != 0)
		host[0] = '\0';
	enrolment_init(&e, host, keys.first_pk, key->pk);
	if (a->have_key && memcmp(a->key.pk, keys.first_pk, PK_SIZE) != 0) {
		complain("%s is not the secret half of %s/host.pub", a->paths.key, a->store_path);
		status = AUDIT_CANNOT;
	} else if ((status = read_genesis(a, &e, keys.first_pk)) == AUDIT_OK &&
	    (status = which_policy(a, args->policy, &conf, &path)) == AUDIT_OK &&
	    (status = read_policy(path, &e, &policy)) == AUDIT_OK) {
		status = sign_host(&e, key->sk, path, args->sign);
	}
out:
	sodium_memzero(&keys, sizeof(keys));
	free(policy);
	return status;
}

static const char *wrong(int r)
{
	switch (r) {
	case E_KEY: return "it is not signed by this auditor, or not by its host";
	case E_DIGEST: return "the policy is not the one whose hash it has";
	default: return err_text(r);
	}
}

/* The whole file, or standard input for "-". */
static int read_note(const char *path, uint8_t **p, size_t *len)
{
	ssize_t n;

	if (strcmp(path, "-") != 0)
		return io_read_file(AT_FDCWD, path, NOTE_MAX, p, len);
	*p = malloc(NOTE_MAX + 1);
	if (*p == NULL)
		return -ENOMEM;
	n = io_read_all(STDIN_FILENO, *p, NOTE_MAX + 1);
	*len = n > 0 ? (size_t)n : 0;
	return n < 0 ? (int)n : n > NOTE_MAX ? E_RANGE : 0;
}

/* The note in a file, which must be one that a host made; auditor NULL asks for no
 * other signature. */
static int read_or_complain(const char *path, uint8_t **p, size_t *len)
{
	int r = read_note(path, p, len);

	if (r == 0)
		return AUDIT_OK;
	complain("%s: %s", path, err_text(r));
	return AUDIT_CANNOT;
}

static int open_enrolment(const char *path, const struct note_key *auditor, const uint8_t *p,
    size_t len, struct enrolment *e)
{
	int r = enrolment_open(e, (const char *)p, len, auditor);

	if (r == 0)
		return AUDIT_OK;
	complain("%s: no enrolment to rely on: %s", path, wrong(r));
	return AUDIT_FINDING;
}

static void print_policy(FILE *f, const struct enrolment *e)
{
	const char *p = e->policy, *end = p + e->policy_len;
	char line[NOTE_MAX], safe[4 * NOTE_MAX + 1], hex[2 * HASH_SIZE + 1];
	uint8_t hash[HASH_SIZE];
	size_t n;

	hash_of(hash, e->policy, e->policy_len);
	hex_put(hex, hash, HASH_SIZE);
	fprintf(f, "policy    %s\n", hex);
	for (; p < end; p += n + 1) {
		n = (size_t)((const char *)memchr(p, '\n', (size_t)(end - p)) - p);
		memcpy(line, p, n);
		line[n] = '\0';
		fprintf(f, "          %s\n", escape_str(safe, sizeof safe, line));
	}
}

static void print_enrolment(FILE *f, const struct enrolment *e)
{
	char vkey[NOTE_VKEY_MAX], hex[2 * PK_SIZE + 1];

	hex_put(hex, e->host_id, ID_SIZE);
	note_key_format(vkey, &e->key);
	fprintf(f, "host      %s\nhost id   %s\nlog key   %s\n", e->host, hex, vkey);
	if (e->has_epoch) {
		hex_put(hex, e->epoch_pk, PK_SIZE);
		fprintf(f, "epoch key %s\n", hex);
	}
	if (e->policy != NULL)
		print_policy(f, e);
}

int key_sign(struct auditor *a, const struct key_args *args)
{
	char note[NOTE_MAX];
	uint8_t *p = NULL;
	struct enrolment e;
	struct note n;
	size_t len;
	int status;

	(void)a;
	status = read_or_complain(args->file, &p, &len);
	if (status == AUDIT_OK)
		status = open_enrolment(args->file, NULL, p, len, &e);
	if (status == AUDIT_OK) {
		memcpy(note, p, len);
		/* of what is signed its signer sees the whole */
		print_enrolment(stderr, &e);
		status = note_parse(&n, note, len) == 0 ?
		    countersign(note, n.text_len, &len, args->sign) : AUDIT_CANNOT;
	}
	if (status == AUDIT_OK)
		fwrite(note, 1, len, stdout);
	free(p);
	return status;
}

/* A key as it is written, or the file that has it. */
static int read_vkey(const char *text, struct note_key *key)
{
	struct host_pub k;

	if (note_key_parse(key, text) == 0)
		return key->alg == NOTE_ED25519 ? 0 : E_KEY;
	if (key_pub_load(&k, text) != 0)
		return E_KEY;
	return note_key_make(key, k.name, NOTE_ED25519, k.pk);
}

int key_check(struct auditor *a, const struct key_args *args)
{
	struct note_key auditor;
	struct enrolment e;
	uint8_t *p = NULL;
	size_t len;
	int status;

	(void)a;
	if (read_vkey(args->auditor, &auditor) != 0) {
		complain("%s: neither a public key nor a file that has one", args->auditor);
		return AUDIT_USAGE;
	}
	status = read_or_complain(args->file, &p, &len);
	if (status == AUDIT_OK && report_check_is_note(p, len)) {
		status = report_check(args->file, &auditor, p, len);
	} else if (status == AUDIT_OK) {
		status = open_enrolment(args->file, &auditor, p, len, &e);
		if (status == AUDIT_OK)
			print_enrolment(stdout, &e);
	}
	free(p);
	return status;
}
