#!/bin/sh
# SPDX-License-Identifier: ISC
# The protocol between recorder, collector and disk, checked in all its states at small
# bounds; and the checker, by bugs that it has to find.  make model checks larger bounds.
. "$(dirname "$0")/lib.sh"
sanitized && skip_all "nothing of the build is run"
command -v spin >/dev/null || skip_all "no spin"
model=$top_srcdir/model/session.pml
memory=1000 # MiB
[ -z "$MODEL_FULL" ] || memory=3000

# NAME [-l] -DOPTION...: what pan says; with -l it looks for ways that never end
check() {
	name=$1
	shift
	safety=-DSAFETY end=
	if [ "$1" = -l ]; then
		safety=-DNP end=-l
		shift
	fi
	mkdir -p "$work/$name"
	(cd "$work/$name" && spin -a "$@" "$model" &&
		cc -O1 -w $safety -DNOREDUCE -DMEMLIM=$memory -DVECTORSZ=512 -o pan pan.c &&
		timeout 500 ./pan -m400000 -w22 $end) >"$work/$name.log" 2>&1 || return
	grep -q '^State-vector' "$work/$name.log"
}

# NAME DESCRIPTION [-l] -DOPTION...
holds() {
	name=$1 what=$2
	shift 2
	check "$name" "$@" && grep -q 'errors: 0$' "$work/$name.log" &&
		! grep -Eq 'too small|truncated|MEMLIM|out of memory' "$work/$name.log"
	result=$?
	[ $result = 0 ] || sed 's/^/# /' "$work/$name.log"
	ok $result "$what: $(awk '/states, stored/ { print $1; exit }' "$work/$name.log") states"
}

# BUG KIND DESCRIPTION [-l] -DOPTION...
finds() {
	name=$1 kind=$2 what=$3
	shift 3
	check "$name" "$@" "-D$name" && grep -q 'errors: 1$' "$work/$name.log" &&
		grep -Fq "$kind" "$work/$name.log"
	result=$?
	[ $result = 0 ] || sed 's/^/# /' "$work/$name.log"
	ok $result "found: $what"
}

if [ -n "$MODEL_FULL" ]; then
	holds full "two crashes, a recorder killed" -DCRASHES=2 -DKILLS=1
	holds full_store "one, a full store, a recorder killed" -DFULL=1 -DCRASHES=1 -DKILLS=1
fi
holds crashes "two crashes of the collector" -DCRASHES=2 -DKILLS=0
holds kill "one, and a recorder killed" -DCRASHES=1 -DKILLS=1
holds no_room "a store that takes nothing for a while, and one killed" -DFULL=1 -DCRASHES=0 -DKILLS=1
holds strict "no spool, two crashes, a recorder killed" -DSTRICT -DCRASHES=2 -DKILLS=1
holds ends "everything comes to its end" -l -DCRASHES=1 -DKILLS=0
holds ends_strict "without a spool, too" -l -DSTRICT -DCRASHES=2 -DKILLS=0

erased='(on_disk>=((at-2)/2))'
acked='(synced<=store[on_disk])'
finds BUG_CONSUME "$erased" "lost, what is consumed before it is stored" -DCRASHES=1
finds BUG_ACK "$acked" "an ack of what is not on disk" -DCRASHES=0
finds BUG_RESUME "$acked" "likewise, to one that comes back" -DCRASHES=1
finds BUG_DOUBLES '(store[i]==i)' "frames that are stored twice" -DCRASHES=1
finds BUG_TOLD "$erased" "lost, what is spooled while the spool is drained" -DCRASHES=1
finds BUG_REST 'assertion violated 0' "half a frame in front of the next" -DCRASHES=1
finds BUG_SILENT 'invalid end state' "a deadlock, where nobody is told of the spool" -DCRASHES=1 -DKILLS=0
finds BUG_LEFT '(stored>=safe)' "lost, the end of a killed recorder's spool" -DCRASHES=0
finds BUG_TORN 'assertion violated 0' "a killed recorder that is called a liar" -DCRASHES=0
finds BUG_LOOK '(stored>=safe)' "lost, what comes behind half a frame before the end" -DCRASHES=0
finds BUG_PARK '(stored>=safe)' "lost, a FIFO that ends with its collector" -DCRASHES=1
finds BUG_PART '(stored>=safe)' "likewise, of which the spool has a part" -DCRASHES=1
finds BUG_WAIT 'non-progress cycle' "a recorder that waits for ever" -l -DSTRICT -DCRASHES=2 -DKILLS=0
plan
