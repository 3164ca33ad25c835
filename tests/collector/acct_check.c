/* SPDX-License-Identifier: ISC */
/*
 * Process accounting for real, below accounting.h, for 20-accounting.t: as root, in
 * a pid namespace of its own (unshare -pf --mount-proc).
 *
 *   acct_check STORE SCENARIO
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "acct_harness.h"
#include "log.h"

/* Two starts in a row without a stop: what was taken over from ourselves is no loss. */
static void second_start(void)
{
	struct accounting *a = begin(1 << 20);

	want(accounting_start(a) == 0, "start");
	spawn(0, 10);
	accounting_drain(a);
	spawn(10, 10);
	accounting_free(a);
	spawn(20, 10);
	a = begin(1 << 20);
	add_self(a, OWN_N);
	want(accounting_start(a) == 0 && state_is(a, "on"), "second start");
	want(counter(a, "foreign_markers") == 0, "no foreign marker");
	want(kernel_files() == 1, "the old file is gone");
	finish(a, 1);
	check_store(30, 0);
	check_gaps(1, 1); /* the kernel wrote on meanwhile */
	a = begin(1 << 20);
	want(accounting_start(a) == 0, "start after a stop");
	finish(a, 1);
	check_gaps(3, 2); /* since the newest record, and since the stop, is one gap */
}

/* A rotation by hand closes the segment too, unless it is empty. */
static void rotated(void)
{
	struct accounting *a = begin(1 << 20);

	want(accounting_start(a) == 0, "start");
	accounting_rotate_now(a);
	spawn(0, 10);
	accounting_rotate_now(a);
	accounting_rotate_now(a);
	want(counter(a, "rotations") == 3, "three kernel files");
	want(segments() == 3, "two segments with something in them, and a new one");
	spawn(10, 10);
	finish(a, 1);
	want(kernel_files() == 0, "no kernel file is left");
	check_store(20, 0);
}

/* Records of an earlier boot are taken in without a look at /proc. */
static void other_boot(void)
{
	struct accounting *a = begin(1 << 20);
	char name[4096];
	uint8_t boot[16] = { 1, 2, 3 };
	int fd;

	want(accounting_start(a) == 0, "start");
	want(counter(a, "segment") == 1, "first segment");
	spawn(0, 20);
	acct(NULL);
	accounting_free(a); /* as a crash: nothing was settled */
	snprintf(name, sizeof(name), "%s/process/00000001.shlp", store);
	fd = open(name, O_WRONLY);
	want(pwrite(fd, boot, sizeof(boot), 8) == sizeof(boot), "another boot");
	close(fd);
	a = begin(1 << 20);
	add_self(a, OWN_N);
	want(accounting_start(a) == 0 && counter(a, "segment") == 2, "second segment");
	want(accounting_commands(a, OWN_N) == 0, "none of them is this boot's");
	finish(a, 1);
	check_store(20, 0);
}

static void not_permitted(void)
{
	struct accounting *a;

	want(chown(store, 65534, 65534) == 0 && setgid(65534) == 0 && setuid(65534) == 0, "setuid");
	a = begin(1 << 20);
	want(accounting_start(a) == -EPERM && state_is(a, "off"), "EPERM");
	want(accounting_fd(a) == -1 && accounting_timeout_ms(a) == -1, "nothing to wait for");
	accounting_turn(a);
	accounting_drain(a);
	add_self(a, OWN_N);
	want(accounting_stop(a) == -ESRCH, "it was not on");
	accounting_free(a);
}

static void small_storm(void)
{
	storm(2000, 65536);
}

static void big_storm(void)
{
	storm(20000, 4 << 20);
}

static void some_rotations(void)
{
	rotations(100, 1000);
}

static void thousand_rotations(void)
{
	rotations(1000, 20000);
}

static void killed_often(void)
{
	killed(20);
}

static void many_families(void)
{
	families(5000);
}

static const struct scenario {
	const char *name;
	void (*fn)(void);
} scenarios[] = {
	{"storm", small_storm}, {"big-storm", big_storm}, {"rotations", some_rotations},
	{"thousand-rotations", thousand_rotations}, {"tree", tree},
	{"families", many_families}, {"second-start", second_start}, {"killed", killed_often},
	{"taken", taken}, {"retaken", retaken}, {"fought-for", fought_for},
	{"left-then-retaken", left_then_retaken},
	{"turned-off", turned_off}, {"gone", gone}, {"cut", cut},
	{"cut-and-grown", cut_and_grown}, {"removed", removed}, {"replaced", replaced},
	{"moved-folder", moved_folder}, {"foreign-bytes", foreign_bytes},
	{"suspended", suspended}, {"suspended-from-start", suspended_from_start},
	{"unmounted", unmounted}, {"stood-still", stood_still}, {"rotated", rotated},
	{"other-boot", other_boot},
	{"backlog", backlog}, {"not-permitted", not_permitted},
};

int main(int argc, char **argv)
{
	const char *what = argc == 3 ? argv[2] : "";
	const struct scenario *s;

	if (argc != 3)
		return 2;
	log_open("acct_check", 0, LOG_L_WARN);
	store = argv[1];
	store_fd = open(store, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	want(store_fd >= 0, "open the store");
	/* orphans of the storm's child come to us, as to a keeper */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (s = scenarios; s < scenarios + sizeof(scenarios) / sizeof(scenarios[0]); s++) {
		if (strcmp(what, s->name) == 0) {
			s->fn();
			return 0;
		}
	}
	return 2;
}
