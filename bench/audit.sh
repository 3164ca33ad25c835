#!/bin/bash
# SPDX-License-Identifier: ISC
# What an auditor waits for, on a made-up store: search with its index and without, beside
# zstdgrep on the same output (and beside one zstd and one grep for all of it), cat, replay
# and list; the memory of each.  Ratios are taken round by round, then the median of them.
set -u
export LC_ALL=C.UTF-8 TZ=UTC0

usage() {
	cat <<'E2'
usage: audit.sh [--build DIR] [--sessions N] [--mb N] [--rounds N] [--quick]
  --build     where the programs were built (default: .)
  --sessions  of the store (default 2000)
  --mb        megabytes of output in it (default 1000)
  --rounds    of each measurement (default 5)
  --quick     100 sessions, 50 MB, 2 rounds
E2
	exit "${1:-0}"
}

build=. sessions=2000 mb=1000 rounds=5
while [ $# -gt 0 ]; do
	case $1 in
	--build) build=$2; shift ;;
	--sessions) sessions=$2; shift ;;
	--mb) mb=$2; shift ;;
	--rounds) rounds=$2; shift ;;
	--quick) sessions=100 mb=50 rounds=2 ;;
	-h | --help) usage ;;
	*) usage 2 >&2 ;;
	esac
	shift
done
build=$(cd "$build" && pwd) || exit 1
here=$(cd "$(dirname "$0")" && pwd) || exit 1
command -v zstdgrep >/dev/null || { echo "no zstdgrep here: Debian's package zstd has it" >&2; exit 1; }
TMP=$(mktemp -d "${TMPDIR:-/tmp}/bench.XXXXXX") || exit 1
trap 'rm -rf "$TMP"' EXIT
trap 'exit 130' INT TERM
export XDG_CACHE_HOME=$TMP/cache
mkdir "$TMP/cache"
cd "$TMP" || exit 1
auditor=("$build/auditor/shellac" -S store)
raw=$TMP/raw

measure() { "$here/measure.py" "$@" >>"$raw"; }

"$build/bench/gen" corpus 64 >corpus && "$build/bench/auditgen" corpus "$sessions" "$mb" || exit 1
bytes=$(cat text/* | wc -c)
stored=$(find store -name '*.shlc' -print0 | xargs -0 cat | wc -c)
find text -type f -print0 | xargs -0 -n 100 zstd -q --rm || exit 1
packed=$(cat text/* | wc -c)

measure build "${auditor[@]}" search no-such-needle
index=$(cat cache/shellac/search-* | wc -c)
measure judge "${auditor[@]}" list
for ((round = 1; round <= rounds; round++)); do
	measure rare "${auditor[@]}" search rare-needle-
	measure absent "${auditor[@]}" search no-such-needle
	measure some "${auditor[@]}" search 'session_lock'
	measure regex "${auditor[@]}" search -E 'needle-[0-9]+|no such (thing|needle)'
	measure nocase "${auditor[@]}" search -i 'RARE-needle-'
	measure many "${auditor[@]}" search 'test cache'
	measure zstdgrep zstdgrep -F rare-needle- text/*
	measure pipe sh -c 'zstd -dcq text/* | grep -F rare-needle-'
	measure scan "${auditor[@]}" search --no-index rare-needle-
	measure cat "${auditor[@]}" cat 1
	measure raw "${auditor[@]}" cat --raw 1
	measure replay "${auditor[@]}" replay -n 1
	measure list "${auditor[@]}" list
done

awk -v bytes="$bytes" -v stored="$stored" -v packed="$packed" -v sessions="$sessions" -v index_bytes="$index" '
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
function row(w, name) {
	printf "%-44s %9.3f %9.3f %9.3f %8.0f %9d\n", name, median(w, 4), median(w, 1), median(w, 2), median(w, 3), median(w, 5)
}
function limit(good, text) { printf "%-4s %s\n", good ? "ok" : "OVER", text }
function greatest(k,   w, i, m) {
	m = 0
	for (w in N)
		if (w !~ /^(r|zstdgrep|pipe)$/)
			for (i = 1; i <= N[w]; i++)
				m = V[w, i, k] > m ? V[w, i, k] : m
	return m
}
{
	N[$1]++
	for (k = 1; k <= 5; k++)
		V[$1, N[$1], k] = $(k + 1)
}
END {
	printf "%d sessions, %.0f MB of output: %.0f MB in the store, %.0f MB packed as plain files\n", sessions, bytes / 1e6, stored / 1e6, packed / 1e6
	printf "seconds, %d rounds\n%-44s %9s %9s %9s %8s %9s\n", N["rare"], "", "first", "all", "CPU", "MB", "lines"
	row("build", "search, making the index")
	row("rare", "search, one line in 100 sessions")
	row("absent", "search, not there")
	row("some", "search, some lines")
	row("many", "search, many lines")
	row("regex", "search -E")
	row("nocase", "search -i")
	row("scan", "search --no-index")
	row("zstdgrep", "zstdgrep, a file a session")
	row("pipe", "zstd -dc, all files | grep")
	row("cat", "cat 1")
	row("raw", "cat --raw 1")
	row("replay", "replay -n 1")
	row("judge", "list, for the first time")
	row("list", "list")
	printf "the index has %.0f MB, %.2f of the output, and was made at %.1f MB/s\n", index_bytes / 1e6, index_bytes / bytes, bytes / 1e6 / median("build", 1)
	printf "without it: %.2f times as fast as zstdgrep, %.2f as zstd and grep once\n", ratio("zstdgrep", "scan", 1), ratio("pipe", "scan", 1)
	print "\nlimits"
	limit(median("rare", 4) < 0.1, "first hit by the index: 100 ms")
	limit(median("rare", 1) < 1 && median("some", 1) < 1 && median("regex", 1) < 1 && median("nocase", 1) < 1, "all hits: 1 s")
	limit(ratio("zstdgrep", "scan", 1) >= 0.5, "without the index: 0.5 of zstdgrep")
	limit(greatest(3) < 200, "memory of any command: 200 MB")
}' "$raw"
