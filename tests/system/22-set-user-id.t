#!/bin/sh
# SPDX-License-Identifier: ISC
# The installed recorder is set-user-ID: who it is, what the shell gets back, what
# its caller cannot choose, and who else may register.
# shellcheck disable=SC2016,SC2086,SC2181,SC2154
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/installed.sh"
become shla
cd / || exit 1
run=$runstatedir/shellac
cp "$top_srcdir/tests/system/claim.py" "$home/claim.py" # where anybody may read it
claim="$python $home/claim.py $run"
other="setpriv --reuid=shlb --regid=shlb --init-groups --"
recorder="setpriv --reuid=_shellac --regid=_shellac --init-groups --"
count() { auditor list --json | wc -l; }
last() { auditor list --json | tail -n 1 | field "$1"; }

# -- the installation
is "$(stat -c '%U %a' "$rec")" "_shellac 4755" "the recorder is installed set-user-ID"
start_collector
ok $? "the collector starts"
is "$(stat -c '%U %G %a' "$run/session")" "_shellac _shellacd 2770" "the FIFOs' folder is closed to users"
is "$(stat -c '%U %a' "$run/register.sock")" "_shellac 600" "so is the socket"

# -- who may register
for who in "$as" "$other"; do
	is "$($who $claim probe)" EACCES "a user cannot connect"
	$who ls "$run/session" >/dev/null 2>&1
	[ $? != 0 ] && ! $who touch "$run/session/x" 2>/dev/null
	ok $? "nor list the FIFOs or make one"
done
is "$($claim probe)" "REFUSED 8" "another program of root is no recorder"
grep -q 'uid 0 on register.sock is no recorder' "$work/log"
ok $? "and the log says so"
is "$($recorder $claim probe)" READY "the recorders' user may ask"
is "$($recorder $claim register)" "REFUSED 8" "and is nobody who could be recorded"
is "$($recorder $claim lie)" EPERM "nor can it claim to be somebody"
is "$($recorder $claim nobody)" "REFUSED 8" "or nobody"
is "$(grep -c 'registers as pid .* refused$' "$work/log")" 2 "the log says who tried"
is "$(count)" 0 "none of these is a session"
find "$run/session" -name '*.fifo' -exec rm {} +

# -- who is what
cat >"$work/who" <<'END'
exec 3<&1
for pid in $$ $PPID; do
	sed -n 's/^Uid:\t//p' /proc/$pid/status | tr '\t' ' '
done
sed -n 's/^Uid:\t//p' "/proc/$(sed 's/.*) . \([0-9]*\) .*/\1/' /proc/$PPID/stat)/status" | tr '\t' ' '
tty=$(tty <&3)
stat -c '%U %a' "$tty"
END
shellac_uid=$(id -u _shellac)
is "$(recorded -- /bin/sh "$work/who")" "exit 0" "a user's session"
tr -d '\r' <"$work/screen" >"$work/got"
u=$user_uid s=$shellac_uid
printf '%s\n' "$u $u $u $u" "$s $s $s $s" "$u $s $s $s" >"$work/wanted"
on_terminal -- /bin/sh -c 'tty=$(tty); stat -c "%U %a" "$tty"' >/dev/null
tr -d '\r' <"$work/screen" >>"$work/wanted"
same "$work/got" "$work/wanted" "program, keeper and front are whose they should be, the terminal as a bare one"
is "$(on_terminal -- /bin/sh -c 'tty >'"$work/tty"'; exec '"$rec"' -- true')" "exit 0" "from a shell"
is "$(last uid) $(last user) /dev/$(last tty | tr -d '"')" "$user_uid \"shla\" $(cat "$work/tty")" \
	"the certificate has user and terminal"

# -- the keeper is out of reach before the program can do anything
i=0 ends=""
while [ $i -lt 20 ]; do
	ends="$ends $(recorded -- /bin/sh -c 'kill -KILL $PPID 2>/dev/null; exit 5')"
	i=$((i + 1))
