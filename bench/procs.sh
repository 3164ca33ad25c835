#!/bin/bash
# SPDX-License-Identifier: ISC
# Process records beside GNU acct: procs --file and lastcomm, procs --sum and sa, on the
# same made-up file, in turn; then one user and one hour of a large store, with the index
# and without.  Wall clock and CPU time; ratios are taken round by round, then the median
# of them.
set -u
export LC_ALL=C.UTF-8 TZ=UTC0 # without TZ lastcomm looks for the zone's file each time

usage() {
	cat <<'E2'
usage: procs.sh [--build DIR] [--records N] [--store N] [--rounds N] [--quick]
  --build    where the programs were built (default: .)
  --records  of the file (default 1000000)
  --store    records of the store (default 10000000), 0 for none
  --rounds   of each measurement (default 7)
  --quick    200,000 and 1,000,000 records, 3 rounds
E2
	exit "${1:-0}"
}

build=. records=1000000 store=10000000 rounds=7
while [ $# -gt 0 ]; do
	case $1 in
	--build) build=$2; shift ;;
	--records) records=$2; shift ;;
	--store) store=$2; shift ;;
	--rounds) rounds=$2; shift ;;
	--quick) records=200000 store=1000000 rounds=3 ;;
	-h | --help) usage ;;
	*) usage 2 >&2 ;;
	esac
	shift
done
build=$(cd "$build" && pwd) || exit 1
TMP=$(mktemp -d "${TMPDIR:-/tmp}/bench.XXXXXX") || exit 1
trap 'rm -rf "$TMP"' EXIT
export XDG_CACHE_HOME=$TMP/cache
trap 'exit 130' INT TERM
auditor=$build/auditor/shellac
raw=$TMP/raw

measure() { # NAME COMMAND...: a line "NAME wall cpu"
	local TIMEFORMAT='%R %U %S' name=$1
	shift
	{ time "$@" >/dev/null 2>"$TMP/err"; } 2>&1 |
		awk -v name="$name" '{print name, $1, $2 + $3}' >>"$raw"
}

"$build/bench/procsgen" pacct "$TMP/pacct" "$records" 1 >/dev/null || exit 1
if command -v lastcomm >/dev/null && command -v sa >/dev/null; then
	for ((round = 1; round <= rounds; round++)); do
		measure lastcomm lastcomm --forwards -f "$TMP/pacct"
		measure file "$auditor" procs --file "$TMP/pacct" \
			--columns command,fl,user,tty,cpu,start
		measure sa sa -a -i "$TMP/pacct"
		measure sum "$auditor" procs --file "$TMP/pacct" --sum command
		measure full "$auditor" procs --file "$TMP/pacct"
	done
else
	echo "no lastcomm and sa here: Debian's package acct has them" >&2
fi

"$auditor" procs --help | grep -q -- --no-index || store=0
if [ "$store" -gt 0 ]; then
	said=$("$build/bench/procsgen" store "$TMP/store" "$store" 1) || exit 1
	read -r uid from to < <(sed -n 's/.*uid \([0-9]*\) from \([^ ]*\) to \([^ ]*\).*/\1 \2 \3/p' <<<"$said")
	query=(-S "$TMP/store" procs user "$uid" fromdate "$from" todate "$to")
	"$auditor" "${query[@]}" >"$TMP/with" 2>/dev/null # makes the index
	"$auditor" "${query[@]}" --no-index >"$TMP/without" 2>/dev/null
	cmp "$TMP/with" "$TMP/without" || echo "the index gives another answer" >&2
	found=$(($(wc -l <"$TMP/without") - 1))
	for ((round = 1; round <= rounds; round++)); do
		measure index "$auditor" "${query[@]}"
		measure walk "$auditor" "${query[@]}" --no-index
	done
fi

awk -v records="$records" -v store="$store" -v found="${found:-0}" '
function median(w, k,   n, i, j, t, s) {
	n = N[w]
	for (i = 1; i <= n; i++)
		s[i] = V[w, i, k]
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && s[j - 1] > s[j]; j--) {
			t = s[j]; s[j] = s[j - 1]; s[j - 1] = t
		}
	return n % 2 ? s[(n + 1) / 2] : (s[n / 2] + s[n / 2 + 1]) / 2
}
function ratio(over, w, k,   i) { # how many times as fast w is
	N["r"] = N[w]
	for (i = 1; i <= N[w]; i++)
		V["r", i, k] = V[over, i, k] / (V[w, i, k] > 0 ? V[w, i, k] : 0.001)
	return median("r", k)
}
function row(w, name) { printf "%-34s %8.3f %8.3f\n", name, median(w, 1), median(w, 2) }
function limit(good, text) { printf "%-4s %s\n", good ? "ok" : "OVER", text }
{ N[$1]++; V[$1, N[$1], 1] = $2; V[$1, N[$1], 2] = $3 }
END {
	printf "process records: a file of %d, a store of %d; seconds, %d rounds\n", records, store, N["file"] + 0 ? N["file"] : N["index"]
	printf "%-34s %8s %8s\n", "", "wall", "CPU"
	if (N["file"]) {
		row("lastcomm", "lastcomm")
		row("file", "procs --file, the same columns")
		row("full", "procs --file, all columns")
		row("sa", "sa")
		row("sum", "procs --sum command")
		printf "procs --file is %.1f times as fast as lastcomm (CPU %.1f), --sum %.1f times as fast as sa (CPU %.1f)\n", ratio("lastcomm", "file", 1), ratio("lastcomm", "file", 2), ratio("sa", "sum", 1), ratio("sa", "sum", 2)
	}
	if (N["index"]) {
		row("index", "one user, one hour, index")
		row("walk", "the same without it")
		printf "%d rows found\n", found
	}
	print "\nlimits"
	if (N["file"]) {
		limit(ratio("lastcomm", "file", 1) >= 5, "procs --file: 5 times as fast as lastcomm")
		limit(ratio("sa", "sum", 1) >= 1, "procs --sum: as fast as sa")
	}
	if (N["index"])
		limit(median("index", 1) < 0.05, "one user and one hour: 50 ms")
}' "$raw"
