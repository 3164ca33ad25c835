/* SPDX-License-Identifier: ISC */
/* Others than the collector at the files of the kernel's accounting, and its disk. */
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

static const char *path_of(unsigned k)
{
	static char name[4096];

	snprintf(name, sizeof(name), "%s/process/kernel-%08u.acct", store, k);
	return name;
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

/* Held for long, by what may have held the kernel's writes too. */
void stood_still(void)
{
	struct accounting *a = begin_quickly();

	spawn(0, 10);
	accounting_drain(a);
	sleep(22);
	turn(a, 50);
	want(state_is(a, "lost"), "said");
	spawn(10, 10);
	until_well(a);
	finish(a, 1);
	check_store(20, 1);
	check_gaps(2, 2);
}
