/* SPDX-License-Identifier: ISC */
#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "clock.h"
#include "escape.h"
#include "io.h"

#define TEXT_MAX 1024
#define LINE_MAX_CHARS (2 * TEXT_MAX)
#define WINDOW_NS (10 * UINT64_C(1000000000))
#define WINDOW_LINES 50
#define SLOTS 64

#define NO_USER UINT64_MAX

/* One format string, of one user where it has one, and what became of its lines in its
 * window. */
struct slot {
	const char *fmt;
	uint64_t uid;
	enum log_level level;
	uint64_t start_ns;
	unsigned lines, left_out;
};

static struct {
	const char *name;
	int to_syslog, levels;
	enum log_level max;
	struct slot slot[SLOTS];
} state = { .name = "shellac", .max = LOG_L_INFO };

/* holds state, and keeps lines of several threads apart */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void log_open(const char *name, int to_syslog, enum log_level max)
{
	pthread_mutex_lock(&lock);
	state.name = name;
	state.to_syslog = to_syslog;
	state.max = max;
	memset(state.slot, 0, sizeof(state.slot));
	if (to_syslog)
		openlog(name, LOG_PID, LOG_AUTHPRIV);
	pthread_mutex_unlock(&lock);
}

void log_levels(int on)
{
	pthread_mutex_lock(&lock);
	state.levels = on;
	pthread_mutex_unlock(&lock);
}

/* A log that cannot be written has nobody to be told. */
static void put_line(enum log_level level, const char *raw)
{
	static const int priority[] = { LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO,
		LOG_DEBUG };
	char text[LINE_MAX_CHARS], line[LINE_MAX_CHARS + 68], prefix[4] = "";
	int n;

	escape_str(text, sizeof(text), raw);
	if (state.to_syslog) {
		syslog(priority[level], "%s", text);
		return;
	}
	if (state.levels)
		memcpy(prefix, (const char[]){'<', (char)('0' + priority[level]), '>', '\0'}, 4);
	n = snprintf(line, sizeof(line), "%s%.60s: %s\n", prefix, state.name, text);
	io_write_all(STDERR_FILENO, line, (size_t)n);
}

static void close_window(struct slot *s)
{
	char text[TEXT_MAX], whose[40] = "";

	if (s->left_out > 0) {
		if (s->uid != NO_USER)
			snprintf(whose, sizeof(whose), " of user id %" PRIu64, s->uid);
		snprintf(text, sizeof(text), "%u more lines of this kind%s were left out: %s",
		    s->left_out, whose, s->fmt);
		put_line(s->level, text);
	}
	memset(s, 0, sizeof(*s));
}

/* The slot of fmt and uid; with all in use the oldest window is closed for it. */
static struct slot *find_slot(const char *fmt, uint64_t uid, enum log_level level,
    uint64_t now_ns)
{
	struct slot *s, *found = NULL, *oldest = &state.slot[0];

	for (s = state.slot; s < state.slot + SLOTS; s++) {
		if (s->fmt != NULL && now_ns - s->start_ns >= WINDOW_NS)
			close_window(s);
		if (s->fmt == fmt && s->uid == uid)
			found = s;
		if (s->start_ns < oldest->start_ns)
			oldest = s;
	}
	if (found == NULL) {
		close_window(oldest);
		found = oldest;
		found->fmt = fmt;
		found->uid = uid;
		found->level = level;
		found->start_ns = now_ns;
	}
	return found;
}

__attribute__((format(printf, 3, 0)))
static void put(enum log_level level, uint64_t uid, const char *fmt, va_list ap)
{
	char text[TEXT_MAX];
	int saved = errno;
	struct slot *s;

	pthread_mutex_lock(&lock);
	if (level > state.max)
		goto out;
	s = find_slot(fmt, uid, level, clock_mono());
	if (s->lines == WINDOW_LINES) {
		s->left_out++;
	} else {
		s->lines++;
		errno = saved; /* for %m */
		vsnprintf(text, sizeof(text), fmt, ap);
		put_line(level, text);
	}
out:
	pthread_mutex_unlock(&lock);
	errno = saved;
}

void log_at(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(level, NO_USER, fmt, ap);
	va_end(ap);
}

void log_of_user(enum log_level level, uint32_t uid, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(level, uid, fmt, ap);
	va_end(ap);
}
