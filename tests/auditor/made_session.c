/* SPDX-License-Identifier: ISC */
#include "made_session.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cert.h"
#include "container.h"

#define PART 2048 /* bytes of an event */

static void need(int good)
{
	if (!good)
		abort();
}

static void put(struct made_session *m, const void *p, size_t len)
{
	need(fwrite(p, 1, len, m->file) == len);
}

static void put_cert(struct made_session *m)
{
	uint8_t body[FRAME_BODY_MAX], frame[FRAME_MAX], sk[SK_SIZE];
	struct cert c = { .flags = CERT_F_TERMINAL, .n = 1, .wall_ns = MADE_WALL, .pid = 2,
		.loginuid = CERT_UNSET, .audit_session = CERT_UNSET, .host = "host",
		.user = "ann", .tty = "/dev/pts/1", .cwd = "/" };
	int len;

	crypto_sign_keypair(m->host_pk, sk);
	cert_host_id(c.host_id, m->host_pk);
	memcpy(c.id, m->sealer.id, ID_SIZE);
	memcpy(c.pk, m->sealer.pk, PK_SIZE);
	len = cert_put(body, &c, sk);
	need(len > 0);
	put(m, frame, sealer_cert(&m->sealer, frame, body, (size_t)len));
}

static void open_chunk(struct made_session *m)
{
	uint8_t frame[FRAME_MAX];

	put(m, frame, sealer_begin(&m->sealer, frame, m->wait_ns, &m->window));
	m->wait_ns = 0;
}

static void seal(struct made_session *m, uint8_t kind)
{
	uint8_t frame[FRAME_MAX];
	struct sealer_end end = { .kind = kind, .reason = kind == SEAL_END ? END_EXIT : 0 };

	end.wall_ns = MADE_WALL + (int64_t)m->sealer.elapsed_ns;
	end.boot_ns = m->sealer.elapsed_ns;
	put(m, frame, sealer_seal(&m->sealer, frame, &end));
}

void made_session_seal(struct made_session *m)
{
	if (m->sealer.payload_frames > 0)
		seal(m, m->sealer.payload_frames > 1 ? SEAL_DATA : SEAL_HEARTBEAT);
}

static void event(struct made_session *m, struct event e)
{
	uint8_t frame[FRAME_MAX];
	size_t len;

	if (m->sealer.payload_frames > 0 && !sealer_fits(&m->sealer, e.len))
		made_session_seal(m);
	if (m->sealer.payload_frames == 0)
		open_chunk(m);
	e.dt = m->wait_ns;
	m->wait_ns = 0;
	len = sealer_event(&m->sealer, frame, &e);
	put(m, frame, len);
	put(m, e.data, e.len);
}

void made_session_begin(struct made_session *m, uint16_t rows, uint16_t cols)
{
	memset(m, 0, sizeof *m);
	m->window = (struct window){ .rows = rows, .cols = cols };
	m->file = tmpfile();
	need(m->file != NULL);
	sealer_init(&m->sealer);
	put_cert(m);
	open_chunk(m);
	seal(m, SEAL_START);
}

void made_session_wait(struct made_session *m, uint64_t ns)
{
	m->wait_ns += ns;
}

void made_session_out(struct made_session *m, const void *p, size_t len)
{
	const uint8_t *b = p;

	for (; len > 0; b += PART) {
		size_t part = len < PART ? len : PART;

		event(m, (struct event){ .type = FRAME_OUTPUT, .data = b, .len = part });
		len -= part;
	}
}

void made_session_text(struct made_session *m, const char *text)
{
	made_session_out(m, text, strlen(text));
}

void made_session_typed(struct made_session *m, const char *text)
{
	event(m, (struct event){ .type = FRAME_INPUT, .data = (const uint8_t *)text,
		.len = strlen(text) });
}

void made_session_window(struct made_session *m, uint16_t rows, uint16_t cols)
{
	m->window = (struct window){ .rows = rows, .cols = cols };
	event(m, (struct event){ .type = FRAME_WINDOW, .window = m->window,
		.data = (const uint8_t *)"" });
}

int made_session_end(struct made_session *m, int ended, int packed)
{
	FILE *out = packed ? tmpfile() : m->file;
	int fd;

	if (ended) {
		if (m->sealer.payload_frames == 0)
			open_chunk(m);
		seal(m, SEAL_END);
	}
	need(out != NULL && fflush(m->file) == 0);
	if (packed)
		need(container_pack(fileno(m->file), fileno(out)) == 0);
	fd = dup(fileno(out));
	need(fd >= 0);
	if (packed)
		fclose(out);
	fclose(m->file);
	return fd;
}
