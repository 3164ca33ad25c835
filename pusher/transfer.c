/* SPDX-License-Identifier: ISC */
#include "transfer.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_MS 5000L
#define WHOLE_MS 15000L

struct transfer {
	CURL *easy;
	int busy, too_large;
	uint64_t tag;
	char body[TARGET_BODY_MAX];
	char answer[TARGET_ANSWER_MAX];
	size_t len;
	char error[CURL_ERROR_SIZE];
};

struct transfers {
	CURLM *multi;
	struct curl_slist *headers;
	struct transfer *each[POLICY_WITNESSES_MAX];
};

int transfers_new(struct transfers **out)
{
	struct transfers *t = calloc(1, sizeof(*t));

	if (t == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		free(t);
		return -ENOMEM;
	}
	t->multi = curl_multi_init();
	/* no "Expect: 100-continue", which costs a round trip */
	t->headers = curl_slist_append(NULL, "Expect:");
	if (t->multi == NULL || t->headers == NULL) {
		transfers_free(t);
		return -ENOMEM;
	}
	*out = t;
	return 0;
}

void transfers_free(struct transfers *t)
{
	unsigned i;

	if (t == NULL)
		return;
	for (i = 0; i < POLICY_WITNESSES_MAX; i++) {
		if (t->each[i] == NULL)
			continue;
		curl_multi_remove_handle(t->multi, t->each[i]->easy);
		curl_easy_cleanup(t->each[i]->easy);
		free(t->each[i]);
	}
	curl_slist_free_all(t->headers);
	curl_multi_cleanup(t->multi);
	curl_global_cleanup();
	free(t);
}

static size_t take(char *p, size_t size, size_t n, void *arg)
{
	struct transfer *x = arg;

	if (n > sizeof(x->answer) - x->len) {
		x->too_large = 1;
		return 0;
	}
	memcpy(x->answer + x->len, p, n);
	x->len += n;
	return size * n;
}

/* All that stays the same for this witness. */
static int set_up(const struct transfers *t, struct transfer *x, const char *url)
{
	size_t len = strlen(url);
	char whole[POLICY_URL_MAX + 24];
	CURL *e = x->easy;

	while (len > 0 && url[len - 1] == '/')
		len--;
	snprintf(whole, sizeof(whole), "%.*s/add-checkpoint", (int)len, url);
	return curl_easy_setopt(e, CURLOPT_URL, whole) != CURLE_OK ||
	    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK ||
	    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L) != CURLE_OK ||
	    curl_easy_setopt(e, CURLOPT_PROXY, "") != CURLE_OK ||
	    curl_easy_setopt(e, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) != CURLE_OK ||
	    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L) != CURLE_OK ||
	    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS) != CURLE_OK ||
	    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, WHOLE_MS) != CURLE_OK ||
	    curl_easy_setopt(e, CURLOPT_USERAGENT, "shellac/" PACKAGE_VERSION) != CURLE_OK ||
	    curl_easy_setopt(e, CURLOPT_HTTPHEADER, t->headers) != CURLE_OK ||
	    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, x->error) != CURLE_OK ||
	    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take) != CURLE_OK ||
	    curl_easy_setopt(e, CURLOPT_WRITEDATA, x) != CURLE_OK ||
	    curl_easy_setopt(e, CURLOPT_PRIVATE, x) != CURLE_OK ||
	    curl_easy_setopt(e, CURLOPT_POST, 1L) != CURLE_OK ? -EINVAL : 0;
}

static int make(struct transfers *t, unsigned i, const char *url)
{
	struct transfer *x = calloc(1, sizeof(*x));
	int r;

	if (x == NULL)
		return -ENOMEM;
	x->easy = curl_easy_init();
	r = x->easy == NULL ? -ENOMEM : set_up(t, x, url);
	if (r != 0) {
		curl_easy_cleanup(x->easy);
		free(x);
		return r;
	}
	t->each[i] = x;
	return 0;
}

int transfers_post(struct transfers *t, unsigned i, const char *url, const char *body, size_t len,
    uint64_t tag)
{
	struct transfer *x;
	int r = t->each[i] != NULL ? 0 : make(t, i, url);

	if (r != 0)
		return r;
	x = t->each[i];
	if (len > sizeof(x->body))
		return -EINVAL;
	memcpy(x->body, body, len);
	x->len = 0;
	x->too_large = 0;
	x->error[0] = '\0';
	x->tag = tag;
	if (curl_easy_setopt(x->easy, CURLOPT_POSTFIELDS, x->body) != CURLE_OK ||
	    curl_easy_setopt(x->easy, CURLOPT_POSTFIELDSIZE, (long)len) != CURLE_OK ||
	    curl_multi_add_handle(t->multi, x->easy) != CURLM_OK)
		return -EINVAL;
	x->busy = 1;
	return 0;
}

int transfers_busy(const struct transfers *t, unsigned i)
{
	return t->each[i] != NULL && t->each[i]->busy;
}

int transfers_wait(struct transfers *t, int fd, unsigned ms)
{
	struct curl_waitfd extra = {.fd = fd, .events = CURL_WAIT_POLLIN};
	int running;

	if (curl_multi_perform(t->multi, &running) != CURLM_OK ||
	    curl_multi_poll(t->multi, &extra, 1, (int)ms, NULL) != CURLM_OK ||
	    curl_multi_perform(t->multi, &running) != CURLM_OK)
		return -EIO;
	return 0;
}

/* How it ended. */
static void judge(struct transfer *x, CURLcode r, struct target_answer *a)
{
	*a = (struct target_answer){.body = x->answer, .len = x->len, .error = x->error};
	if (x->too_large)
		a->error = "its answer is too large";
	else if (r != CURLE_OK && x->error[0] == '\0')
		a->error = curl_easy_strerror(r);
	else if (r == CURLE_OK)
		curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &a->status);
}

int transfers_next(struct transfers *t, struct target_answer *a, uint64_t *tag)
{
	CURLcode result;
	CURLMsg *m;
	unsigned i;
	int left;

	do {
		m = curl_multi_info_read(t->multi, &left);
		if (m == NULL)
			return -1;
	} while (m->msg != CURLMSG_DONE);
	result = m->data.result; /* m is gone with the handle */
	for (i = 0; i < POLICY_WITNESSES_MAX; i++)
		if (t->each[i] != NULL && t->each[i]->easy == m->easy_handle)
			break;
	if (i == POLICY_WITNESSES_MAX)
		return -1;
	curl_multi_remove_handle(t->multi, t->each[i]->easy);
	t->each[i]->busy = 0;
	judge(t->each[i], result, a);
	*tag = t->each[i]->tag;
	return (int)i;
}
