#!/bin/bash
# SPDX-License-Identifier: ISC
# What the ledger costs a collector with many live sessions: its processor time while
# an epoch ends every second, less that while none does.
set -uo pipefail
export LC_ALL=C.UTF-8

usage() {
	cat <<'E2'
usage: ledger.sh [--build DIR] [--sessions N] [--seconds N] [--rounds N]
  --build     where the programs were built (default: .)
  --sessions  live ones, some 6 MB of memory each (default 1000)
  --seconds   of each measurement (default 30, in which each session has one heartbeat)
  --rounds    of both (default 3)
E2
	exit "${1:-0}"
}

build=. sessions=1000 seconds=30 rounds=3
while [ $# -gt 0 ]; do
	case $1 in
	--build) build=$2; shift ;;
	--sessions) sessions=$2; shift ;;
	--seconds) seconds=$2; shift ;;
	--rounds) rounds=$2; shift ;;
	-h | --help) usage ;;
	*) usage 2 >&2 ;;
	esac
	shift
done
build=$(cd "$build" && pwd) || exit 1
TMP=$(mktemp -d "${TMPDIR:-/tmp}/bench.XXXXXX") || exit 1
collector='' drives=()
# shellcheck disable=SC2317 # called by the trap
finish() {
	[ ${#drives[@]} = 0 ] || kill "${drives[@]}" 2>/dev/null
	wait "${drives[@]}" 2>/dev/null
	[ -n "$collector" ] && kill "$collector" && wait "$collector"
	rm -rf "$TMP"
}
trap finish EXIT
trap 'exit 130' INT TERM
dir=$TMP/d

conf() { # EPOCH_S
	printf 'acct = off\nprocess_events = no\nuser_quota = 0\nsession_rate = 0\nspool_user = 1024G\nspool_size = 2M\nepoch_s = %s\n' \
		"$1" >"$dir/shellac.conf"
}
status() {
	"$build/auditor/shellac" -d "$dir" status --json 2>/dev/null | grep -o "\"$1\":[0-9]*" |
		sed -n '1s/.*://p'
}

# nanoseconds of the collector and the process with its keys
cpu_ns() {
	{
		cat /proc/"$collector"/task/*/schedstat
		pgrep -P "$collector" | sed 's|.*|/proc/&/schedstat|' | xargs -r cat
	} | awk '{s += $1} END {printf "%.0f", s}'
}
epochs() { "$build/auditor/shellac" -d "$dir" ledger 2>/dev/null | grep -c ' EPOCH '; }

measure() { # EPOCH_S: "CPU-NS EPOCHS" of so many seconds
	local cpu n
	conf "$1"
	kill -HUP "$collector"
	sleep 3 # the epoch that was under way ends
	n=$(epochs)
	cpu=$(cpu_ns)
	sleep "$seconds"
	cpu=$(($(cpu_ns) - cpu))
	n=$(($(epochs) - n))
	[ "$(status sessions)" = "$sessions" ] || { echo "sessions have ended" >&2; exit 1; }
	echo "$cpu $n"
}

mkdir -m 700 "$dir"
conf 3600
"$build/collector/shellacd" -d "$dir" -n 2>"$TMP/log" &
collector=$!
for _ in $(seq 100); do
	[ -n "$(status pid)" ] && break
	sleep 0.1
done
for ((i = 1; i <= sessions; i++)); do
	"$build/bench/ptydrive" -T 86400 -- "$build/recorder/shellac-rec" -d "$dir" -- sleep 100000 </dev/null >/dev/null 2>&1 &
	drives+=($!)
	[ $((i % 20)) = 0 ] && sleep 0.2
done
for _ in $(seq 600); do
	[ "$(status sessions)" = "$sessions" ] && break
	sleep 0.1
done
echo "$(status sessions) live sessions, collector $(($(status rss) / 1000000)) MB"
for ((round = 1; round <= rounds; round++)); do
	figure=$(measure 3600) && echo "quiet $figure" || exit 1
	figure=$(measure 1) && echo "busy $figure" || exit 1
done | awk -v s="$seconds" '
{ print }
!($1 in cpu) || $2 < cpu[$1] { cpu[$1] = $2; n[$1] = $3 } # noise only adds
END {
	each = (cpu["busy"] - cpu["quiet"]) / (n["busy"] - n["quiet"]) / 1e6
	printf "an epoch costs %.2f ms of processor time: %.4f %% of a core, one a minute\n", each, each / 600
	printf "%-4s the ledger: 1 %% of a core\n", each / 600 < 1 ? "ok" : "OVER"
}'
