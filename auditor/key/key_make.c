/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "key/key.h"
#include "store/live.h"

#define AUDITOR "auditor"

static int failed(const char *path, int r)
{
	complain("%s: %s", path, r == -EEXIST ? "it is there already, and stays" : err_text(r));
	return AUDIT_CANNOT;
}

/* Makes the folder that path is in; what is above must be there. */
static int make_folder_of(const char *path, mode_t mode)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');

	snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
	if (mkdir(folder, mode) != 0 && errno != EEXIST)
		return failed(folder, -errno);
	return AUDIT_OK;
}

static void wipe(uint8_t sk[SK_SIZE])
{
	sodium_memzero(sk, SK_SIZE);
}

/* Both halves: the secret one where none was, and the public one beside it. */
static int make_pair(const char *secret, const char *public, struct host_pub *k)
{
	uint8_t sk[SK_SIZE];
	struct stat st;
	int r;

	if (lstat(public, &st) == 0)
		return failed(public, -EEXIST);
	r = key_secret_create(sk, k->pk, secret);
	wipe(sk);
	if (r != 0)
		return failed(secret, r);
	r = key_pub_write(k, public);
	return r != 0 ? failed(public, r) : AUDIT_OK;
}

int key_new(struct auditor *a, const struct key_args *args)
{
	char pub[PATH_MAX + 16], host[CERT_HOST_MAX + 1] = "";
	struct host_pub k;
	int status;

	(void)args;
	if (a->control[0] == '\0') {
		complain("a copied store has no secret key");
		return AUDIT_CANNOT;
	}
	if (gethostname(host, sizeof host - 1) != 0)
		host[0] = '\0';
	key_pub_name(k.name, host);
	snprintf(pub, sizeof pub, "%s/host.pub", a->store_path);
	if ((status = make_folder_of(a->paths.key, a->installed ? 0755 : 0700)) != AUDIT_OK ||
	    (status = make_folder_of(pub, 0700)) != AUDIT_OK ||
	    (status = make_pair(a->paths.key, pub, &k)) != AUDIT_OK)
		return status;
	key_print(&k, k.pk);
	return AUDIT_OK;
}

int key_rotate(struct auditor *a, const struct key_args *args)
{
	int r;

	(void)args;
	if (a->control[0] == '\0') {
		complain("a copied store has no secret key");
		return AUDIT_CANNOT;
	}
	r = live_rotate_key(a->control);
	if (r == 0)
		return key_show(a, args);
	complain("%s: %s", a->control, r == -EIO ? "the host keeps its key: see the collector's log" :
	    r == -ETIME ? "the host has a new key, and no checkpoint by it yet" : err_text(r));
	return AUDIT_CANNOT;
}

static int name_good(const char *s)
{
	size_t len = strlen(s), i;

	for (i = 0; i < len; i++)
		if (s[i] <= ' ' || s[i] > '~' || s[i] == '+')
			return 0;
	return len > 0 && len <= KEY_NAME_MAX;
}

int key_auditor(struct auditor *a, const struct key_args *args)
{
	const char *name = args->name != NULL ? args->name : AUDITOR;
	char pub[PATH_MAX], line[KEY_LINE_MAX];
	struct host_pub k;
	int status;

	(void)a;
	if (!name_good(name)) {
		complain("%s: a key's name is printable ASCII without space and plus", name);
		return AUDIT_USAGE;
	}
	snprintf(k.name, sizeof k.name, "%s", name);
	if (snprintf(pub, sizeof pub, "%s.pub", args->file) >= (int)sizeof pub)
		return failed(args->file, -ENAMETOOLONG);
	status = make_pair(args->file, pub, &k);
	if (status != AUDIT_OK)
		return status;
	key_pub_format(line, &k);
	puts(line);
	return AUDIT_OK;
}

int key_load_auditor(const char *path, struct note_key *key, uint8_t sk[SK_SIZE])
{
	char pub[PATH_MAX];
	uint8_t pk[PK_SIZE];
	struct host_pub k;
	int r;

	if (snprintf(pub, sizeof pub, "%s.pub", path) >= (int)sizeof pub)
		return failed(path, -ENAMETOOLONG);
	r = key_pub_load(&k, pub);
	if (r != 0)
		return failed(pub, r);
	r = key_secret_load(sk, pk, path);
	if (r == 0 && (memcmp(pk, k.pk, PK_SIZE) != 0 ||
	    note_key_make(key, k.name, NOTE_ED25519, pk) != 0)) {
		complain("%s is not the secret half of %s", path, pub);
		wipe(sk);
		return AUDIT_CANNOT;
	}
	return r != 0 ? failed(path, r) : AUDIT_OK;
}
