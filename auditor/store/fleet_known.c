/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cert.h"
#include "store/fleet_internal.h"

static struct fleet_host *host_of(struct fleet *f, const struct known_host *k)
{
	uint8_t id[ID_SIZE];
	size_t i;

	if (k->host_id != NULL)
		memcpy(id, k->host_id, ID_SIZE);
	else
		cert_host_id(id, k->key.pk);
	for (i = 0; i < f->hosts; i++)
		if (memcmp(f->host[i].id, id, ID_SIZE) == 0)
			return &f->host[i];
	return NULL;
}

/* keep: a key that is known stays. */
static int know(struct fleet *f, const char *path, int keep)
{
	struct known_host k = { .text = NULL };
	int r = known_host_load(&k, path);
	struct fleet_host *h = r == 0 ? host_of(f, &k) : NULL;

	if (h == NULL || (keep && h->have_key)) {
		known_host_release(&k);
		return r;
	}
	known_host_release(&h->known);
	h->known = k;
	/* pointed into the one that was copied */
	if (k.host_id != NULL)
		h->known.host_id = h->known.enrolment.host_id;
	if (k.epoch_pk != NULL)
		h->known.epoch_pk = h->known.enrolment.epoch_pk;
	h->have_key = 1;
	return 1;
}

int fleet_know(struct fleet *f, const char *path)
{
	return know(f, path, 0);
}

/* Where the auditor keeps what is known of hosts; 0 or -ENOENT: there is no home. */
static int hosts_folder(char *out, size_t size)
{
	const char *config = secure_getenv("XDG_CONFIG_HOME"), *home = secure_getenv("HOME");
	const struct passwd *pw;
	int n;

	if (config != NULL && config[0] == '/') {
		n = snprintf(out, size, "%s/shellac/hosts", config);
	} else {
		if ((home == NULL || home[0] != '/') && (pw = getpwuid(geteuid())) != NULL)
			home = pw->pw_dir;
		if (home == NULL || home[0] != '/')
			return -ENOENT;
		n = snprintf(out, size, "%s/.config/shellac/hosts", home);
	}
	return n < 0 || (size_t)n >= size ? -ENOENT : 0;
}

static int is_key_name(const struct dirent *e)
{
	const char *dot = strrchr(e->d_name, '.');

	return e->d_name[0] != '.' && dot != NULL &&
	    (strcmp(dot, ".enrolment") == 0 || strcmp(dot, ".pub") == 0);
}

const char *fleet_folder(const struct fleet *f)
{
	return f->folder;
}

void fleet_know_all(struct fleet *f, void (*bad)(const char *path, int r))
{
	char path[PATH_MAX + NAME_MAX + 2];
	struct dirent **list;
	int n, i, r;

	if (hosts_folder(f->folder, sizeof f->folder) != 0) {
		snprintf(f->folder, sizeof f->folder, "$XDG_CONFIG_HOME/shellac/hosts");
		return;
	}
	n = scandir(f->folder, &list, is_key_name, alphasort);
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof path, "%s/%s", f->folder, list[i]->d_name);
		if ((r = know(f, path, 1)) < 0)
			bad(path, r);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	else if (errno != ENOENT)
		bad(f->folder, -errno);
}
