/* SPDX-License-Identifier: ISC */
#include <unistd.h>

#include "err.h"
#include "procs/procs.h"
#include "session_file.h"

int procs_session(const struct store *s, const struct store_session *e, struct cert *cert)
{
	struct store_session session = *e;
	struct session_file file;
	struct frame f;
	struct event ev;
	int fd = store_open_session(s, &session), r;

	if (fd < 0)
		return fd;
	r = session_file_open(&file, fd);
	if (r == 0 && (r = session_file_next(&file, NULL, &f, &ev)) == 1)
		*cert = file.chain.cert;
	session_file_release(&file);
	close(fd);
	return r == 0 ? E_SHORT : r < 0 ? r : 0;
}
