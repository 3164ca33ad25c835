#!/bin/sh
# SPDX-License-Identifier: ISC
# Do the tests of the verifier test it?  Each script in verifier-bugs/ puts one
# bug into a copy of its sources, and at least one test must turn red.  A bug's
# second line says the source and what is wrong with it.
. "$(dirname "$0")/lib.sh"
bugs=$top_srcdir/tests/system/verifier-bugs

# The tests of all that judges a session, the slow one last: the first that is
# red is enough.
suites='lib/test_frame lib/test_event lib/test_seal lib/test_cert lib/test_container
	lib/test_chain lib/test_vectors lib/test_session_file auditor/test_hidden_runs
	auditor/test_judge lib/test_tamper'

CC=$(sed -n 's/^CC = //p' "$top_builddir/Makefile")
command -v "${CC%% *}" >/dev/null || skip_all "no C compiler"
pkg-config --exists check libsodium libzstd || skip_all "no headers of check, libsodium, libzstd"
flags="-std=gnu11 -D_GNU_SOURCE -O1 -w -I$work/lib -iquote $work/auditor $(pkg-config --cflags check libsodium libzstd)"
libs=$(pkg-config --libs check libsodium libzstd)

# compile SOURCE-WITHOUT-.c...: objects beside the sources
compile() {
	for name; do
		# shellcheck disable=SC2086
		$CC $flags '-DPATHS_CONFDIR="/c"' '-DPATHS_RUNDIR="/r"' '-DPATHS_STATEDIR="/s"' \
			'-DPATHS_SPOOLDIR="/p"' -c -o "$name.o" "$name.c" || return 1
	done
}

# Links each suite and runs it: 0 if all are green, 1 if the one in $red is not.
run_suites() {
	red=""
	rm -f lib.a
	ar rc lib.a lib/*.o auditor/*/*.o tests/lib/recording.o tests/lib/judge.o
	for suite in $suites; do
		# shellcheck disable=SC2086
		$CC -o suite "tests/$suite.o" lib.a $libs || return 2
		timeout 60 ./suite >out 2>&1
		case $? in
		0) ;;
		1) red=$suite; return 1 ;;
		*) return 2 ;;
		esac
	done
}

# report STATUS NAME: as ok, with what was printed
report() {
	ok "$1" "$2"
	[ "$1" = 0 ] || note <out
}

# Tries one bug: it must change its source, compile, and be seen.
try() {
	text=$(sed -n '2s/^# //p' "$1")
	source=${text%%:*}
	source=${source%.c}
	cp "$source.c" kept.c
	cp "$source.o" kept.o
	sed -f "$1" kept.c >"$source.c"
	if cmp kept.c "$source.c" >out; then
		echo "the script finds nothing to change: make it fit the source" >out
		report 1 "$text"
	elif compile "$source" >out 2>&1; then
		run_suites
		[ $? = 1 ]
		report $? "$text${red:+ ($red)}"
	else
		report 1 "$text"
	fi
	cp kept.c "$source.c"
	cp kept.o "$source.o"
}

mkdir "$work/tests" && cp -R "$top_srcdir/lib" "$top_srcdir/auditor" "$work" &&
	cp -R "$top_srcdir/tests/lib" "$top_srcdir/tests/auditor" "$work/tests" &&
	chmod -R u+w "$work" && cd "$work" || exit 1
# no store in a database is opened here
cat >auditor/store/no_fleet.c <<'EOF'
#include <errno.h>
#include "store/fleet_store.h"
void fleet_store_free(struct fleet_store *f) { (void)f; }
int fleet_store_walk(struct store *s) { (void)s; return -ENOSYS; }
int fleet_store_file(const struct store *s, const char *p) { (void)s, (void)p; return -ENOSYS; }
int fleet_store_list(const struct store *s, const char *p, int (*t)(void *, const char *), void *a)
{ (void)s, (void)p, (void)t, (void)a; return -ENOSYS; }
int fleet_store_state(const struct store *s, const char *p, struct store_state *o)
{ (void)s, (void)p, (void)o; return -ENOSYS; }
EOF
sources="$(echo lib/*.c | sed 's/\.c//g') auditor/store/access auditor/store/store
	auditor/store/no_fleet auditor/store/store_walk auditor/verify/agree auditor/verify/hidden_runs auditor/verify/judge
	auditor/verify/notice_seen"
# shellcheck disable=SC2086
{ compile $sources && (cd tests && compile lib/recording lib/judge $suites); } >out 2>&1 &&
	run_suites
status=$?
report $status "without a bug, all are green${red:+ ($red)}"
[ $status = 0 ] || { plan; exit 1; }
for bug in "$bugs"/*.sed; do
	try "$bug"
done
plan
