# SPDX-License-Identifier: ISC
# raw.tsv of run.sh -> tables, then the limits that shellac keeps.
# Ratios are taken round by round, then the median of them.

function sort(n,   i, j, t) {
	for (i = 2; i <= n; i++) {
		t = S[i]
		for (j = i - 1; j > 0 && S[j] > t; j--)
			S[j + 1] = S[j]
		S[j + 1] = t
	}
}
function median(n) {
	if (!n)
		return 0
	sort(n)
	return n % 2 ? S[(n + 1) / 2] : (S[n / 2] + S[n / 2 + 1]) / 2
}
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
function keys(   i, w) {
	printf "\nkeys: microseconds from key to echo; all sessions at once, %d rounds, medians\n%-10s %8s %8s %16s %16s\n", R["keys", "bare"], "", "p50", "p90", "p50 over bare", "p50 over null"
	for (i = 1; i <= n; i++) {
		w = N[i]
		if (R["keys", w])
			printf "%-10s %8.1f %8.1f %+16.1f %+16.1f%s\n", w, val("keys", w, "p50"), val("keys", w, "p90"), val("keys", w, "dp50"), val("keys", w, "np50"),
			    val("keys", w, "lost") ? "  keys lost" : ""
	}
}
function over_bare(w,   i, c) {
	c = 0
	for (i = 1; i <= R["start", w]; i++)
		S[++c] = 1000 * (V["start", w, i, "wall"] - V["start", "bare", i, "wall"])
	return median(c)
}
function start(   i, w) {
	printf "\nstart: milliseconds of /bin/true, %d rounds\n%-10s %8s %10s %8s\n", R["start", "bare"], "", "ms", "over bare", "cpu ms"
	for (i = 1; i <= n; i++) {
		w = N[i]
		printf "%-10s %8.2f %10.2f %8.2f\n", w, 1000 * val("start", w, "wall"), over_bare(w), 1000 * val("start", w, "wcpu")
	}
}
function killed(   i) {
	print "\nkill: SIGKILL to the recorder; lines on the screen, lines stored"
	for (i = 1; i <= R["kill", "shellac"]; i++)
		printf "round %d: %d shown, %d stored\n", i, V["kill", "shellac", i, "shown"], V["kill", "shellac", i, "kept"]
}
function limit(what, value, bound, most,   kept) {
	kept = value != 0 && (most ? value <= bound : value >= bound)
	printf "%-62s %10.3f  %s %-8.3f %s\n", what, value, most ? "at most " : "at least", bound, kept ? "kept" : "NOT KEPT"
}
function limits(   t) {
	print "\nlimits"
	if (R["bulk", "shellac"] && R["bulk", "script-f"]) {
		limit("bulk: speed over script -f", ratio("bulk", "shellac", "script-f", "wall"), 0.95, 0)
		limit("bulk: recorder's CPU over script -f's", 1 / ratio("bulk", "shellac", "script-f", "wcpu"), 1.6, 1)
	}
	if (R["bulk", "shellac"] && R["bulk", "sudo"])
		limit("bulk: recorder's and collector's CPU over sudo's", (val("bulk", "shellac", "wcpu") + val("bulk", "shellac", "scpu")) / val("bulk", "sudo", "wcpu"), 0.5, 1)
	if (R["bulk", "shellac"])
		limit("bulk: bytes stored a byte, closed", val("bulk", "shellac", "stored") / gb("bulk") / 1e9, 0.25, 1)
	if (R["random", "shellac"])
		limit("random: bytes stored a byte, closed", val("random", "shellac", "stored") / gb("random") / 1e9, 1.1, 1)
	if (R["keys", "shellac"] && R["keys", "script-f"])
		limit("keys: echo p50 over the proxy, us (bound: script -f's + 15)", val("keys", "shellac", "np50"), val("keys", "script-f", "np50") + 15, 1)
	if (R["start", "shellac"])
		limit("start plus exit over bare, ms", over_bare("shellac"), 6, 1)
	for (t in T)
		if (R[t, "shellac"] && T[t])
			printf "%-62s %10s\n", t ": complete and verified, rounds", complete(t, "shellac")
}
{
	if (!($1 in T)) {
		order[++tests] = $1
		T[$1] = $1 !~ /^(keys|start|kill)$/
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
		if (t == "keys")
			keys()
		else if (t == "start")
			start()
		else if (t == "kill")
			killed()
		else
			throughput(t)
	}
	limits()
}
