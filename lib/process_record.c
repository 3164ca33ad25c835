/* SPDX-License-Identifier: ISC */
#include "process_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "err.h"

/* Offsets of shellac-format(5), PROCESS RECORDS; first the header's */
enum {
	AT_VERSION = 4,
	AT_ZERO_HEAD = 5,
	AT_BOOT_ID = 8,
	AT_K = 24,
	AT_KERNEL_FILE = 64,
	AT_PLACE = 68,
	AT_SESSION = 72,
	AT_OUTER = 80,
	AT_READ_WALL = 88,
	AT_REASON = 96,
	AT_KIND = 97,
	AT_FLAGS = 98,
	AT_KEEPER_PID = 100,
	AT_START = 104,
	AT_PARENT = 112,
	AT_SID = 116,
	AT_ORDINAL = 120,
	AT_CERTAINTY = 122,
	AT_ORIGIN = 123,
	AT_ZERO = 124,
};

#define FLAGS_1 PROCESS_F_OTHER_TTY
#define FLAGS_2 (PROCESS_F_OTHER_TTY | PROCESS_F_CONTRADICTION | PROCESS_F_REUSED | \
	PROCESS_F_SINCE_BEFORE)

static const uint8_t magic[AT_VERSION] = { 'S', 'H', 'L', 'P' };

char *process_file_name(char *out, uint64_t k)
{
	snprintf(out, PROCESS_NAME_MAX, "%08" PRIu64 ".shlp", k);
	return out;
}

uint64_t process_file_number(const char *name)
{
	char again[PROCESS_NAME_MAX];
	uint64_t k;

	if (sscanf(name, "%18" SCNu64 ".shlp", &k) != 1)
		return 0;
	return strcmp(process_file_name(again, k), name) == 0 ? k : 0;
}

void process_header_put(uint8_t p[PROCESS_HEADER], const uint8_t boot_id[BOOT_ID_SIZE], uint64_t k)
{
	memset(p, 0, PROCESS_HEADER);
	memcpy(p, magic, sizeof(magic));
	p[AT_VERSION] = PROCESS_VERSION;
	memcpy(p + AT_BOOT_ID, boot_id, BOOT_ID_SIZE);
	put_u64(p + AT_K, k);
}

int process_header_parse(const uint8_t p[PROCESS_HEADER], uint8_t boot_id[BOOT_ID_SIZE], uint64_t *k,
    uint8_t *version)
{
	if (memcmp(p, magic, sizeof(magic)) != 0 || p[AT_VERSION] < 1 ||
	    p[AT_VERSION] > PROCESS_VERSION || !all_zero(p + AT_ZERO_HEAD, AT_BOOT_ID - AT_ZERO_HEAD) ||
	    get_u64(p + AT_K) == 0)
		return E_FORMAT;
	memcpy(boot_id, p + AT_BOOT_ID, BOOT_ID_SIZE);
	*k = get_u64(p + AT_K);
	*version = p[AT_VERSION];
	return 0;
}

void process_record_put(uint8_t p[PROCESS_SIZE], const struct process_record *r)
{
	memset(p, 0, PROCESS_SIZE);
	memcpy(p, r->body, PROCESS_BODY);
	put_u32(p + AT_KERNEL_FILE, r->kernel_file);
	put_u32(p + AT_PLACE, r->place);
	put_u64(p + AT_SESSION, r->session);
	put_u64(p + AT_OUTER, r->outer);
	put_u64(p + AT_READ_WALL, (uint64_t)r->read_wall_ns);
	p[AT_REASON] = r->reason;
	p[AT_KIND] = r->kind;
	put_u16(p + AT_FLAGS, r->flags);
	put_u32(p + AT_KEEPER_PID, r->keeper_pid);
	put_u64(p + AT_START, r->start_ticks);
	put_u32(p + AT_PARENT, r->parent_pid);
	put_u32(p + AT_SID, r->sid);
	put_u16(p + AT_ORDINAL, r->ordinal);
	p[AT_CERTAINTY] = r->certainty;
	p[AT_ORIGIN] = r->origin;
}

