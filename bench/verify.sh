#!/bin/bash
# SPDX-License-Identifier: ISC
# What it takes to verify: sessions recorded here and now, as they are and packed,
# beside b2sum over the same bytes and openssl's word on what a signature costs.
# All figures are CPU time, medians of all rounds; ratios are taken round by round.
set -u
export LC_ALL=C.UTF-8

usage() {
	cat <<'E2'
usage: verify.sh [--build DIR] [--mb N] [--rounds N] [--quick]
  --build   where the programs were built (default: .)
  --mb      of recorded text in four sessions (default 1000)
  --rounds  of each measurement (default 7)
  --quick   100 MB, 3 rounds
E2
	exit "${1:-0}"
}

build=. mb=1000 rounds=7
while [ $# -gt 0 ]; do
	case $1 in
	--build) build=$2; shift ;;
	--mb) mb=$2; shift ;;
	--rounds) rounds=$2; shift ;;
	--quick) mb=100 rounds=3 ;;
	-h | --help) usage ;;
	*) usage 2 >&2 ;;
	esac
	shift
done
build=$(cd "$build" && pwd) || exit 1
TMP=$(mktemp -d "${TMPDIR:-/tmp}/bench.XXXXXX") || exit 1
collector=''
# shellcheck disable=SC2317 # called by the trap
finish() {
	[ -n "$collector" ] && kill "$collector" && wait "$collector"
	rm -rf "$TMP"
}
trap finish EXIT
trap 'exit 130' INT TERM
auditor=$build/auditor/shellac

packed() { # FOLDER: all sessions are closed and in containers
	local f
	while read -r f; do
		head -c 4 "$f" | grep -q SHLZ || return 1
	done < <(find "$1/store/session" -type f)
}

settled() { # FOLDER WORD
	! "$auditor" -d "$1" list --json | grep -qv '"COMPLETE"' && { [ "$2" = no ] || packed "$1"; }
}

# a store of four sessions in FOLDER, with compress = WORD
record() {
	mkdir -m 700 "$1"
	printf 'acct = off\nprocess_events = no\nuser_quota = 0\ncompress = %s\n' "$2" >"$1/shellac.conf"
	"$build/collector/shellacd" -d "$1" -n 2>"$1.log" &
	collector=$!
	for _ in $(seq 100); do
		"$auditor" -d "$1" status >/dev/null 2>&1 || [ $? = 1 ] && break
		sleep 0.1
	done
	for _ in 1 2 3 4; do
		"$build/bench/ptydrive" -- "$build/recorder/shellac-rec" -d "$1" -- \
			"$build/bench/gen" play "$TMP/corpus" $((mb / 4)) </dev/null >"$TMP/drive" ||
			{ cat "$TMP/drive" "$1.log" >&2; exit 1; }
	done
	for _ in $(seq 600); do
		settled "$@" && break
		sleep 0.2
	done
	kill "$collector"
	wait "$collector"
	collector=''
	find "$1/store/session" -type f -print0 | xargs -0 cat >/dev/null # into the page cache
}

cpu() { # COMMAND...: seconds of user and system time
	local TIMEFORMAT='%U %S'
	{ time "$@" >/dev/null 2>"$TMP/err"; } 2>&1 | awk '{print $1 + $2}'
	[ ! -s "$TMP/err" ] || cat "$TMP/err" >&2
}
files() { find "$1/store/session" -type f -print0; }
sum_b2() { files "$1" | xargs -0 b2sum -l 256; }

"$build/bench/gen" corpus 32 >"$TMP/corpus"
record "$TMP/plain" no
record "$TMP/packed" yes
mkdir -p "$TMP/big/ledger"
"$build/bench/ledgergen" 1000000 60 >"$TMP/big/ledger/log"
bytes=$(files "$TMP/plain" | xargs -0 cat | wc -c)
stored=$(files "$TMP/packed" | xargs -0 cat | wc -c)
seals=$(files "$TMP/plain" | xargs -0 cat | grep -ao SHLC | wc -l)
fast=''
"$auditor" verify --help | grep -q -- --fast && fast=1

raw=$TMP/raw
signature() { openssl speed -seconds 1 ed25519 2>/dev/null | awk 'END {print 1 / $NF}'; }
for ((round = 1; round <= rounds; round++)); do
	{
		echo "b2sum $(cpu sum_b2 "$TMP/plain")"
		echo "openssl $(signature)"
		for s in plain packed; do
			echo "$s $(cpu "$auditor" -S "$TMP/$s/store" verify)"
			[ -z "$fast" ] || echo "$s-fast $(cpu "$auditor" -S "$TMP/$s/store" verify --fast)"
		done
		echo "ledger $(cpu "$auditor" -S "$TMP/big" ledger --since 999999)"
	} >>"$raw"
done

awk -v bytes="$bytes" -v stored="$stored" -v seals="$seals" '
function median(w,   n, i, j, t) {
	n = N[w]
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && V[w, j - 1] > V[w, j]; j--) {
			t = V[w, j]; V[w, j] = V[w, j - 1]; V[w, j - 1] = t
		}
	return n % 2 ? V[w, (n + 1) / 2] : (V[w, n / 2] + V[w, n / 2 + 1]) / 2
}
function ratio(w,   i) { # how many times as fast as b2sum
	N["r"] = N[w]
	for (i = 1; i <= N[w]; i++)
		V["r", i] = R["b2sum", i] / R[w, i]
	return median("r")
}
function row(w, name,   s) {
	if (!N[w])
		return
	s = median(w)
	printf "%-26s %6.2f %12.0f %12.2f\n", name, s / bytes * 1e9, bytes / s / 1e6, ratio(w)
}
function limit(good, text) { printf "%-4s %s\n", good ? "ok" : "OVER", text }
{ V[$1, ++N[$1]] = R[$1, N[$1]] = $2 }
END {
	printf "verify: %.0f MB in 4 sessions, %d seals, packed %.0f MB; CPU time, %d rounds\n", bytes / 1e6, seals, stored / 1e6, N["b2sum"]
	printf "%-26s %6s %12s %12s\n", "", "s/GB", "MB/s a core", "over b2sum"
	row("b2sum", "b2sum")
	row("plain", "as recorded")
	row("plain-fast", "as recorded, --fast")
	row("packed", "packed")
	row("packed-fast", "packed, --fast")
	sig = median("openssl")
	sum = median("b2sum") + seals * sig
	printf "\na signature takes openssl %.0f us: with b2sum that is %.2f s/GB, verify takes %.2f times as long\n", sig * 1e6, sum / bytes * 1e9, median("plain") / sum
	printf "a ledger of 1,000,000 leaves, an EPOCH every 60: %.2f s\n\nlimits\n", median("ledger")
	limit(bytes / median("plain") >= 4e8, "as recorded, with signatures: 400 MB/s a core")
	limit(bytes / median("packed") >= 4e8, "packed, with signatures: 400 MB/s a core")
	if (N["plain-fast"]) {
		limit(ratio("plain-fast") >= 0.8, "as recorded, --fast: 0.8 of b2sum")
		limit(ratio("packed-fast") >= 0.6, "packed, --fast: 0.6 of b2sum")
	}
	limit(median("ledger") < 3, "a million leaves: 3 s")
}' "$raw"