done
is "$(echo $ends | sed 's/exit 5 *//g')" "" "a program that kills its parent first does not"
auditor verify >"$work/verify"
is "$?" 0 "all are complete"

# -- what the program gets is what the login gave
cat >"$work/state" <<'END'
cat /proc/self/environ >"$1.env"
grep -E '^(Uid|Gid|Groups|Cap...|Sig...|NoNewPrivs|Seccomp):' /proc/self/status
umask
cat /proc/self/limits
cut -d ' ' -f 19 /proc/self/stat
cut -d ' ' -f 40,41 /proc/self/stat
pwd
cat /proc/self/oom_score_adj
END
cat >"$work/login" <<'END'
umask 027
ulimit -S -n 99
ulimit -c 7
cd /usr || exit 1
trap '' HUP
exec nice -n 5 env -i PATH=/usr/bin:/bin TMPDIR=/tmp TZDIR=/nonexistent LD_LIBRARY_PATH=/nonexistent \
	MALLOC_TRACE=/tmp/trace MALLOC_ARENA_MAX=2 GCONV_PATH=/x LOCPATH=/x NLSPATH=/x HOSTALIASES=/x \
	LOCALDOMAIN=x RES_OPTIONS=x RESOLV_HOST_CONF=/x GETCONF_DIR=/x LD_PRELOAD= LD_AUDIT= LD_DEBUG= \
	GLIBC_TUNABLES=glibc.malloc.check=0 TZ=:/etc/shadow LC_ALL=xx_YY EMPTY= 'SPACE= a  b' \
	LINES2='one
two' BASH_ENV=/x ENV=/x IFS=x SHELLAC_DIR=/nonexistent "$2" $3 /bin/sh "$0.state" "$1"
END
cp "$work/state" "$work/login.state"
plain=$as
for stack in 8388608 16777216 unlimited; do
	# the stack's limit is taken from the recorder's parent
	as="$plain prlimit --stack=$stack:"
	on_terminal -- /bin/sh "$work/login" "$work/bare" env >/dev/null
	tr -d '\r' <"$work/screen" >"$work/bare"
	is "$(on_terminal -- /bin/sh "$work/login" "$work/mine" "$rec" --)" "exit 0" \
		"a login with a stack of $stack"
	tr -d '\r' <"$work/screen" >"$work/mine"
	same "$work/mine" "$work/bare" "ids, groups, signals, umask, limits and nice as in a bare one"
	same "$work/mine.env" "$work/bare.env" "and the environment, byte for byte"
done
as=$plain
tr '\0' '\n' <"$work/mine.env" | grep -c '^TMPDIR=/tmp$\|^TZDIR=\|^LD_LIBRARY_PATH=\|^MALLOC_TRACE=' >"$work/n"
is "$(cat "$work/n")" 4 "what ld.so takes away is in both"

# -- what the caller chooses has no effect
n=$(count)
is "$(recorded -d /nonexistent -- true)" "exit 0" "-d"
is "$(SHELLAC_DIR=/nonexistent on_terminal -- "$rec" -- true)" "exit 0" "SHELLAC_DIR"
is "$(SHELL=/bin/false recorded -c 'exit 4')" "exit 4" "SHELL"
is "$(SHELL='/bin/sh -x' on_terminal -e 'send exit 6\r' -- "$rec")" "exit 6" "SHELL of the login shell"
is "$(TZ=:/etc/shadow LC_ALL=nowhere LANG=xx recorded -- true)" "exit 0" "TZ and the locale"
is "$(on_terminal -- env LD_PRELOAD=/nonexistent.so "$rec" -- /bin/true)" "exit 0" "LD_PRELOAD"
is "$(on_terminal -- $python -c '
import os, sys
os.execv(sys.argv[1], ["\x1b]0;x\x07../../etc/\xff", "--", "/bin/true"])' "$rec")" "exit 0" "argv[0]"
mkdir "$work/evil"
printf '#!/bin/sh\nid -u >%s/evil-ran\n' "$work" >"$work/evil/evil"
chmod 755 "$work/evil/evil"
is "$(PATH=$work/evil:$PATH recorded -- evil)" "exit 0" "PATH is searched"
is "$(cat "$work/evil-ran")" "$user_uid" "as the user"
is "$(count)" $((n + 8)) "all of these are recorded"
is "$(last uid)" "$user_uid" "for the user"

