#!/bin/sh
# SPDX-License-Identifier: ISC
# shellac check: all is well on a host as it should be; each thing that breaks is
# one line that says so, and the command it names mends it.
# shellcheck disable=SC2016,SC2017,SC2086,SC2154
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/installed.sh"
cd / || exit 1
run=$runstatedir/shellac store=$localstatedir/lib/shellac spool=$localstatedir/spool/shellac
etc=$sysconfdir/shellac
conf=$etc/shellac.conf

cat >"$work/bad.py" <<'END'
import json, sys
for line in sys.stdin:
    o = json.loads(line)
    assert sorted(o) == ["check", "fix", "result", "text"], o
    if o["result"] != "ok":
        print(o["result"], o["check"], o["text"], sep="|")
        if len(sys.argv) > 1:
            print(o["fix"] or "", file=open(sys.argv[1], "w"))
END

# what is wrong, a line each: RESULT|TOPIC|TEXT; the last one's fix is in $work/fix
if sanitized; then
	bad() { # without the shim this machine's clock is what it is
		auditor check --json >"$work/check"
		check_status=$?
		grep -v '"check":"clock"' "$work/check" | "$python" "$work/bad.py" "$work/fix"
	}
else
	cp "$top_builddir/tests/system/shim_check.so" "$work"
	bad() {
		LD_PRELOAD=$work/shim_check.so auditor check --json >"$work/check"
		check_status=$?
		"$python" "$work/bad.py" "$work/fix" <"$work/check"
	}
fi

# well NAME
well() {
	bad >"$work/bad"
	is "$(cat "$work/bad")" "" "all is well: $1"
	is "$check_status" 0 "and the status is 0: $1"
}

# seen RESULT TOPIC PATTERN NAME: exactly one thing is wrong, this one
seen() {
	bad >"$work/bad"
	[ "$(wc -l <"$work/bad")" = 1 ] && grep -q "^$1|$2|.*$3" "$work/bad"
	ok $? "$4"
	note <"$work/bad"
	is "$check_status" "$([ "$1" = FAIL ] && echo 1 || echo 0)" "$4: the status says so"
}

# mended NAME: by the command that was given
mended() {
	sh -c "$(cat "$work/fix")" >"$work/fixed" 2>&1
	note <"$work/fixed"
	is "$(bad)" "" "$1: the command that is named mends it"
}

# configure LINE...: a configuration with these lines
configure() {
	printf 'epoch_s = 3600\nauditors = shlgroup\nwitness_policy = %s\n' "$etc/policy" >"$conf"
	printf '%s\n' "$@" >>"$conf"
}

# until NAME: the collector has it in force, as a line of shellac.conf
in_force() {
	kill -HUP "$collector"
	eventually 20 grep -q "$1" "$run/shellac.conf"
}

# until TOPIC is well
is_well() { eventually 30 sh -c "'$shellac' check | grep -q '^ok    $1'"; }

# watch PORT: a witness
watch() {
	"$shellac" witness --state "$work/w" --listen "127.0.0.1:$1" --log "$log_key" 2>"$work/witness" &
	witness=$!
	eventually 20 grep -q 'ready: ' "$work/witness"
}

