#!/bin/sh
# SPDX-License-Identifier: ISC
# Do the tests of the verifier test it?  Bugs are put into copies of its sources,
# one at a time; each must turn a test red.
. "$(dirname "$0")/lib.sh"
pkg-config --exists check libsodium libzstd || skip_all "check is not here"
sanitized && skip_all "the build without sanitizers tells"

CC=$(sed -n 's/^CC = //p' "$top_builddir/Makefile")
flags="-D_GNU_SOURCE -O1 -w -I. -Ilib $(pkg-config --cflags check libsodium libzstd)"
libs=$(pkg-config --libs check libsodium libzstd)
mkdir -p "$work/src/tests" "$work/o"
cp -R "$top_srcdir/lib" "$work/src/"
cp -R "$top_srcdir/tests/lib" "$work/src/tests/"
chmod -R u+w "$work/src"
cd "$work/src" || exit 1
export top_srcdir top_builddir CK_VERBOSITY=silent

# those of the modules that judge a session
suites=""
for name in chain seal cert frame event container tamper; do
	[ -e "tests/lib/test_$name.c" ] && suites="$suites test_$name"
done

# compile FOLDER SOURCE
# shellcheck disable=SC2086 # words
compile() {
	$CC $flags '-DPATHS_CONFDIR="/c"' '-DPATHS_RUNDIR="/r"' '-DPATHS_STATEDIR="/s"' \
		'-DPATHS_SPOOLDIR="/p"' -c -o "$work/$1/$(basename "$2" .c).o" "$2"
}

# links the tests and runs them; fails when one does
# shellcheck disable=SC2086
tests() {
	rm -f "$work/libv.a"
	ar rc "$work/libv.a" "$work"/o/*.o
	for name in $suites; do
		$CC -o "$work/$name" "$work/t/$name.o" "$work/t/recording.o" "$work/t/judge.o" \
			"$work/libv.a" $libs || return 2
		CK_FORK=no timeout 120 "$work/$name" >"$work/out" 2>&1 || return 1
	done
}

for source in lib/*.c; do
	compile o "$source" || { ok 1 "$source compiles"; plan; exit 1; }
done
mkdir "$work/t"
for name in $suites recording judge; do
	compile t "tests/lib/$name.c"
done
tests
ok $? "the tests pass without a bug"

# bug FILE NAME SED-SCRIPT
bug() {
	cp "lib/$1" "$work/kept.c"
	sed "$3" "$work/kept.c" >"lib/$1"
	if cmp -s "lib/$1" "$work/kept.c"; then
		ok 1 "$1, $2: there is nothing like it to break any more"
		return
	fi
	if compile o "lib/$1"; then
		tests
		is $? 1 "$1, $2: a test turns red"
	else
		ok 1 "$1, $2: compiles"
	fi
	cp "$work/kept.c" "lib/$1"
	compile o "lib/$1"
}

bug chain.c "prev is not looked at" 's/memcmp(s->prev, c->prev, HASH_SIZE) != 0/0/'
bug chain.c "a seal of another session" 's/memcmp(s->id, c->cert.id, ID_SIZE) != 0/0/'
bug chain.c "frames may be left out" 's/if (f->number != c->frame)/if (f->number < c->frame)/'
bug chain.c "the payload's digest" 's/memcmp(s->payload_hash, hash, HASH_SIZE) != 0/0/'
bug chain.c "the payload's length" 's/s->payload_len != c->payload_len/0/'
bug chain.c "the totals" 's/s->out_bytes != c->out_bytes/0/'
bug chain.c "the session's length" 's/s->elapsed_ns != c->elapsed_ns/0/'
bug chain.c "bytes behind the end" 's/if (c->ended)/if (0)/'
bug chain.c "events without BEGIN" 's/(e->type == FRAME_BEGIN) != (c->payload_len == 0)/0/'
bug chain.c "keys do not move on" 's/memcpy(c->pk, s.next_pk, PK_SIZE);//'
bug seal.c "the signature" 's/crypto_sign_verify_detached(.*) != 0/0/'
bug seal.c "half of the header is signed" \
	's/verify_detached(p + AT_SIGNATURE, p, SEAL_SIGNED/verify_detached(p + AT_SIGNATURE, p, SEAL_SIGNED \/ 2/'
bug seal.c "unknown flags" 's/(s->flags & ~SEAL_F_PROMPT) != 0/0/'
bug cert.c "the certificate's signature" 's/len < SIG_SIZE ||/0 \&\&/'
bug container.c "the digest of a segment" \
	's/memcmp(is.digest, s->digest, SEGMENT_DIGEST) != 0/0/'
bug session_file.c "a torn frame is the end" 's/if (n == E_SHORT) {/if (n == E_SHORT) { return 0;/'
plan
