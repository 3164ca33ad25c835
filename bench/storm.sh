#!/bin/bash
# SPDX-License-Identifier: ISC
# A storm of processes, half of them inside a recorded session: what it costs, beside the
# kernel's accounting alone, and whether each record is there and the right session's.
# As root, on an idle machine whose process accounting nobody else has.
set -uo pipefail
export LC_ALL=C.UTF-8

usage() {
	cat <<'E2'
usage: storm.sh [--build DIR] [--processes N] [--rounds N] [--out DIR]
  --build      where the programs were built (default: .)
  --processes  of each storm (default 20000)
  --rounds     of each way, in random order (default 7)
  --out        keep raw.tsv and report.txt there
Ways: acct, accounting to a plain file and no collector; shellacd, with accounting
alone; events, with process events but no arguments; args, with both.
E2
	exit "${1:-0}"
}

here=$(cd "$(dirname "$0")" && pwd)
build=. processes=20000 rounds=7 out=''
while [ $# -gt 0 ]; do
	case $1 in
	--build) build=$2; shift ;;
	--processes) processes=$2; shift ;;
	--rounds) rounds=$2; shift ;;
	--out) out=$2; shift ;;
	-h | --help) usage ;;
	*) usage 2 >&2 ;;
	esac
	shift
done
[ "$(id -u)" = 0 ] || { echo "storm.sh: process accounting needs root" >&2; exit 1; }
build=$(cd "$build" && pwd) || exit 1
# one owner of accounting at a time, other copies of this included
exec 9>/run/lock/shellac-acct
flock 9

TMP=$(mktemp -d "${TMPDIR:-/tmp}/storm.XXXXXX") || exit 1
chmod 755 "$TMP"
collector=''
# shellcheck disable=SC2317 # called by the trap
finish() {
	[ -z "$collector" ] || { kill "$collector" && wait "$collector"; }
	"$TMP/stormgen" acct off
	rm -rf "$TMP"
}
trap finish EXIT
trap 'exit 130' INT TERM
cp "$build/bench/stormgen" "$build/bench/ptydrive" "$TMP/" || exit 1
cp /bin/true "$TMP/shl-in"
cp /bin/true "$TMP/shl-out"
cp /bin/true "$TMP/shl-one"
gen=$TMP/stormgen
raw=$TMP/raw.tsv
: >"$raw"
half=$((processes / 2))

shellac() { "$build/auditor/shellac" -d "$dir" "$@"; }

# nanoseconds of the collector, its threads and its key process
cpu_ns() {
	{
		cat /proc/"$collector"/task/*/schedstat
		pgrep -P "$collector" | sed 's|.*|/proc/&/schedstat|' | xargs -r cat
	} | awk '{s += $1} END {printf "%.0f", s}'
}
# times that it slept and woke
switches() { cat /proc/"$collector"/task/*/status | awk '/^voluntary/ {s += $2} END {print s + 0}'; }

start_collector() { # WAY
	dir=$TMP/d.$1
	rm -rf "$dir"
	mkdir -m 700 "$dir"
	{
		echo 'acct = own'
		case $1 in
		shellacd) echo 'process_events = no' ;;
		events) echo 'process_args = no' ;;
		esac
	} >"$dir/shellac.conf"
	"$build/collector/shellacd" -d "$dir" -n 9>&- </dev/null >"$TMP/log" 2>&1 &
	collector=$!
	for _ in $(seq 200); do
		shellac status >/dev/null 2>&1 || [ $? = 1 ] && return
		sleep 0.05
	done
	cat "$TMP/log" >&2
	exit 1
}
stop_collector() {
	kill "$collector"
	wait "$collector" || { cat "$TMP/log" >&2; exit 1; }
	collector=''
}

