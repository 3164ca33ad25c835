/* SPDX-License-Identifier: ISC */
/*
 * shellac-witness: remembers how far logs of others have come, and signs with a time
 * that what they show now continues what they showed before.
 *
 *   main        options, the end
 *   identity    the witness' own key
 *   logs        which logs, and what was cosigned last of each
 *   http        HTTP, by libmicrohttpd
 *   request     the bytes of a request
 *   cosign      what is answered, in the order of the specification
 *   answer      an answer's parts
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cosign.h"
#include "err.h"
#include "http.h"
#include "io.h"
#include "log.h"
#include "witness_policy.h"

enum { EXIT_CLEAN, EXIT_USAGE = 2, EXIT_CANNOT };

#define LISTEN_DEFAULT "127.0.0.1:8650"
#define KEY_NAME "witness.key"
#define LOGS_MAX 64

struct options {
	const char *listen, *key, *name, *policy, *state;
	const char *log[LOGS_MAX];
	unsigned logs;
	int new_key;
	char key_path[PATH_MAX];
};

static const char usage[] =
    "usage: shellac witness [--state DIR] [--key FILE] --new-key [--name NAME]\n"
    "       shellac witness [--state DIR] [--key FILE] [--listen ADDR:PORT]\n"
    "                       --policy FILE | --log VKEY...\n"
    "cosigns the checkpoints of logs that continue what they showed before\n\n"
    "      --listen ADDR:PORT  where HTTP is served (default: " LISTEN_DEFAULT ")\n"
    "      --log VKEY          a log to watch, by its verifier key; may be repeated\n"
    "      --policy FILE       watch the logs that this policy names\n"
    "      --state DIR         what was cosigned last (default:\n"
    "                          " PATHS_STATEDIR "-witness)\n"
    "      --key FILE          its secret key (default: " KEY_NAME " in the state)\n"
    "      --new-key           make that key, print its verifier key, and end\n"
    "      --name NAME         the new key's (default: HOST/shellac-witness)\n"
    "  -h, --help              show this help\n"
    "  -V, --version           show the version\n";

enum { OPT_LISTEN = 256, OPT_LOG, OPT_POLICY, OPT_STATE, OPT_KEY, OPT_NEW_KEY, OPT_NAME };

static const struct option longs[] = {
	{"listen", required_argument, NULL, OPT_LISTEN}, {"log", required_argument, NULL, OPT_LOG},
	{"policy", required_argument, NULL, OPT_POLICY}, {"state", required_argument, NULL, OPT_STATE},
	{"key", required_argument, NULL, OPT_KEY}, {"new-key", no_argument, NULL, OPT_NEW_KEY},
	{"name", required_argument, NULL, OPT_NAME}, {"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'}, {0}};

static int add_log(struct options *o, const char *vkey)
{
	if (o->logs == LOGS_MAX)
		return -1;
	o->log[o->logs++] = vkey;
	return 0;
}

static int is_sensible(const struct options *o)
{
	if (o->new_key)
		return o->policy == NULL && o->logs == 0;
	return (o->policy != NULL || o->logs > 0) && o->name == NULL;
}

/* -1 to go on, else an exit status. */
static int read_options(int argc, char **argv, struct options *o)
{
	int c, bad = 0;

	while ((c = getopt_long(argc, argv, "hV", longs, NULL)) != -1) {
		switch (c) {
		case OPT_LISTEN: o->listen = optarg; break;
		case OPT_LOG: bad |= add_log(o, optarg) != 0; break;
		case OPT_POLICY: o->policy = optarg; break;
		case OPT_STATE: o->state = optarg; break;
		case OPT_KEY: o->key = optarg; break;
		case OPT_NEW_KEY: o->new_key = 1; break;
		case OPT_NAME: o->name = optarg; break;
		case 'h': fputs(usage, stdout); return EXIT_CLEAN;
		case 'V': puts("shellac-witness " PACKAGE_VERSION); return EXIT_CLEAN;
		default: bad = 1; break;
		}
	}
	if (!bad && optind == argc && is_sensible(o))
		return -1;
	fputs(usage, stderr);
	return EXIT_USAGE;
}

/* The state's folder, held: two witnesses on one would cosign what the other did not. */
static int open_state(const char *path)
{
	int fd = io_make_dir(AT_FDCWD, path, 0700), r;

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		r = -errno;
		close(fd);
		fd = r;
	}
	if (fd < 0)
		log_error("%s: %s", path, fd == -EWOULDBLOCK ? "another witness works here" :
		    err_text(fd));
	return fd;
}

