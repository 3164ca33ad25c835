/* SPDX-License-Identifier: ISC */
#include "tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define WAIT_MS 1000
#define SHAKE_WAITS 30 /* of them, for a handshake */

struct tls {
	SSL_CTX *ctx;
	SSL *ssl; /* of the connection, or NULL */
	int fd;
	const char *name;
};

/* The oldest error is the cause.  Returns r. */
static int because(int r, const char *what, char *reason)
{
	unsigned long e = ERR_get_error();
	const char *text = e != 0 ? ERR_reason_error_string(e) : NULL;

	snprintf(reason, LINK_REASON, "%s: %s", what, text != NULL ? text : "the connection ended");
	ERR_clear_error();
	return r;
}

static int read_files(struct tls *t, const struct link_options *o, char *reason)
{
	if ((o->ca != NULL ? SSL_CTX_load_verify_locations(t->ctx, o->ca, NULL) :
	    SSL_CTX_set_default_verify_paths(t->ctx)) != 1)
		return because(-EINVAL, o->ca != NULL ? o->ca : "the system's authorities", reason);
	if (o->cert == NULL)
		return 0;
	if (SSL_CTX_use_certificate_chain_file(t->ctx, o->cert) != 1)
		return because(-EINVAL, o->cert, reason);
	if (SSL_CTX_use_PrivateKey_file(t->ctx, o->key, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_check_private_key(t->ctx) != 1)
		return because(-EINVAL, o->key, reason);
	return 0;
}

int tls_new(struct tls **out, const struct link_options *o, char *reason)
{
	struct tls *t = calloc(1, sizeof(*t));
	int r;

	if (t == NULL || (t->ctx = SSL_CTX_new(TLS_client_method())) == NULL) {
		free(t);
		snprintf(reason, LINK_REASON, "no memory");
		return -ENOMEM;
	}
	t->fd = -1;
	t->name = o->name != NULL ? o->name : o->host;
	SSL_CTX_set_min_proto_version(t->ctx, TLS1_2_VERSION);
	SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER, NULL);
	if ((r = read_files(t, o, reason)) != 0) {
		tls_free(t);
		return r;
	}
	*out = t;
	return 0;
}

void tls_stop(struct tls *t)
{
	SSL_free(t->ssl);
	t->ssl = NULL;
	t->fd = -1;
	ERR_clear_error();
}

void tls_free(struct tls *t)
{
	if (t == NULL)
		return;
	tls_stop(t);
	SSL_CTX_free(t->ctx);
	free(t);
}

/* After a call that returned result: 1 to be made again, else why not. */
static int again(struct tls *t, struct patience *p, int result)
{
	int why = SSL_get_error(t->ssl, result), r;

	if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
		return -EPROTO;
	r = patience_wait(p, t->fd, why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, WAIT_MS);
	return r < 0 ? r : 1;
}

/* The name is an address, or one of DNS that also tells the daemon whom we mean. */
static int expect_name(struct tls *t)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(t->ssl);
	void *name = (void *)(uintptr_t)t->name; /* which OpenSSL copies */

	if (X509_VERIFY_PARAM_set1_ip_asc(param, t->name) == 1)
		return 0;
	ERR_clear_error();
	return SSL_set1_host(t->ssl, t->name) == 1 &&
	    SSL_set_tlsext_host_name(t->ssl, name) == 1 ? 0 : -EINVAL;
}

int tls_start(struct tls *t, int fd, struct patience *p, char *reason)
{
	int waits = SHAKE_WAITS, r = 1, result;
	long verdict;

	tls_stop(t);
	t->ssl = SSL_new(t->ctx);
	t->fd = fd;
	if (t->ssl == NULL || SSL_set_fd(t->ssl, fd) != 1 || expect_name(t) != 0)
		return because(-EINVAL, "TLS", reason);
	while ((result = SSL_connect(t->ssl)) != 1 && r > 0)
		r = waits-- > 0 ? again(t, p, result) : -EPROTO;
	if (result == 1)
		return 0;
	verdict = SSL_get_verify_result(t->ssl);
	if (verdict == X509_V_OK)
		return because(r, "TLS handshake", reason);
	snprintf(reason, LINK_REASON, "the certificate of %.60s: %.100s", t->name,
	    X509_verify_cert_error_string(verdict));
	return r;
}

int tls_send(struct tls *t, struct patience *p, const void *data, size_t len, char *reason)
{
	int result, r = 1;

	while ((result = SSL_write(t->ssl, data, (int)len)) <= 0 && r > 0)
		r = again(t, p, result);
	return result > 0 ? 0 : because(r, "TLS", reason);
}

int tls_finish(struct tls *t, struct patience *p, char *reason)
{
	int result, r = 1;
	char unused[4096];

	while ((result = SSL_shutdown(t->ssl)) < 0 && r > 0)
		r = again(t, p, result);
	while (result == 0 && r > 0) {
		result = SSL_read(t->ssl, unused, sizeof(unused));
		if (result > 0) {
			result = 0;
		} else if (SSL_get_error(t->ssl, result) == SSL_ERROR_ZERO_RETURN) {
			return 0;
		} else {
			r = again(t, p, result);
			result = 0;
		}
	}
	return result == 1 ? 0 : because(r, "TLS end", reason);
}
