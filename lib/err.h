/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_ERR_H
#define SHELLAC_ERR_H

/*
 * One convention in the whole tree: 0 or more is fine, a negative value is
 * -errno or one of these.  Library code returns them and never logs.
 */
enum {
	E_FORMAT = -5001,    /* bytes that the format does not allow */
	E_SHORT = -5002,     /* more bytes are needed */
	E_RANGE = -5003,     /* a length or number out of its limits */
	E_SIGNATURE = -5004, /* a signature that does not verify */
	E_CHAIN = -5005,     /* prev, number or session id of another chain */
	E_DIGEST = -5006,    /* payload digest, length or frame count differ */
	E_TOTALS = -5007,    /* time or totals differ from the events */
	E_KEY = -5008,       /* key file malformed, or of unsafe mode */
	E_END = -5009,       /* bytes after the end */
	E_REFUSED = -5010,   /* the other side said no */
	E_BYTE_ORDER = -5011, /* bytes of a machine of the other byte order */
};

/* Text for a negative return value of this tree; never NULL, static storage. */
const char *err_text(int r);

#endif