# both halves at once: "WALL-NS CPU-NS"
storm() { # RECORDER-WORDS...
	local in out
	rm -f "$TMP/in" "$TMP/out" "$TMP/start".*
	mkfifo "$TMP/start.1" "$TMP/start.2"
	"$TMP/ptydrive" -T 600 -- "$@" "$gen" run "$TMP/start.1" "$TMP/in" "$half" "$TMP/shl-in" </dev/null >/dev/null &
	in=$!
	"$gen" run "$TMP/start.2" "$TMP/out" "$half" "$TMP/shl-out" </dev/null &
	out=$!
	sleep 1 # both wait at their FIFOs
	exec 7>"$TMP/start.1" 8>"$TMP/start.2"
	exec 7>&- 8>&-
	wait "$in" "$out"
	cat "$TMP/in" "$TMP/out" | awk '{if (!b || $1 < b) b = $1; if ($2 > e) e = $2; c += $3}
		END {printf "%.0f %.0f", e - b, c}'
}

# lost, wrong, unexplained; and of those not certain
judge() { # SESSION
	shellac procs --json | /usr/bin/python3 -c '
import json, sys
half, n = int(sys.argv[1]), int(sys.argv[2])
seen, wrong, unexplained = {"shl-in": 0, "shl-out": 0}, 0, 0
for line in sys.stdin:
    r = json.loads(line)
    if r["comm"] not in seen:
        continue
    seen[r["comm"]] += 1
    wrong += r["session"] != (n if r["comm"] == "shl-in" else None)
    unexplained += r["reason"] in (None, "?", "broken")
lost = sum(abs(half - v) for v in seen.values())
print(f"lost={lost} wrong={wrong} unexplained={unexplained}")' "$half" "$1"
}

way() { # NAME ROUND
	local took cpu=0 all=0 said='lost=0 wrong=0 unexplained=0' events=-
	sync
	if [ "$1" = acct ]; then
		: >"$TMP/pacct"
		"$gen" acct "$TMP/pacct" || exit 1
		took=$(storm)
		"$gen" acct off
	else
		start_collector "$1"
		sleep 1
		cpu=$(cpu_ns)
		took=$(storm "$build/recorder/shellac-rec" -d "$dir" --)
		shellac list >/dev/null # which takes in all there is
		all=$(cpu_ns)
		said=$(judge 1)
		events=$(shellac status --json | sed -n 's/.*"events":{"state":"\([a-z]*\)".*/\1/p')
		stop_collector
	fi
	# shellcheck disable=SC2086 # two numbers
	printf '%s\t%s\twall=%s cpu=%s collector=%s %s events=%s\n' "$1" "$2" ${took% *} ${took#* } \
		$((all - cpu)) "$said" "${events:--}" >>"$raw"
	tail -n 1 "$raw" >&2
}

idle0=$(awk '/^cpu /{print $5 + $6, $2 + $3 + $4 + $5 + $6 + $7 + $8}' /proc/stat; sleep 0.5
	awk '/^cpu /{print $5 + $6, $2 + $3 + $4 + $5 + $6 + $7 + $8}' /proc/stat)
idle0=$(echo "$idle0" | tr "\n" " " | awk '{printf "%d", 100 * ($3 - $1) / ($4 - $2 + 0.001)}')
for ((round = 1; round <= rounds; round++)); do
	for name in $(shuf -e acct shellacd events args); do
		way "$name" "$round"
	done
done

start_collector args
sleep 5
woken=$(switches)
sleep 30
printf 'idle\t1\twakeups=%s\n' "$(awk -v n=$(($(switches) - woken)) 'BEGIN {print n / 30}')" >>"$raw"
printf 'follow\t1\t%s\n' "$("$here/follow.py" 200 "$TMP/shl-one" -- "$build/auditor/shellac" -d "$dir" procs --follow --json)" >>"$raw"
stop_collector
mkdir "$TMP/rotations"
if unshare -pf --mount-proc sh -c '"$@"; exit $?' sh "$build/tests/collector/acct_check" \
	"$TMP/rotations" thousand-rotations >"$TMP/log" 2>&1; then
	printf 'rotations\t1\tbad=0\n' >>"$raw"
else
	printf 'rotations\t1\tbad=1\n' >>"$raw"
	cat "$TMP/log" >&2
fi
{
	echo "machine: $(nproc) processors, Linux $(uname -r), idle before the run: $idle0 %"
	awk -F'\t' -v processes="$processes" -f "$here/median.awk" -f "$here/storm.awk" "$raw"
} | tee "$TMP/report.txt"
if [ -n "$out" ]; then
	mkdir -p "$out" && cp "$raw" "$TMP/report.txt" "$out/"
fi
exit 0
