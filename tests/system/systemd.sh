# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# A systemd of the test's own, below the test's, in namespaces and a cgroup of its own.
# For tests of the units, behind installed.sh: with no units but a handful of empty targets
# and those that were installed.  For others: what their $work/begin makes of it.

systemd=/lib/systemd/systemd
[ -x $systemd ] || skip_all "no systemd"
manager=
group=

end_manager() {
	[ -z "$manager" ] || kill -KILL "$manager" 2>/dev/null
	if [ -n "$group" ]; then
		# who is left in it has been killed with the manager, and may take a moment
		eventually 20 sh -c "find '$group' -depth -type d -exec rmdir {} + 2>/dev/null"
	fi
	finish
}

# A group of its own in the unified hierarchy, with all rights.
make_group() {
	for at in /sys/fs/cgroup /sys/fs/cgroup/unified; do
		[ -e $at/cgroup.procs ] && [ -e $at/cgroup.controllers ] || continue
		group=$at/shellac-test-$SHELLAC_TEST_NAMESPACE
		mkdir "$group" 2>/dev/null && return 0
		group=
	done
	return 1
}

# empty_unit NAME: what the installed units are ordered by
empty_unit() { printf '[Unit]\nDefaultDependencies=no\n' >"$work/units/$1"; }

# What becomes process 1 does before; in a file, for unshare(1).
write_begin() {
	cat >"$work/begin" <<-END
	mount -t cgroup2 cgroup2 /sys/fs/cgroup && mount -t tmpfs -o mode=755 tmpfs /run &&
	mkdir -p /run/systemd/system /run/lock || exit 1
	exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
	    SYSTEMD_UNIT_PATH=$work/units:$prefix/lib/systemd/system SYSTEMD_GENERATOR_PATH=/nonexistent \
	    $systemd --system --unit=test.target --log-target=console --show-status=no
	END
}

# Starts it; $manager is its process id here.
start_manager() {
	mkdir -p "$work/units"
	for unit in test sysinit basic sockets shutdown multi-user paths slices timers; do
		empty_unit $unit.target
	done
	write_begin
	chmod 755 "$work"
	begin_manager
}

# Runs $work/begin, which ends in an exec of systemd.
begin_manager() {
	# shellcheck disable=SC2016 # for the inner shell
	sh -c 'echo $$ >"$1/cgroup.procs" && exec unshare -pfmCi --kill-child --mount-proc sh "$2"' sh \
		"$group" "$work/begin" </dev/null >"$work/manager.log" 2>&1 &
	above=$!
	eventually 20 find_manager && eventually 30 in_manager systemctl list-units
}

find_manager() {
	# its line has no end, so read(1) is not content
	read -r manager _ <"/proc/$above/task/$above/children"
	[ -n "$manager" ]
}

# in_manager COMMAND...: as what the manager had started
in_manager() { nsenter -t "$manager" -m -p -C -i -- "$@"; }

unit() { in_manager systemctl --no-pager "$@"; }

# property UNIT NAME
property() { unit show -p "$2" --value "$1"; }

make_group || skip_all "no cgroup to be had"
trap end_manager EXIT
