/* SPDX-License-Identifier: ISC */
/* What the process that holds the keys signs, and what it does not; its file; its end.
 * The collector's side is included, so that a false notary can answer it. */
#include <fcntl.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "../../collector/notary.c"
#include "../lib/scratch.h"
#include "../lib/suite.h"
#include "io.h"
#include "keys.h"

#define EPOCH_FILE_LEN 185
#define PLACE_AT(i) (21 + 82 * (i))

static struct notary *n;
static uint8_t host_pk[PK_SIZE];
static int store = -1;

static void start(void)
{
	if (store < 0) {
		ck_assert_int_ge(sodium_init(), 0);
		scratch_enter();
		store = open(".", O_RDONLY | O_DIRECTORY);
	}
	ck_assert_int_eq(notary_start(&n, store, "host.key", host_pk), 0);
}

static void restart(void)
{
	notary_end(n);
	start();
}

/* -- certificates -- */

static struct cert a_cert(uint64_t number)
{
	struct cert c = {.n = number, .pid = 7, .host = "here"};

	cert_host_id(c.host_id, host_pk);
	return c;
}

static int sign_cert(const struct cert *c, uint8_t *p)
{
	int len = cert_put_body(p, c), r;

	ck_assert_int_gt(len, 0);
	r = notary_cert(n, p, (size_t)len);
	if (r == 0)
		ck_assert_int_eq(cert_verify(p, (size_t)len + SIG_SIZE, host_pk), 0);
	return r;
}

