/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FIELD_NODE_H
#define SHELLAC_FIELD_NODE_H

#include <stddef.h>

#include "pattern.h"

/* An expression as a tree of nodes; the leaves are held against fields. */
enum field_op {
	FIELD_AND,
	FIELD_OR,
	FIELD_NOT, /* of left */
	FIELD_EXISTS,
	FIELD_EQUAL,
	FIELD_LESS,
	FIELD_AT_MOST,
	FIELD_GREATER,
	FIELD_AT_LEAST,
	FIELD_MATCHES,
};

struct field_node {
	enum field_op op;
	int left, right;
	char *field; /* of a leaf: "user.name" */
	char *text;  /* its value */
	int is_integer, is_number; /* what the value is, too */
	long long integer;
	double number;
	struct pattern *pattern;
};

struct field_expression {
	struct field_node *node;
	size_t count, room;
	int top;
};

/* The value of a leaf.  0, -ENOMEM, or E_FORMAT: why says what is wrong with the regular
 * expression. */
int field_node_value(struct field_node *n, const char *text, char why[PATTERN_WHY]);
void field_node_release(struct field_node *n);

#endif
