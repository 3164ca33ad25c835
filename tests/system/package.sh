# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# For tests of the packages, behind lib.sh: a fresh Debian below $root with an sshd and two
# users, alice and bob, in pid and mount namespaces of the test's own.

root=$work/root
suite="" mirror="" port=""
# shellcheck disable=SC2034 # for those who read this
debs=$top_builddir/package version=$(sed -n '1s/.*(\(.*\)).*/\1/p' "$top_srcdir/debian/changelog")

# Where this machine's apt gets its own release from
find_mirror() {
	suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	# shellcheck disable=SC2016 # apt expands them
	mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' \
	    'Created-By: Packages' 2>/dev/null |
		awk -v suite="$suite" '$2 == suite && $3 == "main" { print $1; exit }')
	[ -n "$suite" ] && [ -n "$mirror" ] &&
		curl -sf -m 60 -o /dev/null "${mirror%/}/dists/$suite/Release"
}

# needs TOOL...: and what any of these tests needs; goes on in namespaces of its own
needs() {
	[ "$(id -u)" = 0 ] || skip_all "needs root"
	sanitized && skip_all "packages are built without sanitizers"
	for tool in apt-get debootstrap dpkg-deb sshd ssh curl zstd "$@"; do
		command -v "$tool" >/dev/null || skip_all "no $tool"
	done
	find_mirror || skip_all "no mirror of Debian to be reached"
	if [ -z "${SHELLAC_TEST_NAMESPACE-}" ]; then
		unshare -pfm --kill-child --mount-proc true 2>/dev/null || skip_all "no namespaces to be had"
		export top_srcdir top_builddir
		rm -rf "$work"
		SHELLAC_TEST_NAMESPACE=$$ exec unshare -pfm --kill-child --mount-proc /bin/sh "$0"
	fi
	PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	export PATH
}

bail() {
	echo "Bail out! $1"
	exit 1
}

# what the packages need, and these tests, besides the smallest system
with=adduser,openssh-server,libcurl4,libjansson4,libmicrohttpd12,libpcre2-8-0,libpq5
with=$with,libsodium23,libsqlite3-0,libssl3,libvterm0,libzstd1
# what is there as files, for those who install it
later=systemd

# Files of packages that are installed are not kept.
drop_installed() {
	inside dpkg-query -W -f '${Package}\n' >"$work/installed"
	for file in "$root"/var/cache/apt/archives/*.deb; do
		name=${file##*/}
		! grep -qx "${name%%_*}" "$work/installed" || rm -f "$file"
	done
}

# made by debootstrap once in each build folder
make_root() {
	kept=$debs/root-$(echo "$suite $mirror $with $later" | cksum | tr ' ' -).tar.zst
	mkdir -p "$root" "$debs"
	mount -t tmpfs -o mode=755,size=2g tmpfs "$root" || return 1
	if [ -e "$kept" ]; then
		tar --zstd -xf "$kept" -C "$root"
		return
	fi
	debootstrap --download-only --variant=minbase --include="$with,$later" "$suite" "$root" "$mirror" &&
	debootstrap --variant=minbase --include="$with" "$suite" "$root" "$mirror" &&
	drop_installed &&
	tar -I 'zstd -1' -cf "$kept.$$" -C "$root" . && mv "$kept.$$" "$kept"
}

# nothing is deleted through a mount
finish() {
	umount -lR "$root" 2>/dev/null
	rm -rf --one-file-system "$work"
}

# There, or as what systemd.sh's manager has started
inside() {
	if [ -n "${manager-}" ]; then in_manager "$@"; else chroot "$root" "$@"; fi </dev/null
}

apt() {
	inside env DEBIAN_FRONTEND=noninteractive apt-get -qq -y "$@" \
	    >>"$work/apt" 2>&1
	result=$?
	[ $result = 0 ] || tail -n 15 "$work/apt" | note
	return $result
}

