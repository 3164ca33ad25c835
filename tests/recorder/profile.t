#!/bin/sh
# SPDX-License-Identifier: ISC
# The snippet for login shells, with a recorder that only says that it ran.
ptyx=$top_builddir/tests/recorder/ptyx
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
sed "s|@bindir[@]|$tmp|g" "$top_srcdir/profile.d/shellac.sh.in" >"$tmp/shellac.sh"
n=0

# is NAME WANTED: compares $got
is() {
	n=$((n + 1))
	if [ "$got" = "$2" ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		printf '%s\n' "$got" | sed 's/^/# got: /'
	fi
}

# recorder STATUS: what its probe answers
recorder() {
	printf '#!/bin/sh\n[ "$1" = --probe ] && { echo noise; exit %s; }\necho recorded\n' \
		"$1" >"$tmp/shellac-rec"
	chmod 755 "$tmp/shellac-rec"
}

# on_terminal SHELL: what an interactive one shows that reads the snippet
on_terminal() {
	got=$(HOME=$tmp ENV='' "$ptyx" -q -o - -- "$@" -i -c ". $tmp/shellac.sh; echo after" |
		tr -d '\r' | grep -v -e 'job control' -e 'process group')
}

shells=$(for s in dash bash ksh mksh zsh; do command -v $s; done)
echo "1..$(($(echo "$shells" | wc -l) * 5))"
for shell in $shells; do
	name=$(basename "$shell")
	recorder 0
	on_terminal "$shell"
	is "$name: a terminal is recorded" recorded
	got=$("$shell" -c ". $tmp/shellac.sh; echo after" 2>&1)
	is "$name: not interactive, nothing happens" after
	got=$("$shell" -i -c ". $tmp/shellac.sh; echo after" 2>/dev/null </dev/null)
	is "$name: no terminal, nothing happens" after
	recorder 1
	on_terminal "$shell"
	is "$name: no recording possible, nothing happens" after
	rm "$tmp/shellac-rec"
	on_terminal "$shell"
	is "$name: not installed, nothing happens" after
done