START_TEST(signs_certificates_of_this_host)
{
	uint8_t p[FRAME_BODY_MAX] = "SHCT is no certificate";
	struct cert c;
	struct stat st;

	start();
	ck_assert_int_eq(stat("host.key", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	c = a_cert(5);
	ck_assert_int_eq(sign_cert(&c, p), 0);
	ck_assert_int_eq(sign_cert(&c, p), 0); /* its file could not be made */
	c = a_cert(6);
	ck_assert_int_eq(sign_cert(&c, p), 0);
	c = a_cert(5);
	ck_assert_int_eq(sign_cert(&c, p), E_REFUSED);
	c = a_cert(7);
	c.host_id[0] ^= 1;
	ck_assert_int_eq(sign_cert(&c, p), E_REFUSED);
	c = a_cert(7);
	ck_assert_int_eq(sign_cert(&c, p), 0);
	restart();
	c = a_cert(8);
	ck_assert_int_eq(sign_cert(&c, p), 0);
	notary_end(n);
}
END_TEST

START_TEST(signs_no_other_text)
{
	uint8_t answer[NOTARY_ANSWER_MAX], p[NOTARY_QUESTION_MAX + 100] = {0};
	char text[] = "shellac/0123456789abcdef0123456789abcdef\n12\nAAAA\n";
	struct cert c;
	unsigned verb;
	int len;

	start();
	ck_assert_int_eq(notary_cert(n, p, 0), E_SHORT);
	ck_assert_int_eq(notary_cert(n, p, 400), E_FORMAT);
	memcpy(p, text, sizeof(text));
	ck_assert_int_lt(notary_cert(n, p, sizeof(text)), 0);
	ck_assert_int_eq(notary_cert(n, p, FRAME_BODY_MAX), E_RANGE);
	ck_assert_int_eq(notary_cert(n, p, FRAME_BODY_MAX + 1), E_RANGE);
	c = a_cert(1);
	len = cert_put_body(p, &c);
	ck_assert_int_lt(notary_cert(n, p, (size_t)len + 1), 0);
	for (verb = 0; verb < 256; verb++) {
		memset(p, 0, sizeof(p));
		p[0] = (uint8_t)verb;
		ck_assert_int_lt(ask(n, p, 1, answer), 0);
		ck_assert_int_lt(ask(n, p, 2, answer), 0);
		ck_assert_int_lt(ask(n, p, 64, answer), 0);
		ck_assert_int_lt(ask(n, p, sizeof(p), answer), 0);
	}
	c = a_cert(1);
	ck_assert_int_eq(sign_cert(&c, p), 0); /* it is still there */
	notary_end(n);
}
END_TEST

/* -- entries -- */

static int sign_entry(const struct entry *e, struct entry *out, const uint8_t *pk)
{
	uint8_t p[ENTRY_MAX];
	size_t len = entry_put(p, e);
	int r = notary_entry(n, p, len);

	if (r != 0)
		return r;
	ck_assert_int_eq(entry_verify(p, len, pk), 0);
	ck_assert_int_eq(entry_parse(p, len, out), 0);
	return 0;
}

static struct entry an_entry(uint8_t type, uint64_t index)
{
	struct entry e = {.type = type, .index = index};

	if (type == ENTRY_EPOCH) {
		e.u.epoch.epoch = index;
		e.u.epoch.next_n = 1;
		e.u.epoch.size = index;
	} else if (type == ENTRY_OPEN) {
		e.u.open.n = 1;
	}
	return e;
}

/* The key that the next EPOCH is to be signed with. */
static uint8_t epoch_pk[PK_SIZE];

static int asked_for(uint8_t type, uint64_t index)
{
	struct entry e = an_entry(type, index), got;
	int r = sign_entry(&e, &got, type == ENTRY_EPOCH ? epoch_pk : host_pk);

	if (r == 0)
		memcpy(epoch_pk, type == ENTRY_EPOCH ? got.u.epoch.next_pk :
		    type == ENTRY_GENESIS ? got.u.genesis.epoch_pk : got.u.recover.epoch_pk, PK_SIZE);
	return r;
}

/* The same, and it is on disk. */
static int added(uint8_t type, uint64_t index)
{
	int r = asked_for(type, index);

	return r != 0 ? r : notary_epoch_key(n, epoch_pk);
}

static void read_keys(char text[EPOCH_FILE_LEN + 1])
{
	uint8_t *p;
	size_t len;

	ck_assert_int_eq(io_read_file(store, "epoch.key", 4096, &p, &len), 0);
	ck_assert_uint_eq(len, EPOCH_FILE_LEN);
	memcpy(text, p, len + 1);
	free(p);
}

/* The seed of the key that signs the next: in the first place, the second, the first. */
static void take_seed(char seed[65], int i)
{
	char text[EPOCH_FILE_LEN + 1];

	read_keys(text);
	memcpy(seed, text + PLACE_AT(i % 2) + 17, 64);
	seed[64] = '\0';
	ck_assert_uint_eq(strspn(seed, "0123456789abcdef"), 64);
}

static int on_disk(const char *seed)
{
	char text[EPOCH_FILE_LEN + 1];

	read_keys(text);
	return strstr(text, seed) != NULL;
}

START_TEST(epochs_follow_each_other)
{
	uint8_t before[PK_SIZE], none[PK_SIZE] = {0};
	struct entry e, got;
	struct stat st;
	char seed[65];
	int i;

	start();
	ck_assert_int_eq(notary_epoch_key(n, none), E_KEY);
	e = an_entry(ENTRY_GENESIS, 0);
	ck_assert_int_eq(sign_entry(&e, &got, host_pk), 0);
	ck_assert_mem_eq(got.u.genesis.host_pk, host_pk, PK_SIZE);
	memcpy(epoch_pk, got.u.genesis.epoch_pk, PK_SIZE);
	for (i = 0; i < 4; i++) {
		if (i == 2)
			restart();
		ck_assert_int_eq(notary_epoch_key(n, epoch_pk), 0);
		take_seed(seed, i);
		memcpy(before, epoch_pk, PK_SIZE);
		ck_assert_int_eq(asked_for(ENTRY_EPOCH, (uint64_t)i + 1), 0);
		ck_assert_mem_ne(before, epoch_pk, PK_SIZE);
		ck_assert_int_eq(on_disk(seed), 1);
		ck_assert_int_eq(notary_epoch_key(n, epoch_pk), 0);
		ck_assert_int_eq(on_disk(seed), 0);
		ck_assert_int_eq(notary_epoch_key(n, before), E_KEY);
	}
	ck_assert_int_eq(stat("epoch.key", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	notary_end(n);
}
END_TEST

/* Whoever dies between EPOCH and the disk: the ledger ends before it, or with it. */
START_TEST(a_crash_loses_no_key)
{
	uint8_t before[PK_SIZE];

	start();
	ck_assert_int_eq(added(ENTRY_GENESIS, 0), 0);
	restart();
	ck_assert_int_eq(notary_epoch_key(n, epoch_pk), 0);
	memcpy(before, epoch_pk, PK_SIZE);
	ck_assert_int_eq(asked_for(ENTRY_EPOCH, 1), 0);
	restart();
	ck_assert_int_eq(notary_epoch_key(n, before), 0);
	memcpy(epoch_pk, before, PK_SIZE);
	ck_assert_int_eq(asked_for(ENTRY_EPOCH, 1), 0);
	restart();
	ck_assert_int_eq(notary_epoch_key(n, epoch_pk), 0);
	ck_assert_int_eq(notary_epoch_key(n, before), E_KEY);
	ck_assert_int_eq(asked_for(ENTRY_EPOCH, 2), 0);
	notary_end(n);
}
END_TEST

/* Before who relies on what it signed hears of it. */
START_TEST(a_checkpoint_wipes_first)
{
	uint8_t root[MERKLE_HASH] = {0};
	char note[NOTE_MAX], seed[65];

	start();
	ck_assert_int_eq(added(ENTRY_GENESIS, 0), 0);
	ck_assert_int_eq(notary_epoch_key(n, epoch_pk), 0);
	take_seed(seed, 0);
	ck_assert_int_eq(asked_for(ENTRY_EPOCH, 5), 0);
	/* a key signs one EPOCH */
	ck_assert_int_eq(asked_for(ENTRY_EPOCH, 5), E_REFUSED);
	ck_assert_int_eq(asked_for(ENTRY_EPOCH, 6), E_REFUSED);
	ck_assert_int_gt(notary_checkpoint(n, 5, root, note), 0);
	ck_assert_int_eq(on_disk(seed), 1);
	ck_assert_int_gt(notary_checkpoint(n, 6, root, note), 0);
	ck_assert_int_eq(on_disk(seed), 0);
	ck_assert_int_eq(asked_for(ENTRY_EPOCH, 6), 0);
	notary_end(n);
}
END_TEST

START_TEST(a_key_is_wiped_at_once)
{
	char before[EPOCH_FILE_LEN + 1], after[EPOCH_FILE_LEN + 1];
	const struct epoch_key *used, *next;
	struct notary_keys k = {.fd = -1};
	uint8_t sk[SK_SIZE];

	start();
	notary_end(n);
	ck_assert_int_eq(notary_epoch_keys(&k, store), 0);
	ck_assert_ptr_null(notary_key_used(&k));
	ck_assert_int_eq(notary_key_next(&k, &next), 0);
	ck_assert_int_eq(notary_key_advance(&k), 0);
	used = notary_key_used(&k);
	ck_assert_ptr_eq(used, next);
	memcpy(sk, used->sk, SK_SIZE);
	read_keys(before);
	ck_assert_int_eq(before[PLACE_AT(0)], '0');
	ck_assert_int_eq(notary_key_next(&k, &next), 0);
	ck_assert_int_eq(notary_key_advance(&k), 0);
	read_keys(after);
	ck_assert_uint_eq(strspn(after + PLACE_AT(0), "-"), 81);
	ck_assert_int_eq(after[PLACE_AT(1)], '0');
	ck_assert_mem_ne(used->sk, sk, SK_SIZE);
	ck_assert_ptr_eq(notary_key_used(&k), next);
	/* a disk that takes nothing: the key stays, and so does what it says of itself */
	close(k.fd);
	k.fd = open("epoch.key", O_RDONLY);
	ck_assert_int_eq(notary_key_advance(&k), -EBADF);
	ck_assert_ptr_eq(notary_key_used(&k), next);
	close(k.fd);
}
END_TEST

START_TEST(signs_no_other_entry)
{
	uint8_t type;

	start();
	ck_assert_int_eq(asked_for(ENTRY_EPOCH, 1), E_KEY);
	ck_assert_int_eq(added(ENTRY_GENESIS, 0), 0);
	for (type = ENTRY_BOOT; type <= ENTRY_KEY; type++)
		if (type != ENTRY_EPOCH && type != ENTRY_RECOVER && type != ENTRY_KEY)
			ck_assert_int_lt(asked_for(type, 3), 0);
	ck_assert_int_eq(asked_for(ENTRY_OPEN, 3), E_REFUSED);
	ck_assert_int_eq(added(ENTRY_EPOCH, 10), 0);
	ck_assert_int_eq(asked_for(ENTRY_EPOCH, 9), E_REFUSED);
	ck_assert_int_eq(asked_for(ENTRY_GENESIS, 0), E_REFUSED);
	ck_assert_int_eq(asked_for(ENTRY_RECOVER, 9), E_REFUSED);
	ck_assert_int_eq(added(ENTRY_RECOVER, 10), 0);
	ck_assert_int_eq(added(ENTRY_EPOCH, 11), 0);
	notary_end(n);
}
END_TEST

/* -- checkpoints -- */

static int sign_checkpoint(uint64_t size, uint8_t byte)
{
	uint8_t root[MERKLE_HASH];
	struct checkpoint c;
	struct note_key key;
	struct note note;
	char text[NOTE_MAX], origin[NOTE_NAME_MAX + 1];
	int r;

	memset(root, byte, sizeof(root));
	r = notary_checkpoint(n, size, root, text);
	if (r < 0)
		return r;
	checkpoint_origin(origin, host_pk);
	ck_assert_int_eq(note_key_make(&key, origin, NOTE_ED25519, host_pk), 0);
	ck_assert_int_eq(note_parse(&note, text, (size_t)r), 0);
	ck_assert_int_eq(note_verify(&note, &key, NULL), 0);
	ck_assert_int_eq(checkpoint_parse(&c, note.text, note.text_len), 0);
	ck_assert_str_eq(c.origin, origin);
	ck_assert_uint_eq(c.size, size);
	ck_assert_mem_eq(c.root, root, MERKLE_HASH);
	return 0;
}

START_TEST(checkpoints_do_not_go_back)
{
	struct entry e;

	start();
	ck_assert_int_eq(sign_checkpoint(0, 1), E_REFUSED);
	ck_assert_int_eq(sign_checkpoint(3, 1), 0);
	ck_assert_int_eq(sign_checkpoint(3, 1), 0);
	ck_assert_int_eq(sign_checkpoint(3, 2), E_REFUSED);
	ck_assert_int_eq(sign_checkpoint(2, 1), E_REFUSED);
	ck_assert_int_eq(sign_checkpoint(4, 2), 0);
	/* and nothing is signed that would be among what it covers */
	ck_assert_int_eq(asked_for(ENTRY_RECOVER, 3), E_REFUSED);
	ck_assert_int_eq(added(ENTRY_RECOVER, 4), 0);
	e = an_entry(ENTRY_EPOCH, 4);
	memset(e.u.epoch.root, 3, MERKLE_HASH);
	ck_assert_int_eq(sign_entry(&e, &e, host_pk), E_REFUSED);
	ck_assert_int_eq(asked_for(ENTRY_EPOCH, 5), 0);
	notary_end(n);
}
END_TEST

/* -- files -- */

static int start_fails(void)
{
	int r = notary_start(&n, store, "host.key", host_pk);

	ck_assert_int_ne(r, 0);
	return r;
}

START_TEST(unsafe_files_are_refused)
{
	start();
	ck_assert_int_eq(asked_for(ENTRY_GENESIS, 0), 0);
	notary_end(n);
	ck_assert_int_eq(chmod("host.key", 0640), 0);
	ck_assert_int_eq(start_fails(), E_KEY);
	ck_assert_int_eq(chmod("host.key", 0600), 0);
	ck_assert_int_eq(chmod("epoch.key", 0604), 0);
	ck_assert_int_eq(start_fails(), E_KEY);
	ck_assert_int_eq(chmod("epoch.key", 0600), 0);
	start();
	notary_end(n);
	if (geteuid() == 0) {
		ck_assert_int_eq(chown("epoch.key", 65534, 65534), 0);
		ck_assert_int_eq(start_fails(), E_KEY);
		ck_assert_int_eq(chown("epoch.key", 0, 0), 0);
	}
	ck_assert_int_eq(rename("epoch.key", "real"), 0);
	ck_assert_int_eq(symlink("real", "epoch.key"), 0);
	ck_assert_int_eq(start_fails(), -ELOOP);
	unlink("epoch.key");
	ck_assert_int_eq(mkfifo("epoch.key", 0600), 0);
	ck_assert_int_eq(start_fails(), E_KEY);
	unlink("epoch.key");
	ck_assert_int_eq(rename("real", "epoch.key"), 0);
	ck_assert_int_eq(truncate("epoch.key", EPOCH_FILE_LEN - 1), 0);
	ck_assert_int_eq(start_fails(), E_KEY);
	unlink("epoch.key");
	ck_assert_int_eq(truncate("host.key", 10), 0);
	ck_assert_int_eq(start_fails(), E_KEY);
}
END_TEST

/* The key of which all of the seed's bytes are that. */
static void key_of(uint8_t pk[PK_SIZE], int byte)
{
	uint8_t seed[32], sk[SK_SIZE];

	memset(seed, byte, sizeof(seed));
	crypto_sign_seed_keypair(pk, sk, seed);
}

/* Makes epoch.key of these two places; has the key process that one? */
static int has_key(const char *a, const char *b, int byte)
{
	char text[EPOCH_FILE_LEN + 1];
	uint8_t pk[PK_SIZE];
	int r;

	snprintf(text, sizeof(text), "SHELLAC-EPOCH-KEYS-1\n%s\n%s\n", a, b);
	ck_assert_uint_eq(strlen(text), EPOCH_FILE_LEN);
	ck_assert_int_eq(io_replace_file(store, "epoch.key", 0600, text, EPOCH_FILE_LEN), 0);
	restart();
	key_of(pk, byte);
	r = notary_epoch_key(n, pk);
	ck_assert(r == 0 || r == E_KEY);
	return r == 0;
}

/* Which of both signs, without being told? */
static int signs_with(const char *a, const char *b)
{
	has_key(a, b, 0);
	key_of(epoch_pk, 0x11);
	return asked_for(ENTRY_EPOCH, 1) == 0;
}

START_TEST(whatever_a_crash_left)
{
	char one[82], two[82], none[82], half[82];

	memset(one, '1', 81);
	memset(two, '2', 81);
	memset(none, '-', 81);
	one[81] = two[81] = none[81] = half[81] = '\0';
	memcpy(one, "00000000000000ff ", 17);
	memcpy(two, "0000000000000100 ", 17);
	start();
	ck_assert_int_eq(has_key(one, two, 0x11), 1);
	ck_assert_int_eq(has_key(one, two, 0x22), 1);
	ck_assert_int_eq(has_key(one, two, 0x33), 0);
	ck_assert_int_eq(signs_with(one, two), 1);
	ck_assert_int_eq(signs_with(two, one), 1);
	ck_assert_int_eq(has_key(none, two, 0x22), 1);
	ck_assert_int_eq(has_key(two, none, 0x22), 1);
	ck_assert_int_eq(has_key(none, two, 0x11), 0);
	ck_assert_int_eq(has_key(one, none, 0x11), 1);
	ck_assert_int_eq(has_key(none, none, 0x2d), 0);
	memcpy(half, none, 82);
	memcpy(half, one, 50);
	ck_assert_int_eq(has_key(half, two, 0x11), 0);
	ck_assert_int_eq(has_key(half, two, 0x22), 1);
	memcpy(half, one, 82);
	memcpy(half, none, 50);
	ck_assert_int_eq(has_key(two, half, 0x11), 0);
	ck_assert_int_eq(has_key(two, half, 0x22), 1);
	key_of(epoch_pk, 0x22);
	ck_assert_int_eq(added(ENTRY_EPOCH, 3), 0);
	ck_assert_int_eq(added(ENTRY_EPOCH, 4), 0);
	notary_end(n);
}
END_TEST

/* -- its end, and one that is false -- */

START_TEST(without_it_nothing_is_signed)
{
	struct pollfd p;
	uint8_t body[FRAME_BODY_MAX], root[MERKLE_HASH] = {0};
	char note[NOTE_MAX];
	struct cert c;

	start();
	p = (struct pollfd){.fd = notary_fd(n), .events = POLLIN};
	ck_assert_int_eq(poll(&p, 1, 0), 0);
	ck_assert_int_eq(kill(notary_pid(n), SIGKILL), 0);
	ck_assert_int_eq(poll(&p, 1, 60000), 1);
	c = a_cert(1);
	ck_assert_int_eq(sign_cert(&c, body), -EPIPE);
	ck_assert_int_eq(asked_for(ENTRY_GENESIS, 0), -EPIPE);
	restart();
	ck_assert_int_eq(sign_cert(&c, body), 0);
	notary_end(n);
	n = NULL;
	ck_assert_int_eq(sign_cert(&c, body), -EPIPE);
	ck_assert_int_eq(notary_epoch_key(NULL, root), -EPIPE);
	ck_assert_int_eq(notary_checkpoint(NULL, 1, root, note), -EPIPE);
	notary_end(NULL);
}
END_TEST

static int opens_memory(pid_t pid)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/mem", (long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* Not even who could look into a child of its own. */
START_TEST(nobody_looks_into_it)
{
	pid_t child;

	if (geteuid() == 0)
		ck_assert_int_eq(setresgid(65534, 65534, 65534) | setresuid(65534, 65534, 65534), 0);
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	start();
	child = fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
	ck_assert_int_eq(opens_memory(child), 0);
	ck_assert_int_eq(opens_memory(notary_pid(n)), -EACCES);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	notary_end(n);
}
END_TEST

/* What notary_cert() makes of this answer. */
static int answered(const void *answer, size_t len)
{
	struct notary false_one = {0};
	uint8_t body[FRAME_BODY_MAX] = {0};
	int pair[2], r;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	false_one.fd = pair[0];
	if (len > 0)
		ck_assert_int_eq(send(pair[1], answer, len, 0), (ssize_t)len);
	else
		shutdown(pair[1], SHUT_WR);
	r = notary_cert(&false_one, body, 100);
	if (r == -EPIPE) /* and is not asked again */
		ck_assert_int_eq(notary_cert(&false_one, body, 100), -EPIPE);
	close(pair[0]);
	close(pair[1]);
	return r;
}

START_TEST(its_answers_are_not_believed)
{
	static uint8_t p[NOTARY_ANSWER_MAX + 100];

	ck_assert_int_eq(answered(p, NOTARY_STATUS + SIG_SIZE), 0);
	ck_assert_int_eq(answered(p, NOTARY_STATUS + SIG_SIZE - 1), -EPIPE);
	ck_assert_int_eq(answered(p, NOTARY_STATUS + SIG_SIZE + 1), -EPIPE);
	ck_assert_int_eq(answered(p, sizeof(p)), -EPIPE);
	ck_assert_int_eq(answered(p, NOTARY_STATUS), -EPIPE);
	ck_assert_int_eq(answered(p, NOTARY_STATUS - 1), -EPIPE);
	ck_assert_int_eq(answered(p, 0), -EPIPE);
	put_u32(p, 1);
	ck_assert_int_eq(answered(p, NOTARY_STATUS), -EPIPE);
	put_u32(p, (uint32_t)E_KEY);
	ck_assert_int_eq(answered(p, NOTARY_STATUS), E_KEY);
	ck_assert_int_eq(answered(p, NOTARY_STATUS + SIG_SIZE), -EPIPE);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { signs_certificates_of_this_host, signs_no_other_text,
		epochs_follow_each_other, a_crash_loses_no_key, a_checkpoint_wipes_first,
		a_key_is_wiped_at_once, signs_no_other_entry,
		checkpoints_do_not_go_back, unsafe_files_are_refused, whatever_a_crash_left,
		without_it_nothing_is_signed, nobody_looks_into_it, its_answers_are_not_believed };

	return suite_run("notary", tests, sizeof(tests) / sizeof(tests[0]));
}