# -- set-user-ID without effect
n=$(count)
lost() { # NAME WRAPPER...
	name=$1
	shift
	$as "$@" "$rec" --probe </dev/null
	is "$?" 1 "$name: the probe says no"
	is "$(on_terminal -- "$@" "$rec" -- /bin/echo ran)" "exit 125" "a program is not run"
	[ "$name" != "one without a mapping" ] || return # nor with a user
	is "$(on_terminal -- "$@" "$rec" -c 'exit 7')" "exit 125" "nor a command"
	is "$(on_terminal -- "$@" "$bindir/shellac-dash" -c 'exit 7')" "exit 7" \
		"but a login's is, by the plain shell"
	grep -q 'no effect here; going on unrecorded' "$work/screen"
	ok $? "and says that it is not recorded"
	is "$(on_terminal -e 'send exit 6\r' -- "$@" "$rec")" "exit 6" "and the login shell"
}
$as "$rec" --probe </dev/null
is "$?" 0 "the probe says yes"
lost no_new_privs setpriv --no-new-privs --
if $as unshare -Ur true 2>/dev/null; then
	lost "a user namespace" unshare -Ur --
	lost "one without a mapping" unshare -U --
else
	skip "a user namespace" "users may not make any"
fi
mount -o remount,nosuid "$prefix"
lost nosuid env --
mount -o remount,suid "$prefix"
sed -i "s|^\(shla:.*:\)/bin/sh$|\1$rec|" /etc/passwd
is "$(on_terminal -- setpriv --no-new-privs -- "$rec" -c 'exit 7')" "exit 7" \
	"where the recorder is the user's shell, -c is what a login brings"
sed -i "s|^\(shla:.*:\)$rec$|\1/bin/sh|" /etc/passwd
is "$(count)" "$n" "none of these is recorded"

# -- a login that cannot be recorded is no dead one
# so many processes: ptyx and the front; and a keeper
for processes in 2 3; do
	is "$(on_terminal -e 'send exit 6\r' -- prlimit --nproc=$processes "$rec")" "exit 6" \
		"with room for $processes processes a login has its shell"
	grep -q 'unavailable; going on unrecorded' "$work/screen"
	ok $? "and is told"
	is "$(on_terminal -- prlimit --nproc=$processes "$rec" -- /bin/true)" "exit 125" "a program is refused"
done
stop_collector
printf 'max_sessions = 1\n' >"$sysconfdir/shellac/shellac.conf"
start_collector
chmod 0 "$localstatedir/spool/shellac" # or they would be recorded there until there is one less
# root's, so that it is not the user who has too many
(as="" on_terminal -e 'wait go' -e 'sleep 3000' -e 'send \x04' -- "$rec" -c 'echo go; cat' >"$work/end") &
one=$!
eventually 10 grep -q go "$work/screen"
cp "$work/screen" "$work/first"
is "$($as "$ptyx" -q -o "$work/refused" -e 'send echo my$((40 + 2))\r' -e 'wait my42' -e 'send exit 6\r' \
	-- "$rec" >"$work/n"; echo $?)" 0 "one session too many has its shell"
grep -q 'too many sessions.*; going on unrecorded' "$work/refused"
ok $? "and is told"
$as "$bindir/shellac-dash" -c 'cat; exit 3' <"$work/first" >"$work/out" 2>"$work/err"
is "$? $(cat "$work/err")" "3 " "a command without a terminal runs and nothing is said"
same "$work/out" "$work/first" "with its bytes untouched"
printf 'max_sessions = 1\naway = strict\n' >"$sysconfdir/shellac/shellac.conf"
is "$($as "$ptyx" -o "$work/refused" -e 'send exit 6\r' -- "$rec" | tail -n 1)" "exit 125" \
	"strictly there is none"
