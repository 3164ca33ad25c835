#!/bin/bash
# SPDX-License-Identifier: ISC
# shellac beside a bare terminal, a proxy that records nothing and the recorders
# that are installed here: throughput, cost, latency, start-up, size.  Every round
# runs all of them in random order; ratios are taken round by round, the median of
# them is what the report says.  Run it on an idle machine.
set -u
export LC_ALL=C.UTF-8 TERM=xterm-256color

usage() {
	cat <<'E2'
usage: run.sh [--build DIR] [--installed] [--quick] [--rounds N] [--mb N]
              [--only NAME,...] [--tests NAME,...] [--out DIR]
  --build   where the programs were built (default: .)
  --installed  install them, with set-user-ID, where only this run sees it, and
            run everything as an ordinary user: as root, configured with a prefix
            of its own such as /usr/local; else out of the build tree
  --quick   small sizes, 3 rounds: half a minute, no figures to quote
  --rounds  rounds of each test (default 15)     --mb   size of bulk (default 100)
  --only    these recorders; bare, null and shellac are always there
  --tests   of bulk random small redraw keys enter start memory kill crowd
  --out     keep raw.tsv and report.txt there
E2
	exit "${1:-0}"
}

here=$(cd "$(dirname "$0")" && pwd)
args=("$@")
build=. rounds=15 mb=100 small=500000 frames=4000 random_mb=20 keys=1000 enters=200 starts=50
crowd_mb=8 installed='' only='' out=''
tests=bulk,random,small,redraw,keys,enter,start,memory,kill,crowd
while [ $# -gt 0 ]; do
	case $1 in
	--build) build=$2; shift ;;
	--installed) installed=1 ;;
	--quick) rounds=3 mb=8 small=40000 frames=400 random_mb=2 keys=100 enters=20 starts=7 crowd_mb=1 ;;
	--rounds) rounds=$2; shift ;;
	--mb) mb=$2; shift ;;
	--only) only=,$2,; shift ;;
	--tests) tests=$2; shift ;;
	--out) out=$2; shift ;;
	-h | --help) usage ;;
	*) usage 2 >&2 ;;
	esac
	shift
done
build=$(cd "$build" && pwd) || exit 1

