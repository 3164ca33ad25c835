#!/bin/sh
# SPDX-License-Identifier: ISC
# The README's table of what is installed: each program, every library that ldd shows for
# it, and about its size.
. "$(dirname "$0")/lib.sh"
sanitized && skip_all "built with sanitizers"
grep -q '^VERSION_CODENAME=bookworm' /etc/os-release && [ "$(uname -m)" = x86_64 ] ||
	skip_all "the table is that of Debian 12 on x86-64"

# shellcheck disable=SC2016 # make expands them
programs=$(printf 'include Makefile\nlist:\n\t@echo recorder/shellac-rec $(bin_PROGRAMS) $(sbin_PROGRAMS) %s\n' \
    '$(pkglibexec_PROGRAMS)' |
	env -u MAKEFLAGS -u MAKELEVEL make -s --no-print-directory -C "$top_builddir" -f - list)
cd "$top_builddir" || exit 1
# shellcheck disable=SC2086 # words are wanted
"$top_srcdir/bench/sizes.sh" $programs >"$work/now"
ok $? "make sizes looks at all programs"
sed -n '/^    shellac-rec  *[0-9]*K/,/^[^ ]/p' "$top_srcdir/README" | grep -v '^[^ ]' >"$work/said"

# in any order, without sizes; a library has one line of its own
plain() { sed -e 's/  [0-9]*K  / /' -e 's/  */ /g' "$1" | grep . ; }
# lines that go on are joined
joined() { awk '/^    [^ ]/ { printf "\n" } { printf "%s ", $0 }' "$1"; }
joined "$work/now" >"$work/now-joined"
joined "$work/said" >"$work/said-joined"
plain "$work/now-joined" | sort >"$work/now-plain"
plain "$work/said-joined" | sort >"$work/said-plain"
diff "$work/said-plain" "$work/now-plain" >"$work/diff"
ok $? "the README has every library of each"
note <"$work/diff"
wrong=$(cat "$work/said" "$work/now" | awk '$2 ~ /^[0-9]+K$/ {
	if (!($1 in said)) { said[$1] = $2 + 0; next }
	off = ($2 - said[$1]) / said[$1]
	if (off > .3 || off < -.3) print $1, "is", $2
}')
is "$wrong" "" "and sizes within a third of theirs; else: make sizes"
plan
