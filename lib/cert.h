/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_CERT_H
#define SHELLAC_CERT_H

#include <stddef.h>
#include <stdint.h>

#include "frame.h"
#include "seal.h"

/* shellac-format(5), CERTIFICATE */
#define CERT_HOST_MAX 255
#define CERT_USER_MAX 255
#define CERT_TTY_MAX 64
#define CERT_FROM_MAX 128
#define CERT_CWD_MAX 1024
#define CERT_ANCESTORS_MAX 16
#define CERT_COMM_MAX 15
#define CERT_F_TERMINAL 0x0001
#define CERT_F_LATE 0x0002    /* the session began before it was registered */
#define CERT_F_CLAIMED 0x0004 /* taken in from a spool: who it was is only claimed */
#define CERT_F_NOTICE 0x0008  /* the user was to be shown a notice */
#define CERT_F_KNOWN (CERT_F_TERMINAL | CERT_F_LATE | CERT_F_CLAIMED | CERT_F_NOTICE)
#define CERT_UNSET UINT32_MAX /* loginuid, audit session not set */
#define BOOT_ID_SIZE 16

struct ancestor {
	uint32_t pid;
	uint64_t start_ticks;
	char comm[CERT_COMM_MAX + 1];
};

struct cert {
	uint16_t flags;
	uint64_t n;
	uint8_t id[ID_SIZE];
	uint8_t pk[PK_SIZE];
	uint8_t host_id[ID_SIZE];
	uint8_t boot_id[BOOT_ID_SIZE];
	int64_t wall_ns;
	uint64_t boot_ns;
	uint32_t pid, uid, gid, loginuid, audit_session;
	uint32_t tty_dev;      /* major << 20 | minor, 0 for none */
	uint64_t start_ticks;
	uint8_t policy[HASH_SIZE];
	uint8_t checkpoint[HASH_SIZE];
	char host[CERT_HOST_MAX + 1];
	char user[CERT_USER_MAX + 1];
	char tty[CERT_TTY_MAX + 1];
	char from[CERT_FROM_MAX + 1];
	char cwd[CERT_CWD_MAX + 1];
	unsigned ancestors;
	struct ancestor ancestor[CERT_ANCESTORS_MAX];
	uint8_t notice[HASH_SIZE]; /* of its text, with CERT_F_NOTICE */
};

/* Writes and signs the body of CERT with the host's secret key.  p has room for
 * FRAME_BODY_MAX bytes.  Returns its length or E_RANGE. */
int cert_put(uint8_t *p, const struct cert *c, const uint8_t host_sk[SK_SIZE]);

/* The same in two steps: the body but for its signature, its length or E_RANGE; and
 * the SIG_SIZE bytes of the signature behind these len bytes. */
int cert_put_body(uint8_t *p, const struct cert *c);
void cert_sign(uint8_t *p, size_t len, const uint8_t host_sk[SK_SIZE]);

/* Reads a body of CERT; does not look at the signature.  0, E_FORMAT, E_RANGE
 * or E_SHORT. */
int cert_parse(const uint8_t *p, size_t len, struct cert *c);

/* 0 or E_SIGNATURE.  len as given to cert_parse(). */
int cert_verify(const uint8_t *p, size_t len, const uint8_t host_pk[PK_SIZE]);

/* First 16 bytes of BLAKE2b-256 of the host's public key. */
void cert_host_id(uint8_t id[ID_SIZE], const uint8_t host_pk[PK_SIZE]);

#endif
