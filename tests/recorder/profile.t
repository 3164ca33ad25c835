#!/bin/sh
# SPDX-License-Identifier: ISC
# The snippets for login shells, with a recorder that only says that it ran.
ptyx=$top_builddir/tests/recorder/ptyx
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
for kind in sh zsh csh fish; do
	sed "s|@bindir[@]|$tmp|g" "$top_srcdir/profile.d/shellac.$kind.in" >"$tmp/shellac.$kind"
done
mkdir -p "$tmp/fish/conf.d" "$tmp/rzsh"
cp "$tmp/shellac.fish" "$tmp/fish/conf.d"
echo 'echo after' >"$tmp/fish/config.fish"
echo ". $tmp/shellac.sh; echo after" >"$tmp/.bash_profile"
echo ". $tmp/shellac.zsh; echo after" >"$tmp/rzsh/.zshenv"
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
	printf '#!/bin/sh\n[ "$1" = --probe ] && { echo noise; exit %s; }\necho "as ${0##*/} $*."\n' \
		"$1" >"$tmp/shellac-rec"
	chmod 755 "$tmp/shellac-rec"
	for link in bash zsh fish; do
		ln -sf shellac-rec "$tmp/shellac-$link"
	done
}

# read_snippet [OPTION]: by an interactive login shell, or one with OPTION
# instead of -i; "after" follows it.  With -c tcsh has no prompt by itself.
# What is restricted only as it starts may do that.
read_snippet() {
	case $kind:$shell in
	*:r*) set -- "${1--i}" -l -c exit ;;
	sh:*) set -- "${1--i}" -c ". $tmp/shellac.sh; echo after" ;;
	zsh:*) set -- -f "${1--li}" -c ". $tmp/shellac.zsh; echo after" ;;
	csh:*) set -- -f -c "${1-set prompt;} source $tmp/shellac.csh; echo after" ;;
	fish:*) set -- "${1--i}" -l -c exit ;;
	esac
	HOME=$tmp ZDOTDIR=$tmp/$shell ENV='' XDG_CONFIG_HOME=$tmp $run "$shell" "$@" 2>&1 |
		tr -d '\r' | grep -o -e 'as .*\.' -e after -e noise
}

# on_terminal: the same, on one
on_terminal() {
	run="$ptyx -q -o - --"
	got=$(read_snippet)
	run=
}

# KIND SHELL RECORDER: what is run for it, of the shells that are here.  What is
# restricted stays so.
all() {
	while read -r kind shell recorder; do
		! command -v "$shell" >/dev/null || echo "$kind" "$shell" "$recorder"
	done <<-END
	sh dash rec
	sh bash bash -l
	sh rbash bash -lr
	sh ksh rec
	sh mksh rec
	sh zsh rec
	zsh zsh zsh -l
	zsh rzsh rec
	csh tcsh rec
	fish fish fish -l
	END
}

all >"$tmp/all"
while read -r kind shell recorder; do
	name="$shell, shellac.$kind"
	[ "$recorder" != rec ] || recorder="rec "
	recorder 0
	on_terminal
	is "$name: a terminal is recorded" "as shellac-$recorder."
	case $kind in
	csh) plain= ;;
	fish) plain=-l ;;
	*) plain=-e ;;
	esac
	got=$(read_snippet "$plain" </dev/null)
	is "$name: not interactive, nothing happens" after
	got=$(read_snippet </dev/null)
	is "$name: no terminal, nothing happens" after
	recorder 1
	on_terminal
	is "$name: no recording possible, nothing happens" after
	recorder 125
	on_terminal
	is "$name: the login is to be refused, the recorder does it" "as shellac-$recorder."
	rm "$tmp"/shellac-*
	on_terminal
	is "$name: not installed, nothing happens" after
done <"$tmp/all"
echo "1..$n"
