#!/bin/bash
# SPDX-License-Identifier: ISC
# What a list of very many sessions costs, beside find(1) and ls(1) asking for the state of
# the same files: once without a cache, then with expressions on what it knows.
set -uo pipefail
export LC_ALL=C.UTF-8

usage() {
	cat <<'E2'
usage: list.sh [--build DIR] [--sessions N] [--days N] [--rounds N]
  --build     where the programs were built (default: .)
  --sessions  of the store (default 100000, some 400 MB on disk)
  --days      that they are spread over (default 300)
  --rounds    of each, in turns; the median is shown (default 7)
E2
	exit "${1:-0}"
}

build=. sessions=100000 days=300 rounds=7
while [ $# -gt 0 ]; do
	case $1 in
	--build) build=$2; shift ;;
	--sessions) sessions=$2; shift ;;
	--days) days=$2; shift ;;
	--rounds) rounds=$2; shift ;;
	-h | --help) usage ;;
	*) usage 2 >&2 ;;
	esac
	shift
done
build=$(cd "$build" && pwd) || exit 1
TMP=$(mktemp -d "${TMPDIR:-/tmp}/bench.XXXXXX") || exit 1
trap 'rm -rf "$TMP"' EXIT
trap 'exit 130' INT TERM
export XDG_CACHE_HOME=$TMP/cache
mkdir "$XDG_CACHE_HOME"
store=$TMP/store

# Milliseconds and MB at most of a command, whose output goes nowhere.
measure() {
	/usr/bin/python3 - "$@" <<'E2'
import os, resource, subprocess, sys, time
with open(os.devnull, "w") as null:
    begin = time.monotonic()
    status = subprocess.run(sys.argv[1:], stdout=null).returncode
    took = time.monotonic() - begin
if status:
    sys.exit(f"{sys.argv[1:]}: exit status {status}")
print(f"{took * 1000:.1f} {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f}")
E2
}

list() { measure "$build/auditor/shellac" -S "$store" list "$@"; }

# The commands, each one round after the other, so that all meet the same machine.
names=("find -printf of size, inode, times" "ls -lR" "list" "list user user7" "list exit 1"
	"list longer 14min not status cut" "list fromdate ... todate ..." "list host host.example level 0"
	"list --sort user,-length" "list --last 20")
run() {
	case $1 in
	0) measure find "$store" -type f -printf '%s %i %T@ %C@\n' ;;
	1) measure ls -lR "$store" ;;
	2) list ;;
	3) list user user7 ;;
	4) list exit 1 ;;
	5) list longer 14min not status cut ;;
	6) list fromdate 2026-03-01 todate 2026-03-08 ;;
	7) list host host.example level 0 ;;
	8) list --sort user,-length ;;
	9) list --last 20 ;;
	esac
}

"$build/bench/listgen" "$store" "$sessions" "$days" || exit 1
read -r ms mb < <(list) || exit 1
printf '%d sessions in %d folders\n' "$sessions" "$days"
printf '%-38s %10s %8s\n' "" "median ms" "MB"
printf '%-38s %10.1f %8d\n' "list, judging all" "$ms" "$mb"
sleep 3 # what was written just now is judged again
list >/dev/null
for ((i = 0; i < rounds; i++)); do
	for k in "${!names[@]}"; do
		run "$k" >>"$TMP/$k" || exit 1
	done
done
for k in "${!names[@]}"; do
	sort -n "$TMP/$k" | awk -v name="${names[$k]}" '{ms[NR] = $1; if ($2 > mb) mb = $2}
		END {printf "%-38s %10.1f %8d\n", name, ms[int((NR + 1) / 2)], mb}'
done
printf 'cache: %d KB\n' "$(du -k "$XDG_CACHE_HOME"/shellac/session-* | awk '{s += $1} END {print s}')"
