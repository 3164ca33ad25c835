/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PROCESS_RECORD_H
#define SHELLAC_PROCESS_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "acct_record.h"
#include "cert.h"

/* shellac-format(5), PROCESS RECORDS.  A segment is a header and slots of one size: what
 * is longer takes several (an EXEC or INPUT and its TEXTs, which stand behind it without
 * another between them).  Version 1 had only PROCESS_ACCT, and zeros from 104 on; version 2
 * had no PROCESS_INPUT. */
#define PROCESS_HEADER 32
#define PROCESS_SIZE 128
#define PROCESS_VERSION 3
#define PROCESS_BODY 64

enum process_kind {
	PROCESS_ACCT = 0, /* a process has ended: the kernel's record */
	PROCESS_EXEC = 1, /* it began a program */
	PROCESS_TEXT = 2, /* goes on with the text of the EXEC or INPUT before */
	PROCESS_LOSS = 3, /* a source lost something: a gap in coverage */
	PROCESS_TERMINAL = 4, /* use of a terminal, or a login, that nobody records */
	PROCESS_WATCH = 5, /* a watched command began, ended, or is not there */
	PROCESS_BOOT = 6, /* the first slot of each segment since version 2 */
	PROCESS_INPUT = 7, /* what an input plugin brought */
};

enum process_reason {
	REASON_RECORDER = 1,
	REASON_ANCESTRY = 2,        /* chain of parents at the exit, by accounting */
	REASON_ANCESTRY_LIVE = 3,
	REASON_NO_RECORDER = 4,
	REASON_NO_RECORDER_TERMINAL = 5,
	REASON_BROKEN = 6,
	REASON_FORK = 7,            /* the fork tree of process events leads to the keeper */
	REASON_LEAD_IN = 8,         /* what ran on the outer terminal before its recorder */
};

/* How sure the session (or that there is none) is. */
enum process_certainty { CERTAIN_NOT_SAID = 0, CERTAIN_EXACT = 1, CERTAIN_LIKELY = 2,
	CERTAIN_DOUBTFUL = 3 };

/* Where a life without a session comes from: the nearest ancestor that says it. */
enum process_origin { ORIGIN_NOT_SAID = 0, ORIGIN_UNKNOWN = 1, ORIGIN_SSHD = 2, ORIGIN_CRON = 3,
	ORIGIN_AT = 4, ORIGIN_SYSTEMD = 5, ORIGIN_LOGIN = 6, ORIGIN_GETTY = 7, ORIGIN_SU = 8,
	ORIGIN_SUDO = 9, ORIGIN_MULTIPLEXER = 10, ORIGIN_CONTAINER = 11, ORIGIN_KERNEL = 12 };

#define PROCESS_F_OTHER_TTY 0x0001 /* on the outer terminal */
#define PROCESS_F_CONTRADICTION 0x0002 /* two sources name two sessions: a finding */
#define PROCESS_F_REUSED 0x0004    /* ordinal > 0: same pid, same tick as another life */
#define PROCESS_F_SINCE_BEFORE 0x0008 /* it lived before the events were read */

struct process_record {
	uint8_t kind;
	uint8_t body[PROCESS_BODY]; /* ACCT: as the kernel wrote it (ACCT_SIZE) */
	/* ACCT: where it came from.  Others: that of the last ACCT stored before, so that the
	 * last slot says up to where the kernel's files were taken in. */
	uint32_t kernel_file, place;
	uint64_t session, outer;
	int64_t read_wall_ns;
	uint8_t reason, certainty, origin;
	uint16_t flags;
	uint32_t keeper_pid;
	/* the life: (host, boot id, pid, start, ordinal); 0 where it is not known */
	uint64_t start_ticks; /* since boot, 1/100 s as in /proc/PID/stat */
	uint16_t ordinal;     /* among lives of this pid and tick */
	uint32_t parent_pid;  /* that forked it (tgid) */
	uint32_t sid;         /* of the last exec or setsid seen */
};

/* Bodies of the other kinds, with PROCESS_BODY bytes each. */

struct process_exec {
	uint32_t pid, uid, euid, tty_dev;
	uint32_t audit_session; /* CERT_UNSET: not known */
	uint64_t boot_ns;       /* CLOCK_BOOTTIME */
	uint32_t text_len;      /* bytes in the TEXTs behind: exe, cwd (empty where they are
	                         * not known), then the arguments, each ended by a zero */
	uint8_t have;           /* EXEC_ */
	char comm[ACCT_COMM];   /* hostile; no zero where it is full */
};
#define EXEC_EXE 1
#define EXEC_CWD 2
#define EXEC_ARGS 4
#define EXEC_ARGS_CUT 8    /* longer than EXEC_TEXT_MAX, or than what could be read */
#define EXEC_TTY 16        /* tty_dev and sid are known */
#define EXEC_TEXT_MAX 4096 /* of text_len; the rest is cut */

