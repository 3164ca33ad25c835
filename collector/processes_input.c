/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <string.h>

#include "clock.h"
#include "processes_internal.h"

int processes_input(struct processes *p, const char *source, const char *json, size_t len)
{
	struct process_record r = { .read_wall_ns = clock_wall() };
	struct process_input in = { .boot_ns = clock_boot(), .text_len = (uint32_t)len };
	struct process_store *s;
	int e;

	if (len == 0 || len > INPUT_TEXT_MAX || strlen(source) > INPUT_SOURCE)
		return -EINVAL;
	if ((e = accounting_open_store(p->c->acct)) != 0)
		return e;
	s = accounting_store(p->c->acct);
	memcpy(in.source, source, strlen(source));
	if ((e = process_store_append_input(s, &r, &in, json)) != 0)
		return e;
	return process_store_flush(s);
}
