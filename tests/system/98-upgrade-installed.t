#!/bin/sh
# SPDX-License-Identifier: ISC
# Installed, recorder and collector are replaced while a user's session goes on, by this
# version and by the one before: it goes on, and who looks whether this terminal is
# recorded finds that it is.
# shellcheck disable=SC2154
. "$(dirname "$0")/lib.sh"
export top_srcdir top_builddir
before=$("$python" "$top_srcdir/tests/system/version_before.py") || skip_all "$before"
. "$(dirname "$0")/installed.sh"
become shla
cd / || exit 1
mkdir -p "$sysconfdir/shellac"
printf 'epoch_s = 3600\n' >"$sysconfdir/shellac/shellac.conf"
cp "$rec" "$work/rec.this" && cp "$shellacd" "$work/shellacd.this" || exit 1
cp "$before/recorder/shellac-rec" "$work/rec.before" && cp "$before/collector/shellacd" "$work/shellacd.before" || exit 1

# put NAME MODE OWNER FILE: a new file of that name, as a package manager does it
put() {
	cp "$4" "$1.new" && chown "$3" "$1.new" && chmod "$2" "$1.new" && mv "$1.new" "$1"
}
put_recorder() { put "$rec" 4755 _shellac "$work/rec.$1"; }
put_collector() { put "$shellacd" 755 root "$work/shellacd.$1"; }
sessions() { auditor list --json | wc -l; }
complete() { [ "$(auditor list --json | grep -c '"COMPLETE"')" = "$1" ]; }

cat >"$work/inner" <<'END'
echo up
: >"$1.up"
while [ ! -e "$1.replaced" ]; do sleep 0.1; done
echo 'echo in''side' | "$2"
exit 5
END

# under FROM TO: a session of that version, and all replaced by another under it
under() {
	put_recorder "$1"
	put_collector "$1"
	start_collector
	ok $? "from $1 to $2: the collector starts"
	had=$(sessions)
	on_terminal -- "$rec" -c "sh $work/inner $work/$1 $rec" >"$work/end" &
	session=$!
	eventually 30 test -e "$work/$1.up"
	ok $? "from $1 to $2: a user's session begins"
	put_recorder "$2"
	stop_collector
	is "$(cat "$work/collector_status")" 0 "from $1 to $2: the collector ends"
	put_collector "$2"
	start_collector
	ok $? "from $1 to $2: the other one starts"
	find /proc -maxdepth 2 -name exe -lname "$rec (deleted)" 2>/dev/null | grep -q .
	ok $? "from $1 to $2: the recorder's file is gone"
	: >"$work/$1.replaced"
	wait $session
	is "$(cat "$work/end")" "exit 5" "from $1 to $2: the session ends as ever"
	grep -q '^inside' "$work/screen"
	ok $? "from $1 to $2: a login shell inside of it ran"
	eventually 60 complete $((had + 1))
	is "$(sessions)" $((had + 1)) "from $1 to $2: and was not recorded once more"
	is "$(recorded -c 'echo afterwards')" "exit 0" "from $1 to $2: another session"
	eventually 60 complete $((had + 2))
	ok $? "from $1 to $2: all are complete"
	stop_collector
}

under before this
under this before
put_recorder this
put_collector this
start_collector
auditor rotate >/dev/null
auditor verify --level 2 >"$work/verify"
is "$?" 0 "all of it is proven" || note <"$work/verify"
is "$(auditor list --json | field uid | uniq)" "$user_uid" "and the user's"
for n in 1 3; do
	auditor procs --session $n --json 2>/dev/null | grep -q '"comm":"sleep"'
	ok $? "session $n has its processes"
done
is "$(auditor ledger --json | grep -c -E '"(GAP|UNRECORDED)"')" 0 "nothing is missing"
stop_collector
plan
