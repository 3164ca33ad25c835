/* SPDX-License-Identifier: ISC */
#include "field_node.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "field_expression.h"
#include "json_at.h"

static void read_number(struct field_node *n)
{
	char *end;

	if (isspace((unsigned char)n->text[0]) || n->text[0] == '\0')
		return;
	errno = 0;
	n->integer = strtoll(n->text, &end, 10);
	n->is_integer = *end == '\0' && errno == 0;
	n->number = strtod(n->text, &end);
	n->is_number = *end == '\0' && isfinite(n->number);
}

int field_node_value(struct field_node *n, const char *text, char why[PATTERN_WHY])
{
	n->text = strdup(text);
	if (n->text == NULL)
		return -ENOMEM;
	if (n->op == FIELD_MATCHES)
		return pattern_new(&n->pattern, text, PATTERN_REGEX, why);
	read_number(n);
	return 0;
}

void field_node_release(struct field_node *n)
{
	free(n->field);
	free(n->text);
	pattern_free(n->pattern);
}

static int compare_text(const json_t *value, const char *text)
{
	size_t a = json_string_length(value), b = strlen(text);
	int order = memcmp(json_string_value(value), text, a < b ? a : b);

	return order != 0 ? order : (a > b) - (a < b);
}

/* The order of two that can be compared: <0, 0, >0 into *order and 1; or 0. */
static int compare(const struct field_node *n, const json_t *value, int *order)
{
	if (json_is_integer(value) && n->is_integer) {
		*order = (json_integer_value(value) > n->integer) -
		    (json_integer_value(value) < n->integer);
	} else if (json_is_number(value) && n->is_number) {
		*order = (json_number_value(value) > n->number) -
		    (json_number_value(value) < n->number);
	} else if (json_is_string(value)) {
		*order = compare_text(value, n->text);
	} else if (json_is_boolean(value) && n->op == FIELD_EQUAL) {
		*order = strcmp(json_is_true(value) ? "true" : "false", n->text);
	} else {
		return 0;
	}
	return 1;
}

static int test_scalar(const struct field_node *n, const json_t *value)
{
	size_t at, len;
	int order;

	if (n->op == FIELD_EXISTS)
		return !json_is_null(value);
	if (n->op == FIELD_MATCHES)
		return json_is_string(value) ? pattern_find(n->pattern, json_string_value(value),
		    json_string_length(value), 0, &at, &len) : 0;
	if (!compare(n, value, &order))
		return 0;
	switch (n->op) {
	case FIELD_EQUAL: return order == 0;
	case FIELD_LESS: return order < 0;
	case FIELD_AT_MOST: return order <= 0;
	case FIELD_GREATER: return order > 0;
	default: return order >= 0;
	}
}

/* Of a list it is enough that one element is so. */
static int test_value(const struct field_node *n, const json_t *value)
{
	const json_t *element;
	size_t i;
	int r, error = 0;

	if (!json_is_array(value) || n->op == FIELD_EXISTS)
		return test_scalar(n, value);
	json_array_foreach(value, i, element) {
		if ((r = test_scalar(n, element)) > 0)
			return 1;
		error = r < 0 ? r : error;
	}
	return error;
}

static int test_field(const struct field_node *n, const json_t *object)
{
	const json_t *value = json_at(object, n->field);

	return value != NULL ? test_value(n, value) : 0;
}

static int test(const struct field_expression *e, int at, const json_t *event);

/* An AND is decided by one that is not true, an OR by one that is, whatever the other is. */
static int test_pair(const struct field_expression *e, const struct field_node *n,
    const json_t *event)
{
	int decides = n->op == FIELD_OR;
	int left = test(e, n->left, event), right;

	if (left == decides)
		return decides;
	right = test(e, n->right, event);
	if (right == decides)
		return decides;
	return left < 0 ? left : right;
}

static int test(const struct field_expression *e, int at, const json_t *event)
{
	const struct field_node *n = &e->node[at];
	int r;

	if (n->op == FIELD_AND || n->op == FIELD_OR)
		return test_pair(e, n, event);
	if (n->op != FIELD_NOT)
		return test_field(n, event);
	r = test(e, n->left, event);
	return r < 0 ? r : !r;
}

int field_expression_test(const struct field_expression *e, const json_t *event)
{
	return test(e, e->top, event);
}