# cosign: the host of this test gets a witness
cosign() {
	log_key=$("$python" -c 'import base64, hashlib, sys
name = open(sys.argv[1] + "/ledger/checkpoint").readline().strip()
key = open(sys.argv[1] + "/host.pub").read().strip().split("+", 2)[2]
text = name.encode() + b"\n" + base64.b64decode(key)
print(name + "+" + hashlib.sha256(text).digest()[:4].hex() + "+" + key)' "$store")
	vkey=$("$shellac" witness --state "$work/w" --new-key --name test/w)
	watch 0
	port=$(sed -n 's/.*127.0.0.1:\([0-9]*\).*/\1/p' "$work/witness")
	printf 'log %s\nwitness w %s http://127.0.0.1:%s/\nquorum w\n' "$log_key" "$vkey" "$port" \
		>"$etc/policy"
	kill -HUP "$collector"
	auditor rotate
	is_well witness
}

# -- nothing is there yet
"$shellac" check >"$work/out"
is "$?" 1 "before the first start that is a finding"
grep -q '^FAIL  collector ' "$work/out" && grep -q -- '-> shellacd$' "$work/out"
ok $? "and what to do is said"
setpriv --reuid=shla --regid=shla --clear-groups -- "$shellac" check >/dev/null 2>"$work/err"
is "$?" 3 "an ordinary user cannot"
"$shellac" -S "$work" check 2>/dev/null
is "$?" 2 "nor is it about a copied store"
auditor check nonsense 2>/dev/null
is "$?" 2 "it takes no arguments"

# -- a host as it should be
mkdir -p "$etc"
configure 'space_left = 1M'
chmod 644 "$conf"
mkdir -p /etc/profile.d
ln -s "$prefix/share/shellac/profile.d/shellac.sh" /etc/profile.d/
start_collector
ok $? "the collector starts"
auditor rotate
seen FAIL witness "$etc/policy:0: No such file" "a policy that is not there"
cosign
ok $? "a witness cosigns"
well "a host as it should be"
auditor check >"$work/out"
is "$(tail -n 1 "$work/out" | grep -c 'all is well\|0 FAIL, 1 WARN')" 1 "and says so in a line"

# -- folders and files
while read -r path mode; do
	was=$(stat -c %a "$path")
	chmod "$mode" "$path"
	seen FAIL folders "$path has mode" "$path with mode $mode"
	mended "$path with mode $mode"
	is "$(stat -c %a "$path")" "$was" "and $path is as it was"
done <<END
$run 755
$run/session 2777
$run/register.sock 666
$run/control.sock 666
$run/shellac.conf 666
$store 755
$store/session 755
$store/shellac.conf 644
$spool 755
END
chown shla "$spool"
seen FAIL folders "$spool belongs to shla" "a spool of another user's"
mended "a spool of another user's"
chgrp shla "$run/session"
seen FAIL folders "$run/session is of group" "a folder of FIFOs of another group"
mended "a folder of FIFOs of another group"
chmod 777 "$localstatedir/lib"
seen FAIL folders "others may write to $localstatedir/lib" "a folder above that others may write to"
mended "a folder above that others may write to"

# -- keys
chmod 640 "$etc/host.key"
seen FAIL keys "host.key has mode 0640" "a secret key that others read"
mended "a secret key that others read"
chown shla "$etc/host.key"
seen FAIL keys "host.key belongs to shla" "a secret key of another user's"
mended "a secret key of another user's"
cp "$store/host.pub" "$work/host.pub"
echo nonsense >"$store/host.pub"
seen FAIL keys "host.pub: the key file is malformed" "a public key that is none"
cp "$work/host.pub" "$store/host.pub"
well "with the keys as they were"

# -- configuration
cp "$conf" "$work/conf"
echo nonsense >>"$conf"
seen FAIL configuration "$conf:5: " "a configuration with errors"
configure 'space_left = 1M' 'linger = no'
seen FAIL configuration "works with another" "one that is not in force"
sh -c "$(cat "$work/fix")"
is_well configuration
ok $? "the command that is named mends it"
chmod 666 "$conf"
seen FAIL configuration "has mode 0666" "one that others may write"
mended "one that others may write"
configure 'space_left = 1M' "notice = $work/notice"
in_force "^notice = $work"
seen FAIL configuration "no notice is shown" "a notice that is not there"

configure 'space_left = 1M' 'notice = none'
sed -i 's/shlgroup/shlnobody/' "$conf"
in_force "^auditors = shlnobody"
seen FAIL access "there is no group shlnobody" "auditors who are no group"
cp "$work/conf" "$conf"
in_force "^auditors = shlgroup"
for mode in 666 600; do
	chmod $mode "$run/access.sock"
	seen FAIL access "access.sock has mode 0$mode" "an auditors' socket of mode $mode"
	mended "an auditors' socket of mode $mode"
done

# -- room
free_mb=$(($(stat -f -c '%a * %S / 1048576' "$store")))
configure "space_left = $((free_mb * 3 / 2))M"
in_force "space_left = $((free_mb * 3 / 2 * 1048576))"
seen WARN space "less room than space_left" "less room than space_left"
configure "space_left = $((free_mb * 3))M"
in_force "space_left = $((free_mb * 3 * 1048576))"
seen FAIL space "sessions stand still" "less than half of it"
cp "$work/conf" "$conf"
in_force "space_left = 1048576"
is_well space
said_mb=$("$shellac" check | sed -n 's/^ok    space .* has \([0-9]*\) MB left$/\1/p')
free_mb=$(($(stat -f -c '%a * %S / 1000000' "$store")))
[ "$((said_mb * 100 / free_mb))" -ge 98 ] && [ "$((said_mb * 100 / free_mb))" -le 102 ]
ok $? "what is left is said in megabytes of a million, as by status: $said_mb, $free_mb"
well "with the configuration as it was"

# -- the recorder
chmod 755 "$rec"
seen FAIL recorder "has mode 0755" "a recorder that is not set-user-ID"
mended "a recorder that is not set-user-ID"
chown shla "$rec" && chmod 4755 "$rec"
seen FAIL recorder "belongs to shla" "another user's recorder"
chown _shellac "$rec" && chmod 4755 "$rec"
mount --bind "$bindir" "$bindir" && mount -o remount,bind,nosuid "$bindir"
seen FAIL recorder "mounted nosuid" "a recorder on a file system without set-user-ID"
umount -l "$bindir"
well "with the recorder as it was"

# -- who is there
mv "$run/register.sock" "$run/kept.sock"
"$python" -c 'import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
os.umask(0o177)
s.bind(sys.argv[1])
os.chown(sys.argv[1], int(sys.argv[2]), 0)
s.listen()
open(sys.argv[3], "w").close()
while True:
    s.accept()[0].close()' "$run/register.sock" "$(id -u _shellac)" "$work/listens" &
listener=$!
eventually 20 test -e "$work/listens"
seen FAIL registration "does not let recorders in" "a socket behind which nobody registers"
kill "$listener"
mv -f "$run/kept.sock" "$run/register.sock"
well "with the socket as it was"

# -- accounting
"$python" -c 'import ctypes
open("/tmp/shl-other-acct", "w").close()
ctypes.CDLL(None).acct(b"/tmp/shl-other-acct")'
seen FAIL accounting "" "accounting that somebody else took over"
rm -f /tmp/shl-other-acct
stop_collector
start_collector
well "a collector that has accounting again"

# -- what the collector says of itself, changed on the way
mv "$run/control.sock" "$run/kept.sock"
cat >"$work/proxy.py" <<'END'
import os, re, socket, sys
here, there, what, into, ready = sys.argv[1:]
s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
os.umask(0o177)
s.bind(here)
s.listen()
open(ready, "w").close()
while True:
    client = s.accept()[0]
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.connect(there)
    server.sendall(client.recv(64))
    answer = b""
    while not answer.endswith(b"\n"):
        answer += server.recv(65536)
    client.sendall(re.sub(what.encode(), into.encode(), answer))
    client.close()
    server.close()
END

# instead OF-PATTERN TEXT RESULT TOPIC PATTERN NAME
instead() {
	rm -f "$run/control.sock" "$work/listens"
	"$python" "$work/proxy.py" "$run/control.sock" "$run/kept.sock" "$1" "$2" "$work/listens" &
	proxy=$!
	eventually 20 test -e "$work/listens"
	seen "$3" "$4" "$5" "$6"
	kill "$proxy"
}
instead '"version":"[^"]*"' '"version":"0.0.9"' WARN collector "is version 0.0.9" "an older collector"
instead '"state":"fine"(?=},"acct)' '"state":"No space left on device"' FAIL ledger \
	"does not write it: No space left" "a ledger that cannot be written"
instead '"records":[0-9]*' '"records":7' FAIL accounting "has no record" "accounting without records"
instead '"state":"on"' '"state":"suspended"' FAIL accounting "should be: suspended" \
	"accounting that the kernel suspended"
mv -f "$run/kept.sock" "$run/control.sock"
well "with the collector's own word"

# -- what recorders leave
if sanitized; then
	skip "leftovers and clock" "no object can be preloaded"
else
	as_recorder="setpriv --reuid=_shellac --regid=_shellac --clear-groups --"
	fifo=$run/session/00112233445566778899aabbccddeeff.fifo
	touch "$run/session/stray"
	seen FAIL fifos "stray is no FIFO" "a file among the FIFOs"
	rm "$run/session/stray"
	$as_recorder mkfifo -m 644 "$fifo"
	seen FAIL fifos "ff.fifo is no FIFO" "a FIFO that others may read"
	chmod 640 "$fifo"
	well "a FIFO that was just made"
	auditor check >"$work/out"
	is "$(grep -c "fifos  *1 in " "$work/out")" 1 "and it is counted"
	export SHIM_LATER=60
	seen WARN fifos "1 FIFOs in .* reads 0" "a FIFO that nobody reads"
	rm "$fifo"
	unset SHIM_LATER
	left=$spool/00112233445566778899aabbccddeeff.spool
	echo x >"$left"
	well "a spool that was just made"
	export SHIM_LATER=200
	seen WARN spool "1 sessions in .* wait" "a spool that nobody takes in"
	unset SHIM_LATER
	mv "$left" "$left.kept"
	seen WARN spool "no session takes in: 1 in " "a spool that was kept aside"
	rm "$left.kept"
	export SHIM_LATER=700
	seen FAIL witness "the last cosignature is 7.. s old" "witnesses that have not signed for long"
	unset SHIM_LATER
	export SHIM_SYNC=no
	seen WARN clock "nobody synchronises" "a clock that is not synchronised"
	export SHIM_SYNC=coarse
	seen WARN clock "wrong by 5 s" "a clock that is synchronised badly"
	unset SHIM_SYNC
fi

# -- ways in
rm /etc/profile.d/shellac.sh
seen WARN "ways in" "no login comes" "a host where nobody is recorded"
mended "a host where nobody is recorded"
rm /etc/profile.d/shellac.sh
sed -i "s|^\(shla:.*\):/bin/sh|\1:$bindir/shellac-dash|" /etc/passwd
well "a user whose login shell is the recorder"
echo "$bindir/shellac-dash" >>/etc/shells
seen WARN "ways in" "chsh" "a recorder in /etc/shells"
mended "a recorder in /etc/shells"
sed -i "s|:$bindir/shellac-dash|:/bin/sh|" /etc/passwd
mkdir -p /etc/ssh/sshd_config.d
echo "ForceCommand $rec --forced" >/etc/ssh/sshd_config.d/shl.conf
well "a ForceCommand"

# -- the ledger and its witnesses
auditor rotate
is_well witness
cp -p "$store/ledger/checkpoint" "$work/checkpoint"
touch -d '3 hours ago' "$store/ledger/checkpoint"
seen FAIL ledger "the last epoch ended 108.. s ago" "a ledger that does not go on"
sed -i '2s/.*/1000/' "$store/ledger/checkpoint"
seen FAIL ledger "checkpoint: the signature" "a checkpoint that the host did not sign"
cp -p "$work/checkpoint" "$store/ledger/checkpoint"
rm -f "$store/ledger/cosigned"
seen FAIL witness "no checkpoint was ever cosigned" "a ledger that no witness knows"
auditor rotate
is_well witness
cp "$etc/policy" "$work/policy"
other=$("$shellac" witness --state "$work/other" --new-key --name test/other)
sed -i "s|^quorum .*|witness o $other\ngroup g all w o\nquorum g|" "$etc/policy"
seen FAIL witness "too few of the policy" "a quorum that is not reached"
echo nonsense >"$etc/policy"
seen FAIL witness "policy:1: .*; nothing is cosigned" "a policy with errors"
cp "$work/policy" "$etc/policy"
sed -i '/^witness_policy/d' "$conf"
in_force "^witness_policy = none"
seen WARN witness "no witness" "a host without a witness"
configure 'space_left = 1M'
in_force "^witness_policy = /"
auditor rotate
is_well witness
ok $? "all is well with one again"
kill "$witness"
wait "$witness"
auditor rotate
eventually 30 sh -c "'$shellac' check | grep -q '^WARN  witness'"
seen WARN witness "does not cosign: w is away" "a witness that does not answer"
watch "$port"
auditor rotate
is_well witness
ok $? "and is well when it answers again"
stop_collector
cp -a "$store" "$work/store"
start_collector
for _ in 1 2 3 4 5 6 7 8; do auditor rotate; done
is_well witness
stop_collector
cp -a "$work/store/." "$store/"
start_collector
auditor rotate
eventually 30 sh -c "'$shellac' check | grep -q '^FAIL  witness'"
seen FAIL witness "another past of this ledger" "a store that was put back to an earlier state"
kill "$witness"
printf 'log %s\nquorum none\n' "$log_key" >"$etc/policy"
seen WARN witness "policy names no witness" "a policy without witnesses"

# -- nobody is there
stop_collector
"$shellac" check >"$work/out"
is "$?" 1 "no collector is a finding"
grep -q '^FAIL  collector .*no collector answers' "$work/out"
ok $? "and said"
cp /etc/passwd "$work/passwd"
sed -i '/^_shellac:/d' /etc/passwd
"$shellac" check | grep -q '^FAIL  recorder .*there is no user _shellac'
ok $? "so is a user that is missing"
cp "$work/passwd" /etc/passwd

# -- a private folder, of an ordinary user
become shla
cat >"$work/private" <<END
"$shellacd" -d "$work/d" -n 2>"$work/private.log" &
pid=\$!
for i in \$(seq 100); do
	"$shellac" -d "$work/d" status >/dev/null 2>&1 || [ \$? = 1 ] && break
	sleep 0.1
done
"$shellac" -d "$work/d" check
echo "status \$?"
chmod 755 "$work/d/store"
"$shellac" -d "$work/d" check
echo "status \$?"
kill \$pid
wait \$pid
END
$as sh "$work/private" >"$work/out"
is "$(grep -c '^FAIL\|^status' "$work/out")" 3 "in a private folder one thing is wrong when one is"
is "$(grep '^status' "$work/out" | tr '\n' ' ')" "status 0 status 1 " "with the statuses for it"
grep -q '^FAIL  folders .*/d/store has mode 0755' "$work/out" &&
	grep -q -- "-> chmod 0700 $work/d/store\$" "$work/out"
ok $? "and the command for it"
grep -q '^[A-Za-z]* *\(recorder\|ways in\) ' "$work/out"
is "$?" 1 "nothing is said there about logins"
plan
