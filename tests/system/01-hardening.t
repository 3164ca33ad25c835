#!/bin/sh
# SPDX-License-Identifier: ISC
# The programs are built as they should be: a flag that a configure script
# dropped without a word shows here.
. "$(dirname "$0")/lib.sh"
command -v readelf >/dev/null || skip_all "no readelf"
sanitized && skip_all "built with sanitizers"

for file in "$rec" "$shellacd" "$shellac" "$top_builddir/witness/shellac-witness" \
    "$top_builddir/pusher/shellac-push"; do
	name=${file##*/}
	readelf -hldW "$file" >"$work/elf"
	readelf --dyn-syms -W "$file" >"$work/symbols"
	grep -q 'Type: *DYN' "$work/elf" && grep -q 'FLAGS_1.*PIE' "$work/elf"
	ok $? "$name is position independent"
	grep -q GNU_RELRO "$work/elf"
	ok $? "$name has relro"
	grep -Eq 'FLAGS.*(BIND_NOW|NOW)' "$work/elf"
	ok $? "$name binds now"
	grep GNU_STACK "$work/elf" | grep -q 'RW ' && ! grep GNU_STACK "$work/elf" | grep -q RWE
	ok $? "$name has no executable stack"
	grep -q __stack_chk_fail "$work/symbols"
	ok $? "$name has the stack protector"
	grep -Eq '__[a-z]+_chk(@|$| )' "$work/symbols"
	ok $? "$name is fortified"
	! grep -Eq 'R(UN)?PATH' "$work/elf"
	ok $? "$name has no search path of its own"
done

readelf -dW "$rec" | sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p' |
	grep -Ev '^(libc\.so\.6|libsodium\.so\.[0-9]+|libutil\.so\.1|ld-linux.*)$' >"$work/others"
is "$(cat "$work/others")" "" "shellac-rec needs libc and libsodium only"
plan