wait $one
stop_collector
rm "$sysconfdir/shellac/shellac.conf"
start_collector
chmod 700 "$localstatedir/spool/shellac"

# -- inside
n=$(count)
is "$(on_terminal -e 'wait $ ' -e 'send shellac-rec --probe || echo ins""ide\r' -e 'wait inside' \
	-e 'send exec shellac-rec\r' -e 'wait $ ' -e 'send grep ^Uid: /proc/$PPID/status\r' -e "wait $shellac_uid" \
	-e 'send exit 3\r' -- env PS1='$ ' "$rec")" "exit 3" "in a recording the shell is just run"
is "$(count)" $((n + 1)) "once recorded"
n=$((n + 1))
is "$(recorded -- "$rec" -- true)" "exit 0" "a recorder in a recorder"
is "$(count)" $((n + 2)) "is recorded twice"

# -- who comes back
on_terminal -e 'wait go' -e 'sleep 1500' -e 'send x\r' -- "$rec" -c 'echo go; read -r x; echo "got $x"' \
	>"$work/end" &
user=$!
eventually 10 grep -q go "$work/screen"
id=$(last id | tr -d '"')
is "$($recorder $claim resume "$id")" "REFUSED 4" "another process cannot take a session over"
stop_collector
start_collector
wait $user
is "$(cat "$work/end")" "exit 0" "a session outlives its collector"
eventually 10 auditor verify last
auditor cat last | grep -q 'got x'
ok $? "and goes on with the next"
stop_collector
n=$(count)
rm "$work/screen"
on_terminal -e 'wait go' -e 'sleep 4000' -e 'send x\r' -- "$rec" -c 'echo go; read -r x; echo "got $x"' \
	>"$work/end" &
user=$!
eventually 10 grep -q go "$work/screen"
ok $? "a session begins while nobody collects"
start_collector
eventually 10 [ "$(count)" = $((n + 1)) ]
wait $user
is "$(cat "$work/end")" "exit 0" "and ends"
eventually 10 auditor verify last
is "$(last uid) $(count)" "$user_uid $((n + 1))" "as its user's, when somebody does"
auditor verify >"$work/verify"
is "$?" 0 "everything is complete"
[ $? = 0 ] || note <"$work/verify"

# -- what a recorder leaves that was killed before it was out of reach
left=$run/session/00000000000000000000000000000001.fifo
$recorder mkfifo -m 640 "$left"

# -- a keeper that asks late, or was heard late
shlb_uid=$(id -u shlb)
is "$($claim front shlb register)" CERTIFICATE "a recorder before its program runs"
is "$(last uid)" "$shlb_uid" "is for the real user"
is "$($claim keeper shlb register)" CERTIFICATE "one whose program runs already"
is "$(last uid)" "$shlb_uid" "is for its front's real user"
is "$($claim keeper _shellac register)" "REFUSED 8" "who is not the recorders'"
is "$($claim keeper shlb lie)" EPERM "and claims nothing else"
mkfifo "$work/line"
kill -STOP "$collector"
$claim withdraw shlb register <"$work/line" >"$work/end" &
late=$!
exec 4>"$work/line"
eventually 10 grep -q withdrawn "$work/end"
kill -CONT "$collector"
echo >&4
exec 4>&-
wait $late
is "$(tail -n 1 "$work/end")" CERTIFICATE "what was claimed while it was true counts later"
is "$(last uid)" "$shlb_uid" "for who it was then"

# -- root
as=""
eventually 25 [ ! -e "$left" ]
ok $? "a FIFO that nobody holds goes while the collector runs"
on_terminal -- /bin/sh -c 'grep Cap /proc/self/status; id' >/dev/null
cp "$work/screen" "$work/wanted"
is "$(recorded -- /bin/sh -c 'grep Cap /proc/self/status; id')" "exit 0" "root is recorded too"
same "$work/screen" "$work/wanted" "with all that it may"
is "$(last uid)" 0 "as root"
stop_collector
plan