# sudo gets its own sudoers and tlog a utmp: in a mount namespace of our own, so
# that nothing outside sees them
if [ -z "${BENCH_NS:-}" ] && [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	BENCH_NS=1 exec unshare -m "$BASH" "$0" ${args[@]+"${args[@]}"}
fi

TMP=$(mktemp -d "${TMPDIR:-/tmp}/bench.XXXXXX") || exit 1
collector='' crowd=()
# shellcheck disable=SC2317 # called by the trap
finish() {
	[ ${#crowd[@]} = 0 ] || crowd_end
	[ -n "$collector" ] && kill "$collector" && wait "$collector"
	umount "$TMP/prefix" 2>/dev/null
	rm -rf "$TMP"
}
# shellcheck source=bench/place.sh
. "$here/place.sh"
trap finish EXIT
trap 'exit 130' INT TERM
export HOME=$TMP/home
mkdir -p "$HOME" "$TMP/rec"
tools=$TMP/tools # where everybody may run them
mkdir "$tools"
for tool in gen keyrace nullpty ptydrive slowdisk.so; do
	cp "$build/bench/$tool" "$tools/" || { echo "run.sh: $build/bench/$tool is not built: make bench does it" >&2; exit 1; }
done
PATH=$tools:$PATH
# shellcheck source=bench/crowd.sh
. "$here/crowd.sh"
raw=$TMP/raw.tsv
gen corpus 32 >"$TMP/corpus"
: >"$raw"
place=installed
if [ -z "$installed" ] || [ -z "${BENCH_NS:-}" ] || ! place_installed; then
	[ -n "$installed" ] && echo "(not installed: out of the build tree)" >&2
	place='build tree'
	place_build
fi

# ---- the wrappers: %CMD% the workload as words, %Q% as one quoted word ----------
names=()
declare -A command
add() { # NAME TEMPLATE
	case $1 in
	bare | null | shellac | slow) ;;
	*) [ -n "$only" ] && [ "${only#*,"$1",}" = "$only" ] && return ;;
	esac
	names+=("$1")
	command[$1]=$2
}
have() { command -v "$1" >/dev/null || { echo "($1 is not installed: left out)" >&2; false; }; }

add bare '%CMD%'
add null 'nullpty %CMD%'
add shellac "$rec -- %CMD%"
have script && add script-f "script -q -f -c %Q% $TMP/rec/rec"
have ttyrec && add ttyrec "ttyrec -e %Q% $TMP/rec/rec"
have termrec && add termrec "termrec -r -f ttyrec -e %Q% $TMP/rec/rec"
have asciinema && add asciinema "asciinema rec -q -y --overwrite -c %Q% $TMP/rec/rec"
if [ -n "${BENCH_NS:-}" ]; then
	cat >"$TMP/sudoers" <<E2
Defaults compress_io, log_output, log_input, !syslog, iolog_dir=$TMP/rec, iolog_file=s
Defaults secure_path="$PATH"
ALL ALL=(ALL:ALL) NOPASSWD: ALL
E2
	chmod 0440 "$TMP/sudoers"
	mount -t tmpfs tmpfs /run && touch /run/utmp
	have sudo && mount --bind "$TMP/sudoers" /etc/sudoers && add sudo 'sudo -n %CMD%'
	have tlog-rec && add tlog "tlog-rec --writer=file --file-path=$TMP/rec/rec --limit-action=pass --latency=1 --log-input=on %CMD%"
else
	echo "(sudo and tlog need root and a mount namespace: left out)" >&2
fi

# shellac too, while each sync of the collector takes so much longer
slow_us=5000
slow="$rec -- %CMD%"

start_collector

fill() { # TEMPLATE WORDS...: into $filled
	local t=$1 words q
	shift
	printf -v words '%q ' "$@"
	printf -v q '%q' "${words% }"
	t=${t//%CMD%/$words}
	filled=${t//%Q%/$q}
}
order() { printf '%s\n' "${names[@]}" "$@" | shuf; }
wants() { case ,$tests, in *,$1,*) true ;; *) false ;; esac; }

ours() { [ "$1" = shellac ] || [ "$1" = slow ]; }

want=''
one() { # TEST NAME ROUND DRIVER-OPTIONS... -- WORKLOAD...
	local test=$1 name=$2 round=$3 opts=() argv=() line stored=0 ok=- cpu0 cpu1 pack=0 end=0
	shift 3
	while [ "$1" != -- ]; do
		opts+=("$1")
		shift
	done
	shift
	user_folder "$TMP/rec"
	user_folder "$TMP/w"
	ours "$name" && opts+=(-P "$collector") && cpu0=$(all_cpu_ns)
	sync # what the run before left to be written
	[ "$name" = slow ] && disk $slow_us
	fill "${command[$name]-$slow}" "$@"
	eval "argv=( $filled )"
	line=$(${as_user[@]+"${as_user[@]}"} ptydrive ${opts[@]+"${opts[@]}"} -- "${argv[@]}" </dev/null) || line='wall=0 rc=99'
	disk 0
	if ours "$name" && [ -n "$want" ]; then
		wait_packed
		cpu1=$(all_cpu_ns)
		end=${line#*scpu=}
		pack=$(awk -v a="$cpu0" -v b="$cpu1" -v run="${end%% *}" 'BEGIN {print (b - a) / 1e9 - run}')
		stored=$(stat -c %s "$(session_file)")
		[ "$(shellac cat --raw last | cksum)" = "$want" ] && shellac verify last >/dev/null && ok=yes
		rm "$(session_file)" # as the others' recordings
	else
		stored=$(find "$TMP/rec" -type f -printf '%s\n' | awk '{s += $1} END {print s + 0}')
	fi
	printf '%s\t%s\t%s\t%s pack=%s stored=%s ok=%s\n' "$test" "$name" "$round" "$line" "$pack" "$stored" "$ok" >>"$raw"
	case $test$line in *" rc=0"* | kill*) ;; *) echo "($test $name: exit status ${line##* rc=})" >&2 ;; esac
}
throughput() { # TEST GEN-WORDS...
	local test=$1 name round
	shift
	wants "$test" || return
	want=$(gen -x "$@" | cksum)
	for ((round = 1; round <= rounds; round++)); do
		for name in $(order $more); do
			one "$test" "$name" "$round" -g "$TMP/w/usage" -- "$tools/gen" -s "$TMP/w/usage" "$@"
		done
	done
	want=''
}