struct process_loss {
	uint8_t source;         /* 1 accounting, 2 process events */
	uint8_t state;          /* 1 it begins, 2 it is over */
	uint32_t error;         /* errno or our code, positive; 0 for none */
	uint64_t count;         /* messages lost, 0 where nobody can say */
	uint64_t from_boot_ns;  /* last time that it is known to have worked */
	char text[32];          /* printable ASCII, zero-filled */
};
#define LOSS_ACCT 1
#define LOSS_EVENTS 2

struct process_terminal {
	uint8_t state;          /* 1 it begins, 2 it is over */
	uint32_t pid;           /* of the session leader, or the login's first process */
	uint32_t uid;           /* real, at the first exec that was seen */
	uint32_t tty_dev;       /* 0: a login without a terminal */
	uint64_t from_boot_ns;
	uint64_t to_boot_ns;    /* where it is over */
	uint32_t processes;     /* that were seen, where it is over */
	char comm[ACCT_COMM];   /* of the first program */
};

struct process_watch {
	uint8_t state;          /* 1 began, 2 ended, 3 is not there */
	uint32_t pid;
	char rule[32];          /* its name, zero-filled */
};

struct process_boot {
	int64_t boot_wall_ns;   /* wall clock of the boot, read once for all segments of it; 0:
	                         * not known */
	uint32_t ticks_per_s;   /* of start_ticks: 100; never 0 */
};

#define INPUT_TEXT_MAX 32768 /* longer lines are not taken */
#define INPUT_SOURCE 32

/* The collector vouches that this source brought this then, not that it is true.  The
 * wall clock of the receipt is read_wall_ns. */
struct process_input {
	uint64_t boot_ns;       /* CLOCK_BOOTTIME of the receipt */
	uint32_t text_len;      /* bytes of JSON in the TEXTs behind, 1 to INPUT_TEXT_MAX */
	char source[INPUT_SOURCE + 1]; /* the plugin's name, printable ASCII, zero-ended */
};

#define PROCESS_NAME_MAX 32

/* Names of segments in the store's folder process: "<k>.shlp" into out
 * (PROCESS_NAME_MAX chars), which is returned; and k of such a name, 0 for
 * anything that process_file_name() would not write. */
char *process_file_name(char *out, uint64_t k);
uint64_t process_file_number(const char *name);

void process_header_put(uint8_t p[PROCESS_HEADER], const uint8_t boot_id[BOOT_ID_SIZE], uint64_t k);
/* 0 or E_FORMAT; *version is 1 to PROCESS_VERSION */
int process_header_parse(const uint8_t p[PROCESS_HEADER], uint8_t boot_id[BOOT_ID_SIZE], uint64_t *k,
    uint8_t *version);

void process_record_put(uint8_t p[PROCESS_SIZE], const struct process_record *r);
/* 0 or E_FORMAT, also where a body is not one of its kind. */
int process_record_parse(const uint8_t p[PROCESS_SIZE], struct process_record *r);
/* The same in a segment of this version, of which not all have all kinds. */
int process_record_parse_in(uint8_t version, const uint8_t p[PROCESS_SIZE],
    struct process_record *r);

/* To and from the body of a record.  parse: 0 or E_FORMAT. */
void process_exec_put(uint8_t body[PROCESS_BODY], const struct process_exec *e);
int process_exec_parse(const uint8_t body[PROCESS_BODY], struct process_exec *e);
void process_loss_put(uint8_t body[PROCESS_BODY], const struct process_loss *l);
int process_loss_parse(const uint8_t body[PROCESS_BODY], struct process_loss *l);
void process_terminal_put(uint8_t body[PROCESS_BODY], const struct process_terminal *t);
int process_terminal_parse(const uint8_t body[PROCESS_BODY], struct process_terminal *t);
void process_watch_put(uint8_t body[PROCESS_BODY], const struct process_watch *w);
int process_watch_parse(const uint8_t body[PROCESS_BODY], struct process_watch *w);
void process_boot_put(uint8_t body[PROCESS_BODY], const struct process_boot *b);
int process_boot_parse(const uint8_t body[PROCESS_BODY], struct process_boot *b);
void process_input_put(uint8_t body[PROCESS_BODY], const struct process_input *i);
int process_input_parse(const uint8_t body[PROCESS_BODY], struct process_input *i);

/* The date of a life, nanoseconds since 1970: the boot's, and the ticks.  0 where the
 * boot's is not known; the end of the range where it is beyond it. */
int64_t process_boot_date(const struct process_boot *b, uint64_t start_ticks);

/* "ancestry", "no-recorder", ...; "sshd", ...; "exact", ...; "?" for others */
const char *process_reason_name(uint8_t reason);
const char *process_origin_name(uint8_t origin);
const char *process_certainty_name(uint8_t certainty);

#endif
