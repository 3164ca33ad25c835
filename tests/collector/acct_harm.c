/* SPDX-License-Identifier: ISC */
/* Others than the collector at the kernel's accounting, its files and its disk. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "acct_harness.h"

/* Quicker than the real ones, so that a test does not take minutes. */
#define CANARY_MS 500
#define RETAKE_MS 400

static struct accounting *begin_quickly(void)
{
	struct accounting *a = begin_with((struct accounting_config){ .canary_ms = CANARY_MS,
		.retake_ms = RETAKE_MS });

	want(accounting_start(a) == 0 && state_is(a, "on"), "start");
	add_self(a, OWN_N);
	return a;
}

/* Turns until the state is so; seconds that it took. */
static double until(struct accounting *a, const char *state)
{
	struct timespec t0, t1;
	double took = 0;

	clock_gettime(CLOCK_MONOTONIC, &t0);
	while (!state_is(a, state)) {
		turn(a, 50);
		clock_gettime(CLOCK_MONOTONIC, &t1);
		took = (double)(t1.tv_sec - t0.tv_sec) + (double)(t1.tv_nsec - t0.tv_nsec) / 1e9;
		want(took < 60, state);
	}
	return took;
}

static int troubled(const struct accounting *a)
{
	const char *reason;

	return accounting_trouble(a, &reason) != 0;
}

static void until_well(struct accounting *a)
{
	for (int i = 0; troubled(a); i++) {
		want(i < 1200, "all is well again");
		turn(a, 50);
	}
}

static const char *path_of(unsigned k)
{
	static char name[4096];

	snprintf(name, sizeof(name), "%s/process/kernel-%08u.acct", store, k);
	return name;
}

/* acct(2) as another process: its own file, or NULL. */
static void by_another(const char *path)
{
	pid_t child = fork();
	int status;

	want(child >= 0, "fork");
	if (child == 0)
		_exit(acct(path) == 0 ? 0 : 1);
	waitpid(child, &status, 0);
	want(status == 0, "another's acct");
}

static const char *others_file(int *fd)
{
	static char other[4096];

	snprintf(other, sizeof(other), "%s/other", store);
	*fd = open(other, O_WRONLY | O_CREAT, 0600);
	want(*fd >= 0, "the other's file");
	return other;
}

/* Another caller of acct(2) is noticed, and with acct_lost = leave what is his stays his. */
void taken(void)
{
	struct accounting *a = begin_with((struct accounting_config){ .leave = 1 });
	struct stat before, after;
	int fd;
	const char *other = others_file(&fd);

	want(accounting_start(a) == 0 && state_is(a, "on"), "start");
	spawn(0, 10);
	by_another(other);
	want(until(a, "lost") <= 1, "noticed within a second");
	show(a);
	want(counter(a, "foreign_markers") == 1 && counter(a, "gaps") == 1, "one foreign marker");
	for (int i = 0; accounting_timeout_ms(a) != -1; i++) {
		want(i < 100, "nothing is to be done then");
		turn(a, 50);
	}
	accounting_rotate_now(a);
	want(state_is(a, "lost"), "rotation does not take it either");
	want(fstat(fd, &before) == 0, "stat");
	finish(a, 0);
	spawn(100, 5);
	want(fstat(fd, &after) == 0 && after.st_size >= before.st_size + 5 * 64,
	    "the other's accounting goes on");
	acct(NULL);
	want(kernel_files() == 0, "no kernel file is left");
	check_store(10, 0);
	check_gaps(2, 1);
}