static int make_key(struct witness *w, const struct options *o)
{
	char name[NOTE_NAME_MAX + 1], vkey[NOTE_VKEY_MAX];
	int r;

	identity_default_name(name);
	r = identity_make(&w->identity, o->key_path, o->name != NULL ? o->name : name);
	if (r != 0) {
		log_error("%s: %s", o->key_path, err_text(r));
		return EXIT_CANNOT;
	}
	note_key_format(vkey, &w->identity.key);
	puts(vkey);
	return fflush(stdout) == 0 ? EXIT_CLEAN : EXIT_CANNOT;
}

static int take_policy(struct logs *l, const char *path)
{
	struct witness_policy *p;
	unsigned line = 0, i;
	int r;

	r = policy_load(&p, path, &line);
	if (r != 0) {
		log_error("%s:%u: %s", path, line, r == E_KEY ? "not a verifier key" : err_text(r));
		return r;
	}
	for (i = 0; r == 0 && i < policy_logs(p); i++)
		r = logs_add(l, policy_log(p, i));
	policy_free(p);
	return r;
}

static int take_logs(struct witness *w, const struct options *o)
{
	const struct log_state *bad = NULL;
	struct note_key k;
	unsigned i;
	int r = 0;

	for (i = 0; r == 0 && i < o->logs; i++)
		if ((r = note_key_parse(&k, o->log[i])) != 0 || (r = logs_add(&w->logs, &k)) != 0)
			log_error("%s: %s", o->log[i], r == E_KEY ? "not a verifier key" : err_text(r));
	if (r == 0 && o->policy != NULL)
		r = take_policy(&w->logs, o->policy);
	if (r == 0 && w->logs.count == 0) {
		log_error("%s names no log", o->policy);
		r = E_RANGE;
	}
	if (r != 0)
		return r;
	r = logs_load(&w->logs, &w->identity.key, &bad);
	if (r != 0)
		log_error("%s, the state of %s, is not as this witness left it: %s", bad->file,
		    bad->origin, err_text(r));
	return r;
}

/* Whatever a request brings, there is little it could take over. */
static void confine(void)
{
	const struct rlimit none = {0, 0};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    setrlimit(RLIMIT_CORE, &none) < 0)
		log_warn("not confined: %s", err_text(-errno));
}

static int serve(struct witness *w, const struct options *o)
{
	char vkey[NOTE_VKEY_MAX], url[HTTP_URL_MAX];
	struct http *h = NULL;
	sigset_t set;
	int sock, r, sig;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	sock = http_listen(o->listen, url);
	r = sock < 0 ? sock : http_start(&h, w, sock);
	if (r != 0) {
		log_error("%s: %s", o->listen, err_text(r));
		return EXIT_CANNOT;
	}
	note_key_format(vkey, &w->identity.key);
	log_info("ready: %s at %s, %u logs", vkey, url, w->logs.count);
	sigwait(&set, &sig);
	http_stop(h);
	return EXIT_CLEAN;
}

static int run(struct witness *w, struct options *o)
{
	int r;

	r = identity_load(&w->identity, o->key_path);
	if (r != 0) {
		log_error("%s: %s%s", o->key_path, err_text(r),
		    r == -ENOENT ? "; --new-key makes one" : "");
		return EXIT_CANNOT;
	}
	return take_logs(w, o) == 0 ? serve(w, o) : EXIT_CANNOT;
}

int main(int argc, char **argv)
{
	static struct witness w;
	struct options o = {.listen = LISTEN_DEFAULT, .state = PATHS_STATEDIR "-witness"};
	int r, dir;

	umask(077);
	log_open("shellac-witness", 0, LOG_L_INFO);
	r = read_options(argc, argv, &o);
	if (r >= 0)
		return r;
	confine();
	if (sodium_init() < 0 || (dir = open_state(o.state)) < 0)
		return EXIT_CANNOT;
	if (snprintf(o.key_path, sizeof(o.key_path), "%s%s%s", o.key != NULL ? o.key : o.state,
	    o.key != NULL ? "" : "/", o.key != NULL ? "" : KEY_NAME) >= (int)sizeof(o.key_path))
		return EXIT_CANNOT;
	logs_init(&w.logs, dir);
	r = o.new_key ? make_key(&w, &o) : run(&w, &o);
	logs_free(&w.logs);
	sodium_memzero(&w.identity, sizeof(w.identity));
	close(dir);
	return r;
}
