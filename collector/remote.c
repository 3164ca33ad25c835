/* SPDX-License-Identifier: ISC */
#include "remote.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define STATE_ESTABLISHED 1
#define FDS_MAX 256      /* of a daemon's descriptors that are looked at */
#define LINES_MAX 100000 /* of the table */

int remote_is_daemon(const char *comm)
{
	return strcmp(comm, "sshd") == 0 || strcmp(comm, "sshd-session") == 0;
}

/* The kernel prints addresses as 32-bit words in host order. */
static int parse_address(const char *hex, int v6, char *out, socklen_t size)
{
	uint32_t w[4] = {0};
	static const uint32_t mapped[3] = {0, 0, UINT32_C(0xffff0000)};
	int i, words = v6 ? 4 : 1;

	for (i = 0; i < words; i++)
		if (sscanf(hex + (ptrdiff_t)8 * i, "%8x", &w[i]) != 1)
			return 0;
	if (v6 && w[0] == mapped[0] && w[1] == mapped[1] && w[2] == mapped[2])
		return inet_ntop(AF_INET, &w[3], out, size) != NULL;
	return inet_ntop(v6 ? AF_INET6 : AF_INET, w, out, size) != NULL;
}

int remote_line(const char *line, int v6, unsigned long inode, char *out, size_t size)
{
	char hex[33], text[INET6_ADDRSTRLEN];
	unsigned port, state;
	unsigned long found;

	if (sscanf(line, " %*u: %*[0-9A-Fa-f]:%*x %32[0-9A-Fa-f]:%x %x %*x:%*x %*x:%*x %*x %*u %*u %lu",
	    hex, &port, &state, &found) != 4 || found != inode || state != STATE_ESTABLISHED ||
	    strlen(hex) != (v6 ? 32u : 8u))
		return 0;
	if (!parse_address(hex, v6, text, sizeof(text)))
		return 0;
	snprintf(out, size, "%s %u", text, port & 0xffff);
	return 1;
}

static int search_table(pid_t pid, int v6, unsigned long inode, char *out, size_t size)
{
	char path[64], line[512];
	int found = 0, n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/net/tcp%s", (long)pid, v6 ? "6" : "");
	f = fopen(path, "re");
	if (f == NULL)
		return 0;
	while (!found && n++ < LINES_MAX && fgets(line, sizeof(line), f) != NULL)
		found = remote_line(line, v6, inode, out, size);
	fclose(f);
	return found;
}

void remote_of(pid_t pid, char *out, size_t size)
{
	char path[64], link[64];
	struct dirent *e;
	unsigned long inode;
	int n = 0, found = 0;
	ssize_t len;
	DIR *d;

	out[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%ld/fd", (long)pid);
	d = opendir(path);
	if (d == NULL)
		return;
	while (!found && n++ < FDS_MAX && (e = readdir(d)) != NULL) {
		len = readlinkat(dirfd(d), e->d_name, link, sizeof(link) - 1);
		if (len <= 0)
			continue;
		link[len] = '\0';
		if (sscanf(link, "socket:[%lu]", &inode) == 1)
			found = search_table(pid, 0, inode, out, size) ||
			    search_table(pid, 1, inode, out, size);
	}
	closedir(d);
}