/* acct_lost = retake: taken by another file, and turned off. */
void retaken(void)
{
	struct accounting *a = begin_quickly();
	struct stat before, after;
	int fd;
	const char *other = others_file(&fd);

	spawn(0, 10);
	by_another(other);
	want(until(a, "lost") <= 1, "noticed within a second");
	want(troubled(a), "trouble is said");
	until(a, "on");
	until_well(a);
	want(counter(a, "retaken") == 1, "taken back");
	want(fstat(fd, &before) == 0, "stat");
	spawn(10, 10);
	by_another(NULL);
	want(until(a, "lost") <= 1, "turned off: noticed within a second");
	until_well(a);
	want(counter(a, "retaken") == 2 && counter(a, "gaps") == 2, "taken back again");
	spawn(20, 10);
	want(fstat(fd, &after) == 0 && after.st_size == before.st_size,
	    "the other's file gets no more");
	accounting_drain(a);
	finish(a, 1);
	check_store(30, 1);
	check_gaps(3, 3);
}

/* Someone who takes it each time gets it in the end; a rotation by hand is a new try. */
void fought_for(void)
{
	struct accounting *a = begin_with((struct accounting_config){ .retake_ms = 1 });
	unsigned tries = 0;

	want(accounting_start(a) == 0, "start");
	for (;; tries++) {
		want(tries < 100, "it ends");
		by_another(NULL);
		until(a, "lost");
		for (int i = 0; i < 100 && state_is(a, "lost") && accounting_timeout_ms(a) != -1; i++)
			turn(a, 50);
		if (state_is(a, "lost"))
			break;
	}
	want(tries == 8, "eight times");
	show(a);
	accounting_rotate_now(a);
	until_well(a);
	spawn(0, 10);
	accounting_drain(a);
	finish(a, 1);
	check_store(10, 0);
}

/* Turned off with no marker that says so: the canary at the end sees it. */
void turned_off(void)
{
	struct accounting *a = begin_quickly();

	acct(NULL); /* by our own pid: the marker looks like ours */
	finish(a, 0);
}

/* The same while it runs: canaries find it, and it is taken back. */
void gone(void)
{
	struct accounting *a = begin_quickly();

	acct(NULL);
	until(a, "lost");
	until_well(a);
	want(counter(a, "retaken") == 1 && counter(a, "foreign_markers") == 0, "taken back");
	spawn(0, 10);
	accounting_drain(a);
	finish(a, 1);
	check_store(10, 1);
	check_gaps(2, 2);
}

static void harmed(struct accounting *a)
{
	for (int i = 0; i < 100 && !troubled(a); i++)
		turn(a, 50);
	show(a);
	want(troubled(a), "trouble is said");
	spawn(20, 20);
	until_well(a);
	accounting_drain(a);
	finish(a, 1);
	check_store(40, 1);
}

static struct accounting *harm(void)
{
	struct accounting *a = begin_quickly();

	spawn(0, 20);
	accounting_drain(a);
	return a;
}

void cut(void)
{
	struct accounting *a = harm();

	want(truncate(path_of(1), 0) == 0, "truncate");
	harmed(a);
	check_gaps(2, 2);
}

/* It is longer again when somebody looks: no offset tells. */
void cut_and_grown(void)
{
	struct accounting *a = harm();
	struct stat before, after;

	want(stat(path_of(1), &before) == 0, "stat");
	want(truncate(path_of(1), 0) == 0, "truncate");
	spawn(40, 60);
	want(stat(path_of(1), &after) == 0 && after.st_size > before.st_size, "it has grown");
	for (int i = 0; i < 100 && !troubled(a); i++)
		turn(a, 50);
	want(counter(a, "gaps") == 1, "a gap");
	until_well(a);
	spawn(20, 20);
	accounting_drain(a);
	finish(a, 1);
	check_store(100, 1);
}

void removed(void)
{
	struct accounting *a = harm();

	want(unlink(path_of(1)) == 0, "unlink");
	harmed(a);
	check_gaps(1, 1); /* the kernel wrote on, and was read */
}

void replaced(void)
{
	struct accounting *a = harm();
	int fd;

	want(unlink(path_of(1)) == 0, "unlink");
	fd = open(path_of(1), O_WRONLY | O_CREAT, 0600);
	want(fd >= 0, "another in its place");
	close(fd);
	harmed(a);
	check_gaps(1, 1);
}