static int is_body(uint8_t kind, const uint8_t body[PROCESS_BODY])
{
	union {
		struct acct_record acct;
		struct process_exec exec;
		struct process_loss loss;
		struct process_terminal terminal;
		struct process_watch watch;
		struct process_boot boot;
		struct process_input input;
	} u;

	_Static_assert(PROCESS_BODY == ACCT_SIZE, "a body has room for the kernel's record");
	switch (kind) {
	case PROCESS_ACCT:
		return acct_record_parse(body, &u.acct) == 0;
	case PROCESS_EXEC:
		return process_exec_parse(body, &u.exec) == 0;
	case PROCESS_TEXT:
		return 1;
	case PROCESS_LOSS:
		return process_loss_parse(body, &u.loss) == 0;
	case PROCESS_TERMINAL:
		return process_terminal_parse(body, &u.terminal) == 0;
	case PROCESS_WATCH:
		return process_watch_parse(body, &u.watch) == 0;
	case PROCESS_BOOT:
		return process_boot_parse(body, &u.boot) == 0;
	case PROCESS_INPUT:
		return process_input_parse(body, &u.input) == 0;
	default:
		return 0;
	}
}

/* A LOSS, a BOOT or an INPUT is of no process. */
static int is_of_nobody(const uint8_t p[PROCESS_SIZE])
{
	return all_zero(p + AT_SESSION, AT_READ_WALL - AT_SESSION) && p[AT_REASON] == 0 &&
	    all_zero(p + AT_FLAGS, PROCESS_SIZE - AT_FLAGS);
}

static int is_right(const uint8_t p[PROCESS_SIZE])
{
	uint8_t kind = p[AT_KIND];

	if (!is_body(kind, p) || !all_zero(p + AT_ZERO, PROCESS_SIZE - AT_ZERO))
		return 0;
	if (kind == PROCESS_LOSS || kind == PROCESS_BOOT || kind == PROCESS_INPUT)
		return is_of_nobody(p);
	return p[AT_REASON] >= (kind == PROCESS_ACCT ? REASON_RECORDER : 0) &&
	    p[AT_REASON] <= REASON_LEAD_IN && (get_u16(p + AT_FLAGS) & ~FLAGS_2) == 0 &&
	    p[AT_CERTAINTY] <= CERTAIN_DOUBTFUL && p[AT_ORIGIN] <= ORIGIN_KERNEL;
}

static int is_right_1(const uint8_t p[PROCESS_SIZE])
{
	return is_right(p) && p[AT_KIND] == PROCESS_ACCT && p[AT_REASON] <= REASON_BROKEN &&
	    (get_u16(p + AT_FLAGS) & ~FLAGS_1) == 0 &&
	    all_zero(p + AT_START, PROCESS_SIZE - AT_START);
}

static int is_right_in(uint8_t version, const uint8_t p[PROCESS_SIZE])
{
	if (version == 1)
		return is_right_1(p);
	return is_right(p) && (version > 2 || p[AT_KIND] != PROCESS_INPUT);
}

int process_record_parse_in(uint8_t version, const uint8_t p[PROCESS_SIZE],
    struct process_record *r)
{
	if (!is_right_in(version, p))
		return E_FORMAT;
	r->kind = p[AT_KIND];
	memcpy(r->body, p, PROCESS_BODY);
	r->kernel_file = get_u32(p + AT_KERNEL_FILE);
	r->place = get_u32(p + AT_PLACE);
	r->session = get_u64(p + AT_SESSION);
	r->outer = get_u64(p + AT_OUTER);
	r->read_wall_ns = (int64_t)get_u64(p + AT_READ_WALL);
	r->reason = p[AT_REASON];
	r->certainty = p[AT_CERTAINTY];
	r->origin = p[AT_ORIGIN];
	r->flags = get_u16(p + AT_FLAGS);
	r->keeper_pid = get_u32(p + AT_KEEPER_PID);
	r->start_ticks = get_u64(p + AT_START);
	r->ordinal = get_u16(p + AT_ORDINAL);
	r->parent_pid = get_u32(p + AT_PARENT);
	r->sid = get_u32(p + AT_SID);
	return 0;
}

int process_record_parse(const uint8_t p[PROCESS_SIZE], struct process_record *r)
{
	return process_record_parse_in(PROCESS_VERSION, p, r);
}
