# SPDX-License-Identifier: ISC
# median(n) of S[1] to S[n], which are in order then; 0 of none.

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
