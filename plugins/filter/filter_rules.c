/* SPDX-License-Identifier: ISC */
#include "filter_rules.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "err.h"
#include "io.h"

int filter_rules_add(struct filter_rules *f, const char *text, size_t len,
    struct field_wrong *wrong)
{
	struct field_expression *e;
	int r = array_room(&f->list, f->count, &f->room, sizeof(*f->list));

	if (r != 0 || (r = field_expression_parse(&e, text, len, wrong)) != 0)
		return r;
	f->list[f->count++] = e;
	return 0;
}

static int says_nothing(const char *line, size_t len)
{
	size_t at = 0;

	while (at < len && (line[at] == ' ' || line[at] == '\t' || line[at] == '\r'))
		at++;
	return at == len || line[0] == '#';
}

static int take_lines(struct filter_rules *f, const char *text, size_t len, filter_said *said,
    void *ctx)
{
	const char *end = text + len;
	unsigned line = 1;
	int result = 0;

	for (; text < end; line++) {
		const char *lf = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((lf != NULL ? lf : end) - text);
		struct field_wrong wrong;
		int r = says_nothing(text, n) ? 0 : filter_rules_add(f, text, n, &wrong);

		if (r == E_FORMAT)
			said(ctx, line, &wrong);
		if (r != 0 && result != -ENOMEM)
			result = r;
		text += n + 1;
	}
	return result;
}

int filter_rules_read(struct filter_rules *f, const char *path, filter_said *said, void *ctx)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), r;
	uint8_t *text;
	size_t len;

	if (fd < 0)
		return -errno;
	r = io_read_fd(fd, FILTER_FILE_MAX, &text, &len);
	close(fd);
	if (r != 0)
		return r;
	r = take_lines(f, (const char *)text, len, said, ctx);
	free(text);
	return r;
}

void filter_rules_release(struct filter_rules *f)
{
	for (size_t i = 0; i < f->count; i++)
		field_expression_free(f->list[i]);
	free(f->list);
	*f = (struct filter_rules){0};
}

static int is_of_the_feed(const json_t *event)
{
	const char *action = json_string_value(json_object_get(json_object_get(event, "event"),
	    "action"));

	return action != NULL &&
	    (strcmp(action, "plugin-start") == 0 || strcmp(action, "events-lost") == 0);
}

int filter_rules_pass(const struct filter_rules *f, const json_t *event)
{
	int matches = 0;

	if (is_of_the_feed(event))
		return 1;
	for (size_t i = 0; i < f->count && matches != 1; i++) {
		int r = field_expression_test(f->list[i], event);

		if (r != 0)
			matches = r;
	}
	if (matches < 0)
		return E_RANGE;
	return matches != f->drop;
}
