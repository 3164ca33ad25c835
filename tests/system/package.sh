# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# For 97-package.t, behind lib.sh: a fresh Debian below $root with an sshd and two users,
# alice and bob, in pid and mount namespaces of the test's own.

root=$work/root
suite="" mirror="" port=""

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

# what the packages need, and this test, besides the smallest system
with=adduser,openssh-server,libcurl4,libjansson4,libmicrohttpd12,libpcre2-8-0,libpq5
with=$with,libsodium23,libsqlite3-0,libssl3,libvterm0,libzstd1

# made by debootstrap once in each build folder
make_root() {
	kept=$top_builddir/package/root-$(echo "$suite $mirror $with" | cksum | tr ' ' -).tar.zst
	mkdir -p "$root" "$top_builddir/package"
	mount -t tmpfs -o mode=755,size=2g tmpfs "$root" || return 1
	if [ -e "$kept" ]; then
		tar --zstd -xf "$kept" -C "$root"
		return
	fi
	debootstrap --variant=minbase --include="$with" "$suite" "$root" "$mirror" &&
	rm -f "$root"/var/cache/apt/archives/*.deb &&
	tar -I 'zstd -1' -cf "$kept.$$" -C "$root" . && mv "$kept.$$" "$kept"
}

# nothing is deleted through a mount
finish() {
	umount -lR "$root" 2>/dev/null
	rm -rf --one-file-system "$work"
}

inside() { chroot "$root" "$@" </dev/null; }

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

start_sshd() {
	port=$("$python" -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
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

# newer DEB VERSION: the same package as another, later version
newer() {
	rm -rf "$work/deb"
	dpkg-deb -R "$1" "$work/deb" &&
	sed -i -e "s/^Version: .*/Version: $2/" \
	    -e "s/\(shellac-auditor (= \)[^)]*/\1$2/" "$work/deb/DEBIAN/control" &&
	dpkg-deb --root-owner-group -Znone -b "$work/deb" "$3" >/dev/null
}
