# shellcheck shell=bash
# SPDX-License-Identifier: ISC
# Sourced by run.sh: what is not one wrapper after the other.
# shellcheck disable=SC2154 # run.sh sets them

crowd_size=64

# Sessions that are there and print a line a second.
crowd_start() {
	local i
	for ((i = 0; i < crowd_size; i++)); do
		# shellcheck disable=SC2086 # words
		"${as_user[@]}" ptydrive -- $rec -- "$tools/gen" drip 100000 1000000 \
			</dev/null >/dev/null 2>&1 &
		crowd+=($!)
	done
	for ((i = 0; i < 200; i++)); do
		[ "$(find "$store/session" -name '*.live' | wc -l)" -ge "$crowd_size" ] && break
		sleep 0.1
	done
	sleep 1
}
crowd_end() {
	kill "${crowd[@]}"
	wait "${crowd[@]}" 2>/dev/null
	crowd=()
	crowd_forget
}

# Until all are closed and packed; then their files go.
crowd_forget() {
	local f left
	for _ in $(seq 600); do
		left=0
		while read -r f; do
			head -c 4 "$f" 2>/dev/null | grep -q SHLZ || left=1
		done < <(find "$store/session" -type f -name '[0-9]*.shlc*')
		[ $left = 0 ] && break
		sleep 0.1
	done
	find "$store/session" -type f -name '[0-9]*.shlc*' -delete
}

# Each prints as fast as it can, all at once.
crowd_bulk() { # ROUND
	local i cpu0 cpu1 pids=()
	user_folder "$TMP/w"
	sync
	cpu0=$(collector_cpu_ns)
	for ((i = 0; i < crowd_size; i++)); do
		# shellcheck disable=SC2086 # words
		"${as_user[@]}" ptydrive -g "$TMP/w/usage$i" -- $rec -- "$tools/gen" \
			-s "$TMP/w/usage$i" play "$TMP/corpus" "$crowd_mb" </dev/null >"$TMP/crowd$i" &
		pids+=($!)
	done
	wait "${pids[@]}"
	cpu1=$(collector_cpu_ns)
	cat "$TMP"/crowd[0-9]* | tr ' ' '\n' | awk -F= -v round="$1" -v ns="$((cpu1 - cpu0))" '
		{s[$1] += $2}
		END {printf "bulk64\tshellac\t%s\twcpu=%f scpu=%f bytes=%d rc=%d\n", round, s["wcpu"], ns / 1e9, s["bytes"], s["rc"]}' >>"$raw"
	crowd_forget
}

kill_one() { # ROUND: SIGKILL to the keeper: lines that were shown and are not stored
	local shown kept keeper drive
	user_folder "$TMP/w"
	# shellcheck disable=SC2086 # words
	"${as_user[@]}" ptydrive -O "$TMP/w/term" -- $rec -- "$tools/gen" drip 100000 2000 </dev/null >/dev/null &
	drive=$!
	sleep 1
	keeper=$(pgrep -P "$(pgrep -P "$drive")")
	kill -KILL "$keeper"
	wait "$drive"
	shown=$(grep -a -c '^line [0-9]\{6\} \.*.$' "$TMP/w/term")
	sleep 0.3
	kept=$(shellac cat --raw last 2>/dev/null | grep -a -c '^line [0-9]\{6\} \.*.$')
	printf 'kill\tshellac\t%s\tshown=%s kept=%s\n' "$1" "$shown" "$kept" >>"$raw"
}

descendants() { # PID
	local child
	for child in $(pgrep -P "$1"); do
		echo "$child"
		descendants "$child"
	done
}

cat >"$tools/busy" <<E2
$tools/gen play $TMP/corpus 4
$tools/gen redraw 200
: >$TMP/w/done
sleep 30
E2

# KiB that nobody shares, of the recorder's processes, after it has passed on a few
# megabytes and redraws.
memory_one() { # NAME ROUND
	local drive pid kib=0 argv=()
	user_folder "$TMP/rec"
	user_folder "$TMP/w"
	fill "${command[$1]}" /bin/bash "$tools/busy"
	eval "argv=( $filled )"
	"${as_user[@]}" ptydrive -- "${argv[@]}" </dev/null >/dev/null 2>&1 &
	drive=$!
	for _ in $(seq 200); do
		[ -e "$TMP/w/done" ] && break
		sleep 0.05
	done
	sleep 0.3
	for pid in $(descendants "$drive"); do
		case $(cat "/proc/$pid/comm") in
		shellac-rec | script | ttyrec | nullpty)
			kib=$((kib + $(awk '/^Private_(Clean|Dirty):/ {s += $2} END {print s + 0}' "/proc/$pid/smaps_rollup"))) ;;
		esac
	done
	printf 'memory\t%s\t%s\tprivate=%s\n' "$1" "$2" "$kib" >>"$raw"
	kill "$drive"
	wait "$drive" 2>/dev/null
}
