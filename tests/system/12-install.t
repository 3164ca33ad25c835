#!/bin/sh
# SPDX-License-Identifier: ISC
# make install into a folder; the programs run from there.
. "$(dirname "$0")/lib.sh"

make -C "$top_builddir" install DESTDIR="$work/root" >"$work/make" 2>&1
ok $? "make install DESTDIR="
tail -n 5 "$work/make" | note
find "$work/root" -type f | sed "s|^$work/root||" >"$work/files"
for wanted in /bin/shellac /bin/shellac-rec /sbin/shellacd /man1/shellac.1 \
    /man1/shellac-rec.1 /man8/shellacd.8 /man5/shellac.conf.5 /man5/shellac-format.5 /man5/shellac-rules.5 \
    /man7/shellac-events.7 \
    /LICENSE /README; do
	grep -q "$wanted\$" "$work/files"
	ok $? "installs $wanted"
done
grep -q 'profile\.d/.*shellac' "$work/files"
ok $? "installs the snippet for login shells"
grep -Ev '/(bin|sbin|share|etc)/' "$work/files" | note
rec=$(find "$work/root" -name shellac-rec -type f)
shellacd=$(find "$work/root" -name shellacd -type f -path '*/sbin/*')
shellac=$(find "$work/root" -name shellac -type f -path '*/bin/*')
# set-user-ID where this machine has the user; that is for the system's places
[ ! -u "$rec" ] || { chown 0:0 "$rec" && chmod 755 "$rec"; }
start_collector
ok $? "the installed collector starts"
is "$(recorded -- /bin/echo installed)" "exit 0" "the installed recorder records"
is "$(auditor cat last)" installed "the installed auditor shows it"
stop_collector
make -C "$top_builddir" uninstall DESTDIR="$work/root" >"$work/make" 2>&1
is "$(find "$work/root" -type f | note)" "" "make uninstall leaves nothing"
plan