idle() { # percent of the machine idle over 0.5 s
	local a b
	a=$(awk '/^cpu /{print $5 + $6, $2 + $3 + $4 + $5 + $6 + $7 + $8}' /proc/stat)
	sleep 0.5
	b=$(awk '/^cpu /{print $5 + $6, $2 + $3 + $4 + $5 + $6 + $7 + $8}' /proc/stat)
	echo "$a $b" | awk '{printf "%d", 100 * ($3 - $1) / ($4 - $2 + 0.001)}'
}
idle0=$(idle)
more=slow
throughput bulk play "$TMP/corpus" "$mb"
more=''
throughput random random "$random_mb"
throughput small small "$small"
throughput redraw redraw "$frames"

# TEST ROUND NAME...: all open at once, every key typed into each in turn
race() {
	local test=$1 round=$2 name how=("$keys" 500) workload=rawecho
	shift 2
	user_folder "$TMP/rec"
	user_folder "$TMP/w"
	case $test in
	enter*)
		how=(-e "$TMP/w" "$enters" 2000)
		for name; do mkfifo -m 666 "$TMP/w/$name"; done
		;;
	esac
	for name; do
		[ "${test#enter}" != "$test" ] && workload="lines $TMP/w/$name"
		# shellcheck disable=SC2086 # words
		fill "${command[$name]//rec\/rec/rec\/$name}" "$tools/gen" $workload
		printf '%s\t%s\n' "$name" "$filled"
	done >"$TMP/sessions"
	${as_user[@]+"${as_user[@]}"} keyrace "${how[@]}" <"$TMP/sessions" | while IFS=$'\t' read -r name line; do
		printf '%s\t%s\t%s\t%s\n' "$test" "$name" "$round" "$line" >>"$raw"
	done
}
thirds=$(((rounds + 2) / 3))
if wants keys; then
	for ((round = 1; round <= thirds; round++)); do race keys "$round" "${names[@]}"; done
fi
if wants enter; then
	for ((round = 1; round <= thirds; round++)); do
		race enter "$round" "${names[@]}"
		disk $slow_us
		race enter-slow "$round" bare null shellac
		disk 0
	done
fi
if wants start; then
	for ((round = 1; round <= starts; round++)); do
		for name in $(order slow); do one start "$name" "$round" -- /bin/true; done
	done
fi
if wants memory && [ "$(id -u)" = 0 ]; then
	for ((round = 1; round <= 3; round++)); do
		for name in "${names[@]}"; do
			case $name in null | shellac | script-f | ttyrec) memory_one "$name" "$round" ;; esac
		done
	done
fi
if wants kill; then
	for round in 1 2 3; do kill_one "$round"; done
fi
if wants crowd; then
	for ((round = 1; round <= thirds; round++)); do crowd_bulk "$round"; done
	crowd_start
	for ((round = 1; round <= thirds; round++)); do
		race keys64 "$round" bare null shellac
		race enter64 "$round" bare null shellac
	done
	for ((round = 1; round <= starts; round++)); do
		for name in $(shuf -e bare null shellac); do one start64 "$name" "$round" -- /bin/true; done
	done
	crowd_end
fi

report() {
	echo "machine: $(nproc) processors, Linux $(uname -r), idle before the run: $idle0 %, programs: $place"
	awk -F'\t' -v list="${names[*]} slow" -f "$here/median.awk" -f "$here/report.awk" "$raw"
}
report | tee "$TMP/report.txt"
if [ -n "$out" ]; then
	mkdir -p "$out" && cp "$raw" "$TMP/report.txt" "$out/"
fi
exit 0