/* Wherever the folder is called: records go to where it is, rotated ones too. */
void moved_folder(void)
{
	struct accounting *a = harm();
	char from[4096], to[4096];

	snprintf(from, sizeof(from), "%s/process", store);
	snprintf(to, sizeof(to), "%s/elsewhere", store);
	want(rename(from, to) == 0 && mkdir(from, 0700) == 0, "another folder");
	accounting_rotate_now(a);
	spawn(20, 10);
	for (int i = 0; i < 100 && !troubled(a); i++)
		turn(a, 50);
	want(troubled(a) && counter(a, "gaps") == 0, "said, and no gap");
	want(rmdir(from) == 0 && rename(to, from) == 0, "nobody wrote there; put back");
	until_well(a);
	spawn(30, 10);
	accounting_drain(a);
	finish(a, 1);
	check_store(40, 1);
}

/* Foreign bytes between records are stepped over. */
void foreign_bytes(void)
{
	struct accounting *a = harm();
	int fd = open(path_of(1), O_WRONLY | O_APPEND);

	want(write(fd, "0123456789", 10) == 10, "write");
	harmed(a);
	check_gaps(1, 1);
}

static void fill(int fd, long leave)
{
	static const char zeros[4096];
	struct statvfs v;

	do
		want(fstatvfs(fd, &v) == 0, "statvfs");
	while ((long)v.f_bavail > leave && write(fd, zeros, sizeof(zeros)) > 0);
}

/* The store on a small disk of its own, 2048 pages, in this mount namespace. */
static int small_disk(void)
{
	int fd;

	want(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "private mounts");
	want(mount("tmpfs", store, "tmpfs", 0, "size=8m") == 0, "tmpfs");
	close(store_fd);
	store_fd = open(store, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	want(store_fd >= 0, "open it");
	others_file(&fd);
	return fd;
}

static void room_again(struct accounting *a, int fd)
{
	show(a);
	spawn(200, 10); /* these are lost */
	want(ftruncate(fd, 0) == 0, "room again");
	until(a, "on");
	until_well(a);
	spawn(10, 10);
	accounting_drain(a);
	want(counter(a, "gaps") == 1, "one gap");
}

/* No room: the kernel stops without a word, at its next look 30 s after the last one,
 * and goes on. */
void suspended(void)
{
	int fd = small_disk();
	struct accounting *a = begin_quickly();

	spawn(0, 10);
	fill(fd, 0);
	until(a, "lost");
	room_again(a, fd);
	finish(a, 1);
	check_store(20, 1);
	check_gaps(2, 2);
}

/* Under 4 % the kernel does not begin; nor does a rotation make it stop. */
void suspended_from_start(void)
{
	int fd = small_disk();
	struct accounting *a;

	fill(fd, 2048 * 3 / 100);
	a = begin_with((struct accounting_config){ .canary_ms = CANARY_MS, .retake_ms = RETAKE_MS });
	want(accounting_start(a) == 0 && state_is(a, "lost"), "start");
	add_self(a, OWN_N);
	room_again(a, fd);
	fill(fd, 2048 * 3 / 100);
	accounting_rotate_now(a);
	spawn(0, 10);
	accounting_drain(a);
	want(counter(a, "rotations") == 0, "no rotation without room");
	finish(a, 1);
	check_store(20, 1);
	check_gaps(2, 2);
}

/* Taken off the tree: the kernel lets go of the file, and cannot be given another. */
void unmounted(void)
{
	struct accounting *a;

	close(small_disk());
	a = begin_quickly();
	spawn(0, 10);
	accounting_drain(a);
	want(mount(NULL, store, NULL, MS_REMOUNT | MS_RDONLY, NULL) != 0,
	    "read-only is refused while files are open");
	want(umount2(store, MNT_DETACH) == 0, "umount");
	want(until(a, "lost") < 10, "noticed");
	show(a);
	for (int i = 0; i < 20; i++)
		turn(a, 100);
	show(a);
	accounting_stop(a);
	accounting_free(a);
}
