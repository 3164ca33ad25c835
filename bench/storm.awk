# SPDX-License-Identifier: ISC
# raw.tsv of storm.sh -> what each way costs, then the limits that shellac keeps.
# Ratios are taken round by round, then the median of them.

function val(w, k,   i, c) {
	c = 0
	for (i = 1; i <= R; i++)
		if ((w, i, k) in V)
			S[++c] = V[w, i, k] + 0
	return median(c)
}
function sum(w, k,   i, s) {
	s = 0
	for (i = 1; i <= R; i++)
		s += V[w, i, k]
	return s
}
# the storm's own CPU and the collector's
function cpu(w, i) { return V[w, i, "cpu"] + V[w, i, "collector"] }
function ratio(w, k,   i, c) {
	c = 0
	for (i = 1; i <= R; i++)
		if (V["acct", i, "wall"] > 0 && V[w, i, "wall"] > 0)
			S[++c] = k == "cpu" ? cpu(w, i) / cpu("acct", i) : V[w, i, k] / V["acct", i, k]
	return median(c)
}
function row(what, value, bound, kept) {
	printf "%-62s %10.3f  at most %-8.3f %s\n", what, value, bound, kept ? "kept" : "NOT KEPT"
}
# a value of 0 is one that could not be measured, unless it counts what went wrong
function limit(what, value, bound) { row(what, value, bound, value > 0 && value <= bound) }
function none(what, value) { row(what, value, 0, value == 0) }
function us(w) { return val(w, "collector") / 1e3 / processes }
{
	split($3, word, " ")
	for (i in word) {
		split(word[i], kv, "=")
		V[$1, $2, kv[1]] = kv[2]
	}
	if ($2 + 0 > R)
		R = $2 + 0
}
END {
	n = split("acct shellacd events args", W, " ")
	printf "%d processes, half in a session, %d rounds; ratios over accounting alone\n", processes, R
	printf "%-10s %8s %8s %9s %9s %14s\n", "", "wall s", "CPU s", "wall", "CPU", "collector us"
	for (i = 1; i <= n; i++)
		printf "%-10s %8.2f %8.2f %9.3f %9.3f %14.2f\n", W[i], val(W[i], "wall") / 1e9, val(W[i], "cpu") / 1e9,
		    ratio(W[i], "wall"), ratio(W[i], "cpu"), us(W[i])
	printf "idle wake-ups %.2f a second; end to line p50 %.1f ms, p99 %.1f ms, %d of 200 lost\n\n",
	    V["idle", 1, "wakeups"], V["follow", 1, "p50"], V["follow", 1, "p99"], V["follow", 1, "lost"]
	for (i = 2; i <= n; i++) {
		none(W[i] ": records lost or doubled", sum(W[i], "lost"))
		none(W[i] ": wrong session", sum(W[i], "wrong"))
		none(W[i] ": unexplained", sum(W[i], "unexplained"))
	}
	none("1,000 rotations under a storm: failed", V["rotations", 1, "bad"])
	limit("shellacd: CPU over accounting alone, collector included", ratio("shellacd", "cpu"), 1.05)
	limit("shellacd: wall over accounting alone", ratio("shellacd", "wall"), 1.10)
	limit("events: CPU over accounting alone, collector included", ratio("events", "cpu"), 1.10)
	limit("events: wall over accounting alone", ratio("events", "wall"), 1.20)
	limit("args: wall over accounting alone", ratio("args", "wall"), 1.30)
	limit("shellacd: collector's CPU a process, microseconds", us("shellacd"), 10)
	none("events not lost: rounds without them", bad_events())
	limit("end of a process to its line in procs --follow, p99 ms", V["follow", 1, "p99"], 200)
	none("of these lost", V["follow", 1, "lost"])
	row("idle wake-ups a second", V["idle", 1, "wakeups"], 1, V["idle", 1, "wakeups"] < 1)
}
function bad_events(   i, s) {
	s = 0
	for (i = 1; i <= R; i++)
		s += (V["events", i, "events"] != "on") + (V["args", i, "events"] != "on")
	return s
}
