/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "scratch.h"
#include "suite.h"

static void put(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

START_TEST(read_file)
{
	uint8_t *p = NULL;
	size_t len;

	scratch_enter();
	put("a", "four");
	ck_assert_int_eq(io_read_file(AT_FDCWD, "a", 4, &p, &len), 0);
	ck_assert_uint_eq(len, 4);
	ck_assert_mem_eq(p, "four", 5);
	free(p);
	p = NULL;
	ck_assert_int_eq(io_read_file(AT_FDCWD, "a", 3, &p, &len), E_RANGE);
	put("empty", "");
	ck_assert_int_eq(io_read_file(AT_FDCWD, "empty", 0, &p, &len), 0);
	ck_assert_uint_eq(len, 0);
	free(p);
	p = NULL;
	ck_assert_int_eq(io_read_file(AT_FDCWD, "none", 9, &p, &len), -ENOENT);
	ck_assert_ptr_null(p);
}
END_TEST

START_TEST(reads_at_an_offset)
{
	char got[8] = "";
	int fd;

	scratch_enter();
	put("a", "0123456789");
	fd = open("a", O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(io_pread_all(fd, got, 3, 4), 3);
	ck_assert_mem_eq(got, "456", 3);
	ck_assert_int_eq(io_pread_all(fd, got, sizeof(got), 8), 2);
	ck_assert_int_eq(io_pread_all(fd, got, sizeof(got), 10), 0);
	ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), 0);
	close(fd);
	ck_assert_int_eq(io_pread_all(-1, got, 1, 0), -EBADF);
}
END_TEST

START_TEST(read_only_regular)
{
	uint8_t *p = NULL;
	size_t len;

	scratch_enter();
	put("a", "four");
	ck_assert_int_eq(symlink("a", "link"), 0);
	ck_assert_int_eq(mkfifo("fifo", 0600), 0);
	ck_assert_int_eq(mkdir("dir", 0700), 0);
	ck_assert_int_eq(io_read_file(AT_FDCWD, "link", 9, &p, &len), -ELOOP);
	ck_assert_int_eq(io_read_file(AT_FDCWD, "fifo", 9, &p, &len), -EINVAL);
	ck_assert_int_eq(io_read_file(AT_FDCWD, "dir", 9, &p, &len), -EISDIR);
	ck_assert_ptr_null(p);
}
END_TEST

START_TEST(read_large_and_sizeless)
{
	static char text[100000];
	uint8_t *p;
	size_t len;

	scratch_enter();
	memset(text, 'x', sizeof(text) - 1);
	put("a", text);
	ck_assert_int_eq(io_read_file(AT_FDCWD, "a", sizeof(text), &p, &len), 0);
	ck_assert_uint_eq(len, sizeof(text) - 1);
	ck_assert_mem_eq(p, text, sizeof(text));
	free(p);
	ck_assert_int_eq(io_read_file(AT_FDCWD, "a", sizeof(text) - 2, &p, &len), E_RANGE);
	ck_assert_int_eq(io_read_file(AT_FDCWD, "/proc/self/stat", 4096, &p, &len), 0);
	ck_assert_uint_gt(len, 20);
	free(p);
}
END_TEST

START_TEST(replace_file)
{
	struct stat st;
	uint8_t *p;
	size_t len;
	int dir;

	scratch_enter();
	umask(077);
	put("a", "old");
	put("a.new", "left by a crash");
	dir = open(".", O_PATH | O_DIRECTORY);
	ck_assert_int_eq(io_replace_file(dir, "a", 0644, "fresh", 5), 0);
	ck_assert_int_eq(io_read_file(dir, "a", 9, &p, &len), 0);
	ck_assert_mem_eq(p, "fresh", 6);
	free(p);
	ck_assert_int_eq(stat("a", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0644);
	ck_assert_int_eq(access("a.new", F_OK), -1);
	ck_assert_int_eq(io_replace_file(AT_FDCWD, "b", 0600, "x", 1), 0);
	ck_assert_int_eq(access("b", F_OK), 0);
	close(dir);
}
END_TEST

START_TEST(replace_failure_changes_nothing)
{
	char name[300];

	scratch_enter();
	ck_assert_int_eq(mkdir("dir", 0700), 0);
	ck_assert_int_eq(io_replace_file(AT_FDCWD, "dir", 0600, "x", 1), -EISDIR);
	ck_assert_int_eq(access("dir.new", F_OK), -1);
	ck_assert_int_eq(io_replace_file(AT_FDCWD, "dir/a", 0600, "x", 1), -EINVAL);
	memset(name, 'n', sizeof(name));
	name[252] = '\0';
	ck_assert_int_eq(io_replace_file(AT_FDCWD, name, 0600, "x", 1), -ENAMETOOLONG);
	ck_assert_int_eq(access(name, F_OK), -1);
}
END_TEST

START_TEST(make_dir)
{
	int fd;

	scratch_enter();
	fd = io_make_dir(AT_FDCWD, "d", 0700);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
	fd = io_make_dir(AT_FDCWD, "d", 0700);
	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert_int_eq(symlink("d", "link"), 0);
	ck_assert_int_lt(io_make_dir(AT_FDCWD, "link", 0700), 0);
	put("file", "");
	ck_assert_int_eq(io_make_dir(AT_FDCWD, "file", 0700), -ENOTDIR);
	ck_assert_int_eq(io_make_dir(AT_FDCWD, "none/d", 0700), -ENOENT);
}
END_TEST

START_TEST(pipes)
{
	char text[8] = "";
	int fd[2];

	ck_assert_int_eq(pipe(fd), 0);
	ck_assert_int_eq(io_write_all(fd[1], "abc", 3), 0);
	ck_assert_int_eq(io_write_all(fd[1], "de", 2), 0);
	close(fd[1]);
	ck_assert_int_eq(io_read_all(fd[0], text, sizeof(text)), 5);
	ck_assert_str_eq(text, "abcde");
	ck_assert_int_eq(io_read_all(fd[0], text, sizeof(text)), 0);
	close(fd[0]);
	ck_assert_int_eq(io_read_all(fd[0], text, 1), -EBADF);
	ck_assert_int_eq(io_write_all(fd[1], "x", 1), -EBADF);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { read_file, reads_at_an_offset, read_only_regular,
		read_large_and_sizeless, replace_file, replace_failure_changes_nothing, make_dir,
		pipes };

	return suite_run("io", tests, sizeof(tests) / sizeof(tests[0]));
}
