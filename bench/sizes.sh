#!/bin/sh
# SPDX-License-Identifier: ISC
# How large each program is as installed, stripped, and all that ldd shows for it, as the
# README's table has it:
#
#	bench/sizes.sh PROGRAM...
set -u
LC_ALL=C
export LC_ALL

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# names without version, of lines that begin with the file's name; the C library and
# what the kernel and the linker put in are everywhere
names() { sed -n 's|^[^a-z]*\(.*/\)\{0,1\}\(lib[^/ ]*\)\.so\.[0-9].*|\2|p' | grep -vx libc | sort -u; }

direct() { readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p' | names; }
all() { ldd "$1" | sed 's/^[[:blank:]]*//; s/ .*//' | names; }
path_of() { ldd "$1" | sed -n "s/.*$2\.so\.[0-9]* => \([^ ]*\) .*/\1/p"; }

# line FIRST SIZE NAMES...: folded below each other
line() {
	head=$(printf '%-17s %5s  ' "$1" "$2")
	shift 2
	echo "${*:-libc alone}" | fold -s -w 60 | while read -r part; do
		echo "    $head$part"
		head=$(printf '%25s' '')
	done
}

# shellcheck disable=SC2046 # words are wanted
for program; do
	strip -o "$work/stripped" "$program" || exit 1
	size=$(stat -c %s "$work/stripped")
	line "${program##*/}" "$(((size + 1023) / 1024))K" $(direct "$program")
	for library in $(direct "$program"); do
		path=$(path_of "$program" "$library")
		all "$path" | grep -vx "$library" >"$work/of-$library"
	done
done
echo
# shellcheck disable=SC2046
for file in "$work"/of-*; do
	[ ! -s "$file" ] || line "${file##*/of-}" "" $(cat "$file")
done