# packages FOLDER: those in that folder of /tmp inside, as paths inside
packages() {
	for deb in "$root/tmp/$1"/*.deb; do echo "${deb#"$root"}"; done
}

# Devices and terminals of its own, a dpkg that does not wait for the disk
make_devices() {
	mount -t proc proc "$root/proc" && mount -t tmpfs -o mode=755 tmpfs "$root/dev" || return 1
	for device in null zero full random urandom tty; do
		touch "$root/dev/$device" && mount --bind "/dev/$device" "$root/dev/$device" || return 1
	done
	mkdir "$root/dev/pts" "$root/dev/shm"
	mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts "$root/dev/pts" &&
	ln -s pts/ptmx "$root/dev/ptmx" && ln -s /proc/self/fd "$root/dev/fd" &&
	echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/unsafe"
}

# denied or allowed: whether packages may start services here
services() {
	[ "$1" = denied ] && policy=101 || policy=0
	printf '#!/bin/sh\nexit %d\n' $policy >"$root/usr/sbin/policy-rc.d"
	chmod 755 "$root/usr/sbin/policy-rc.d"
}

make_users() {
	ssh-keygen -q -t ed25519 -N '' -f "$work/key" || return 1
	for user in alice bob; do
		inside useradd -m -s /bin/bash $user &&
		mkdir -m 700 "$root/home/$user/.ssh" &&
		cp "$work/key.pub" "$root/home/$user/.ssh/authorized_keys" &&
		inside chown -R $user:$user /home/$user/.ssh || return 1
	done
}

# One that is free, and that the kernel gives to nobody who asks for any (ip(7),
# ip_local_port_range): sshd may be started a while later.
find_port() {
	port=$("$python" -c 'import random, socket
while True:
    port = random.randrange(10000, 32000)
    try:
        socket.socket().bind(("127.0.0.1", port))
        break
    except OSError:
        pass
print(port)')
}

start_sshd() {
	find_port
	mkdir -p "$root/run/sshd"
	inside /usr/sbin/sshd -p "$port" -o ListenAddress=127.0.0.1 -o PrintMotd=no \
	    -o PrintLastLog=no -E /var/log/sshd.log
}

# login USER SSH-ARGUMENT...
login() {
	user=$1
	shift
	ssh -F none -i "$work/key" -p "$port" -o BatchMode=yes -o StrictHostKeyChecking=no \
	    -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=60 \
	    "$@" "$user@127.0.0.1"
}

# typed USER LINE...: a login on a terminal where these are typed; its exit status, and
# what was shown in $work/shown
typed() {
	user=$1
	shift
	printf '%s\n' "$@" | login "$user" -tt >"$work/shown" 2>&1
}

# A login that goes on until close_live, whose exit status is that of its shell.
open_live() {
	rm -f "$work/keys"
	mkfifo "$work/keys"
	login "$1" -tt <"$work/keys" >"$work/live" 2>&1 &
	live=$!
	exec 9>"$work/keys"
}

# says LINE ANSWER: typed there, the answer is shown
says() {
	echo "$1" >&9
	eventually 60 grep -q "$2" "$work/live"
}

close_live() {
	echo "exit $1" >&9
	exec 9>&-
	wait $live
}

# All that is below $root, but what is apt's, dpkg's and ssh's own to write
picture() {
	(cd "$root" && find . -xdev \( -path ./var/lib/dpkg -o -path ./var/lib/apt \
	    -o -path ./var/cache -o -path ./var/log -o -path ./home -o -path ./tmp \
	    -o -path './run/sshd*' -o -path './run/motd*' -o -path ./run/utmp -o -path './etc/*-' \) -prune -o -print0 |
		sort -z >"$work/paths" &&
	# the times of folders change as files come and go
	xargs -0 stat -c '%n %A %U %G %N' <"$work/paths" &&
	xargs -0 sh -c 'for f; do [ ! -f "$f" ] || [ -L "$f" ] || echo "$f"; done' sh \
	    <"$work/paths" | xargs -d '\n' sha256sum)
}

# newer DEB VERSION FILE: the same package as another, later version, with other units
newer() {
	rm -rf "$work/deb"
	dpkg-deb -R "$1" "$work/deb" &&
	find "$work/deb" -path '*/systemd/system/*' -type f -exec sh -c 'echo "# later" >>"$1"' sh {} \; &&
	sed -i -e "s/^Version: .*/Version: $2/" \
	    -e "s/\(shellac-auditor (= \)[^)]*/\1$2/" "$work/deb/DEBIAN/control" &&
	dpkg-deb --root-owner-group -Znone -b "$work/deb" "$3" >/dev/null
}

number() { inside shellac list --json | wc -l; }
# of KEY: of the newest session
of() { inside shellac list --json | tail -n 1 | field "$1"; }
ended() { [ "$(of status)" = '"COMPLETE"' ]; }

# The digests of the two first sessions' files, once they are over and compressed
evidence() {
	inside sh -c 'cd /var/lib/shellac/session && find . -type f -name "[12]-*" -exec sha256sum {} +' | sort
}
