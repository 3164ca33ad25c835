/* SPDX-License-Identifier: ISC */
#include "http.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "request.h"

#define THREADS 4
#define CONNECTIONS 256
#define CONNECTION_MEMORY (24 * 1024)
#define IDLE_S 10                           /* between two bytes */
#define WHOLE_NS (30 * UINT64_C(1000000000)) /* for a whole request */

struct http {
	struct MHD_Daemon *daemon;
};

/* One request while it comes in. */
struct call {
	uint64_t start_ns;
	size_t len;
	int too_large;
	struct answer answer;
	char body[REQUEST_MAX];
};

static enum MHD_Result send_answer(struct MHD_Connection *conn, struct answer *a)
{
	struct MHD_Response *r;
	enum MHD_Result sent;

	r = MHD_create_response_from_buffer(a->len, a->body, MHD_RESPMEM_MUST_COPY);
	if (r == NULL)
		return MHD_NO;
	MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, a->type);
	if (a->status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, "GET, POST");
	sent = MHD_queue_response(conn, a->status, r);
	MHD_destroy_response(r);
	return sent;
}

static void post(struct witness *w, const char *url, struct call *c)
{
	if (strcmp(url, "/add-checkpoint") != 0)
		answer_line(&c->answer, MHD_HTTP_NOT_FOUND, "nothing is here");
	else if (c->too_large)
		answer_line(&c->answer, MHD_HTTP_CONTENT_TOO_LARGE, "at most %d bytes", REQUEST_MAX);
	else
		cosign_add(w, c->body, c->len, &c->answer);
}

static void get(struct witness *w, const char *url, struct call *c)
{
	static const char tail[] = "/checkpoint";
	char file[LOGS_HEX + 1] = "";
	size_t len = strlen(url);

	if (len == 1 + LOGS_HEX + sizeof(tail) - 1 && strcmp(url + 1 + LOGS_HEX, tail) == 0)
		memcpy(file, url + 1, LOGS_HEX);
	cosign_show(w, file, &c->answer);
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *conn, const char *url,
    const char *method, const char *version, const char *data, size_t *data_len, void **ctx)
{
	struct call *c = *ctx;

	(void)version;
	if (c == NULL) {
		c = *ctx = calloc(1, sizeof(*c));
		if (c == NULL)
			return MHD_NO;
		c->start_ns = clock_mono();
		return MHD_YES;
	}
	if (clock_mono() - c->start_ns > WHOLE_NS)
		return MHD_NO;
	if (*data_len > 0) {
		c->too_large |= *data_len > sizeof(c->body) - c->len;
		if (!c->too_large) {
			memcpy(c->body + c->len, data, *data_len);
			c->len += *data_len;
		}
		*data_len = 0;
		return MHD_YES;
	}
	if (strcmp(method, "POST") == 0)
		post(cls, url, c);
	else if (strcmp(method, "GET") == 0)
		get(cls, url, c);
	else
		answer_line(&c->answer, MHD_HTTP_METHOD_NOT_ALLOWED, "GET and POST only");
	return send_answer(conn, &c->answer);
}

static void completed(void *cls, struct MHD_Connection *conn, void **ctx,
    enum MHD_RequestTerminationCode why)
{
	(void)cls;
	(void)conn;
	(void)why;
	free(*ctx);
	*ctx = NULL;
}

static void say(void *cls, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
static void say(void *cls, const char *fmt, va_list ap)
{
	char text[400];

	(void)cls;
	vsnprintf(text, sizeof(text), fmt, ap);
	text[strcspn(text, "\n")] = '\0';
	log_warn("http: %s", text);
}

int http_start(struct http **out, struct witness *w, int sock)
{
	struct http *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return -ENOMEM;
	h->daemon = MHD_start_daemon(MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD |
	    MHD_USE_ERROR_LOG, 0, NULL, NULL, handle, w,
	    MHD_OPTION_EXTERNAL_LOGGER, say, NULL,
	    MHD_OPTION_LISTEN_SOCKET, sock,
	    MHD_OPTION_NOTIFY_COMPLETED, completed, NULL,
	    MHD_OPTION_THREAD_POOL_SIZE, (unsigned)THREADS,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
	    MHD_OPTION_END);
	if (h->daemon == NULL) {
		free(h);
		return errno > 0 ? -errno : -EIO;
	}
	*out = h;
	return 0;
}

void http_stop(struct http *h)
{
	if (h == NULL)
		return;
	MHD_stop_daemon(h->daemon);
	free(h);
}
