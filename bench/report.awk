# SPDX-License-Identifier: ISC
# raw.tsv of run.sh -> tables, then the limits that shellac keeps.
# Ratios are taken round by round, then the median of them.

function val(t, w, k,   i, c) {
	c = 0
	for (i = 1; i <= R[t, w]; i++)
		S[++c] = V[t, w, i, k] + 0
	return median(c)
}
# median of k(over) / k(w), round by round: how many times as fast w is for wall
function ratio(t, w, over, k,   i, c, x, y) {
	c = 0
	for (i = 1; i <= R[t, w]; i++) {
		x = V[t, w, i, k]
		y = V[t, over, i, k]
		if (x > 0 && y > 0)
			S[++c] = y / x
	}
	return median(c)
}
function gb(t) { return val(t, "bare", "bytes") / 1e9 }
function complete(t, w,   i, n) {
	n = 0
	for (i = 1; i <= R[t, w]; i++)
		if (V[t, w, i, "ok"] == "yes")
			n++
	return n "/" R[t, w]
}
function throughput(t,   i, w) {
	printf "\n%s: %.1f MB on the terminal, %d rounds; speeds as ratios, CPU in seconds per GB\n", t, gb(t) * 1e3, R[t, "bare"]
	printf "%-10s %7s %10s %10s %12s %9s %10s %9s %7s %9s %9s\n", "", "MB/s", "over bare", "over null", "over script", "recorder", "collector", "packing", "rss MB", "stored/B", "complete"
	for (i = 1; i <= n; i++) {
		w = N[i]
		if (val(t, w, "wall") <= 0)
			continue
		printf "%-10s %7.1f %10.2f %10.2f %12.2f %9.2f %10.2f %9.2f %7.1f %9.4f %9s\n", w, gb(t) * 1e3 / val(t, w, "wall"),
		    ratio(t, w, "bare", "wall"), ratio(t, w, "null", "wall"), ratio(t, w, "script-f", "wall"),
		    val(t, w, "wcpu") / gb(t), val(t, w, "scpu") / gb(t), val(t, w, "pack") / gb(t), val(t, w, "rss") / 1024,
		    val(t, w, "stored") / gb(t) / 1e9, w == "shellac" ? complete(t, w) : "-"
	}
}
function race(t, what,   i, w) {
	printf "\n%s: microseconds from %s; all sessions at once, %d rounds, medians\n%-10s %8s %8s %16s %16s\n", t, what, R[t, "bare"], "", "p50", "p90", "p50 over bare", "p50 over null"
	for (i = 1; i <= n; i++) {
		w = N[i]
		if (R[t, w])
			printf "%-10s %8.1f %8.1f %+16.1f %+16.1f%s\n", w, val(t, w, "p50"), val(t, w, "p90"), val(t, w, "dp50"), val(t, w, "np50"),
			    val(t, w, "lost") ? "  keys lost" : ""
	}
}
function over_bare(t, w,   i, c) {
	c = 0
	for (i = 1; i <= R[t, w]; i++)
		S[++c] = 1000 * (V[t, w, i, "wall"] - V[t, "bare", i, "wall"])
	return median(c)
}
function start(t,   i, w) {
	printf "\n%s: milliseconds of /bin/true, %d rounds\n%-10s %8s %10s %8s\n", t, R[t, "bare"], "", "ms", "over bare", "cpu ms"
	for (i = 1; i <= n; i++) {
		w = N[i]
		if (R[t, w])
			printf "%-10s %8.2f %10.2f %8.2f\n", w, 1000 * val(t, w, "wall"), over_bare(t, w), 1000 * val(t, w, "wcpu")
	}
}
function memory(   i, w) {
	print "\nmemory: MB of the recorder's processes that nobody shares, after a few megabytes of output"
	for (i = 1; i <= n; i++) {
		w = N[i]
		if (R["memory", w])
			printf "%-10s %8.2f\n", w, val("memory", w, "private") / 1024
	}
}
function killed(   i) {
	print "\nkill: SIGKILL to the recorder; lines on the screen, lines stored"
	for (i = 1; i <= R["kill", "shellac"]; i++)
		printf "round %d: %d shown, %d stored\n", i, V["kill", "shellac", i, "shown"], V["kill", "shellac", i, "kept"]
}
function lost(   i, c) {
	c = 0
	for (i = 1; i <= R["kill", "shellac"]; i++)
		if (V["kill", "shellac", i, "shown"] > V["kill", "shellac", i, "kept"] || !V["kill", "shellac", i, "shown"])
			c++
	return c
}
function cpu_gb(t) {
	return (val(t, "shellac", "wcpu") + val(t, "shellac", "scpu")) / val(t, "shellac", "bytes") * 1e9
}
function greater(a, b) { return a > b ? a : b }
function row(what, value, most, bound, kept) {
	printf "%-62s %10.3f  %s %-8.3f %s\n", what, value, most ? "at most " : "at least", bound, kept ? "kept" : "NOT KEPT"
}
# a value of 0 is one that could not be measured
function limit(what, value, bound, most) {
	row(what, value, most, bound, value != 0 && (most ? value <= bound : value >= bound))
}
function both(t, a, b) { return R[t, a] && R[t, b] }
function speed_limits(   i, k, t) {
	k = split("bulk small redraw", t, " ")
	for (i = 1; i <= k; i++)
		if (both(t[i], "shellac", "script-f"))
			limit(t[i] ": speed over script -f", ratio(t[i], "shellac", "script-f", "wall"), 0.95, 0)
	if (both("bulk", "shellac", "script-f"))
		limit("bulk: recorder's CPU over script -f's", 1 / ratio("bulk", "shellac", "script-f", "wcpu"), 1.5, 1)
	if (both("bulk", "shellac", "sudo"))
		limit("bulk: recorder's and collector's CPU over sudo's", (val("bulk", "shellac", "wcpu") + val("bulk", "shellac", "scpu")) / val("bulk", "sudo", "wcpu"), 0.5, 1)
	if (R["bulk", "slow"])
		limit("bulk: speed with a slow disk over speed without", ratio("bulk", "slow", "shellac", "wall"), 0.95, 0)
	if (R["bulk", "shellac"])
		limit("bulk: bytes stored a byte, closed", val("bulk", "shellac", "stored") / gb("bulk") / 1e9, 0.25, 1)
	if (R["random", "shellac"])
		limit("random: bytes stored a byte, closed", val("random", "shellac", "stored") / gb("random") / 1e9, 1.1, 1)
}
function latency_limits(   s) {
	if (both("keys", "shellac", "script-f")) {
		s = val("keys", "script-f", "np50")
		limit("keys: echo p50 over the proxy, us (script -f's + 10 or 15 %)", val("keys", "shellac", "np50"), greater(s + 10, s * 1.15), 1)
	}
	if (R["enter", "shellac"])
		limit("enter: p50 over the proxy, ms", val("enter", "shellac", "np50") / 1000, 0.5, 1)
	if (R["enter-slow", "shellac"])
		limit("enter: p50 over the proxy with a slow disk, ms", val("enter-slow", "shellac", "np50") / 1000, 8, 1)
	if (R["start", "shellac"])
		limit("start plus exit over bare, ms", over_bare("start", "shellac"), 3, 1)
	if (R["start", "slow"])
		limit("start plus exit over bare with a slow disk, ms", over_bare("start", "slow"), 15, 1)
	if (R["memory", "shellac"])
		limit("memory: front and keeper, MB", val("memory", "shellac", "private") / 1024, 3, 1)
	if (R["kill", "shellac"])
		row("kill: rounds in which a line that was shown is not stored", lost(), 1, 0, lost() == 0)
}
function crowd_limits() {
	if (R["bulk64", "shellac"] && R["bulk", "shellac"])
		limit("64 sessions: CPU a GB over that of one", cpu_gb("bulk64") / cpu_gb("bulk"), 1.5, 1)
	if (R["keys64", "shellac"] && R["keys", "shellac"])
		limit("64 sessions: echo p50 over that of one", val("keys64", "shellac", "p50") / val("keys", "shellac", "p50"), 1.5, 1)
	if (R["enter64", "shellac"] && R["enter", "shellac"])
		limit("64 sessions: Enter p50 over that of one", val("enter64", "shellac", "p50") / val("enter", "shellac", "p50"), 1.5, 1)
	if (R["start64", "shellac"] && R["start", "shellac"])
		limit("64 sessions: start plus exit over that of one", over_bare("start64", "shellac") / over_bare("start", "shellac"), 1.5, 1)
}
function limits(   o, t) {
	print "\nlimits"
	speed_limits()
	latency_limits()
	crowd_limits()
	for (o = 1; o <= tests; o++) {
		t = order[o]
		if (R[t, "shellac"] && T[t])
			printf "%-62s %10s\n", t ": complete and verified, rounds", complete(t, "shellac")
	}
}
{
	if (!($1 in T)) {
		order[++tests] = $1
		T[$1] = $1 ~ /^(bulk|random|small|redraw)$/
	}
	if ($3 > R[$1, $2])
		R[$1, $2] = $3
	k = split($4, word, " ")
	for (i = 1; i <= k; i++) {
		split(word[i], kv, "=")
		V[$1, $2, $3, kv[1]] = kv[2]
	}
}
END {
	n = split(list, N, " ")
	for (o = 1; o <= tests; o++) {
		t = order[o]
		if (t ~ /^keys/)
			race(t, "key to echo")
		else if (t ~ /^enter/)
			race(t, "Enter to the program that has the line")
		else if (t ~ /^start/)
			start(t)
		else if (t == "memory")
			memory()
		else if (t == "kill")
			killed()
		else if (t != "bulk64")
			throughput(t)
	}
	limits()
}
