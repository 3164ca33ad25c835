/* SPDX-License-Identifier: ISC */
#include "replay/status.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define SECOND 1000000000
#define PARTS 9
#define PART_MAX 200
#define TIME_MAX 24
#define SAID (PARTS - 1)
#define DATE_COLS 100 /* with fewer there is no room for the day */

/* "1:02:03" of nanoseconds; out has room for TIME_MAX chars. */
static char *time_text(char *out, uint64_t ns)
{
	uint64_t s = ns / SECOND;

	snprintf(out, TIME_MAX, "%llu:%02u:%02u", (unsigned long long)(s / 3600),
	    (unsigned)(s / 60 % 60), (unsigned)(s % 60));
	return out;
}

static void put_clock(char *out, int cols, const struct status *s)
{
	time_t at = (time_t)(s->wall_ns / SECOND);
	struct tm tm;

	out[0] = '\0';
	if (s->wall_ns > 0 && localtime_r(&at, &tm) != NULL)
		strftime(out, PART_MAX, cols < DATE_COLS ? "%H:%M:%S" : "%Y-%m-%d %H:%M:%S", &tm);
}

static void put_position(char *out, const struct status *s)
{
	char at[TIME_MAX], all[TIME_MAX];

	snprintf(out, PART_MAX, "%s/%s%s", time_text(at, s->pos_ns),
	    time_text(all, s->length_ns), s->length_known ? "" : "+");
}

static void put_speed(char *out, const struct status *s)
{
	out[0] = '\0';
	if (s->speed < 1)
		snprintf(out, PART_MAX, "1/%gx", 1 / s->speed);
	else if (s->speed > 1)
		snprintf(out, PART_MAX, "%gx", s->speed);
}

/* What was proven of what is on the screen, and what comes behind it. */
static void put_proof(char *out, const struct status *s)
{
	int n = 0;

	if (s->chunk < 0)
		n = snprintf(out, PART_MAX, "nothing yet");
	else if (!s->sealed)
		n = snprintf(out, PART_MAX, "UNSEALED since %lld", (long long)s->chunk);
	else
		n = snprintf(out, PART_MAX, "verified 0-%lld", (long long)s->chunk);
	if (s->v != NULL && !verdict_good(s->v))
		n += snprintf(out + n, PART_MAX - (size_t)n, " %s", verdict_word(s->v->status));
	if (s->damaged >= 0)
		snprintf(out + n, PART_MAX - (size_t)n, "%s from %lld on",
		    s->v == NULL || verdict_good(s->v) ? " TAMPERED" : "",
		    (long long)s->damaged);
}

static void put_level(char *out, const struct status *s)
{
	out[0] = '\0';
	if (s->level != LEVEL_NONE)
		snprintf(out, PART_MAX, "level %d", s->level);
}

/* What was found next to the moment that is shown. */
static void put_finding(char *out, const struct status *s)
{
	unsigned i, near = 0;
	const char *kind = NULL;

	out[0] = '\0';
	for (i = 0; s->v != NULL && i < s->v->findings; i++) {
		const struct finding *f = &s->v->finding[i];

		if (f->chunk < 0 || f->chunk > s->chunk + 1 || f->chunk < s->chunk - 1)
			continue;
		if (near++ == 0)
			kind = f->kind;
	}
	if (near > 0)
		snprintf(out, PART_MAX, near > 1 ? "here: %s and others" : "here: %s", kind);
}

/* Does it fit?  Each part has a blank before it. */
static int room_for(int cols, int used, const char *part)
{
	return part[0] != '\0' && used + 1 + (int)strlen(part) <= cols;
}

/* What does not fit of the command is cut. */
static void cut(char *text, int cols)
{
	size_t len = strlen(text);

	if (cols < 0 || len <= (size_t)cols)
		return;
	len = (size_t)cols;
	while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
		len--;
	text[len] = '\0';
}

void status_line(char *out, size_t size, int cols, const struct status *s)
{
	char part[PARTS][PART_MAX];
	static const int by_worth[] = { 1, 4, 2, 6, 0, 3, 7, 5, SAID };
	int kept[PARTS] = { 0 }, used = 0, i;
	size_t len = 0;

	put_clock(part[0], cols, s);
	put_position(part[1], s);
	snprintf(part[2], PART_MAX, "%s", s->state);
	put_speed(part[3], s);
	put_proof(part[4], s);
	put_level(part[5], s);
	put_finding(part[6], s);
	snprintf(part[7], PART_MAX, "%s", s->hits);
	snprintf(part[SAID], PART_MAX, "%s", s->message[0] != '\0' ? s->message : s->command);
	if (s->message[0] != '\0') { /* what was asked for */
		kept[SAID] = 1;
		used = 1 + (int)strlen(part[SAID]);
	}
	for (i = 0; i < PARTS; i++) {
		if (by_worth[i] == SAID && !kept[SAID])
			cut(part[SAID], cols - used - 1);
		if (!kept[by_worth[i]] && room_for(cols, used, part[by_worth[i]])) {
			kept[by_worth[i]] = 1;
			used += 1 + (int)strlen(part[by_worth[i]]);
		}
	}
	out[0] = '\0';
	for (i = 0; i < PARTS; i++)
		if (kept[i] && len < size)
			len += (size_t)snprintf(out + len, size - len, " %s", part[i]);
}
