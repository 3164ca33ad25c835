# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# For tests of an installation, behind lib.sh: as root, in pid and mount
# namespaces of the test's own, with an /etc of its own, the users that
# init/sysusers.d/shellac.conf wants and two ordinary ones, and the programs installed
# into an empty file system over the place of installation.

[ "$(id -u)" = 0 ] || skip_all "needs root"
if [ -z "${SHELLAC_TEST_NAMESPACE-}" ]; then
	unshare -pfm --kill-child --mount-proc true 2>/dev/null || skip_all "no namespaces to be had"
	export top_srcdir top_builddir
	SHELLAC_TEST_NAMESPACE=$$ unshare -pfm --kill-child --mount-proc /bin/sh "$0"
	exit
fi

# what configure was told
# shellcheck disable=SC2016 # make expands them
printf 'include Makefile\nplaces:\n\t@echo %s\n' \
	'$(prefix) $(bindir) $(sbindir) $(sysconfdir) $(localstatedir) $(runstatedir)' |
	env -u MAKEFLAGS -u MAKELEVEL make -s --no-print-directory -C "$top_builddir" -f - \
		places >"$work/places"
read -r prefix bindir sbindir sysconfdir localstatedir runstatedir <"$work/places"
for place in "$bindir" "$sbindir" "$sysconfdir" "$localstatedir" "$runstatedir"; do
	case $place in
	"$prefix"/*) ;;
	*) skip_all "configured for $place, outside of $prefix" ;;
	esac
done
case $prefix in
/ | /usr | "$top_builddir" | "$top_srcdir") skip_all "configured for $prefix" ;;
esac

# add_user NAME UID GROUP-MEMBER...: with a group of the same name and number
add_user() {
	sed -i "/^$1:/d" /etc/passwd /etc/group
	echo "$1:x:$2:$2::$home/$1:/bin/sh" >>/etc/passwd
	echo "$1:x:$2:$3" >>/etc/group
}

# Two users, shla in a group more, each with a home.
home=$prefix/home
make_users() {
	cp -a /etc "$work/etc" && mount --bind "$work/etc" /etc || exit 1
	# of this test alone: limits count a user's processes, whatever their namespace
	uid=$((20000 + SHELLAC_TEST_NAMESPACE % 4000 * 10))
	for name in $(sed -n 's/^u \([^ ]*\) .*/\1/p' "$top_srcdir/init/sysusers.d/shellac.conf"); do
		add_user "$name" $uid ""
		uid=$((uid + 1))
	done
	for name in shla shlb; do
		add_user $name $uid ""
		mkdir -p "$home/$name" && chown $uid:$uid "$home/$name" && chmod 700 "$home/$name"
		uid=$((uid + 1))
	done
	add_user shlgroup $uid shla
}

mkdir -p "$prefix"
mount -t tmpfs -o mode=755 tmpfs "$prefix" || skip_all "cannot mount over $prefix"
mkdir "$home"
make_users
if ! make -C "$top_builddir" install >"$work/make" 2>&1; then
	note <"$work/make"
	echo "Bail out! make install"
	exit 1
fi
# where ordinary users find it
cp "$top_builddir/tests/recorder/ptyx" "$home/ptyx"
PATH=$sbindir:$bindir:$PATH
SHELLAC_TEST_PTYX=$home/ptyx
export SHELLAC_TEST_PTYX
ptyx=$SHELLAC_TEST_PTYX
# shellcheck disable=SC2034 # for those who read this
rec=$bindir/shellac-rec shellacd=$sbindir/shellacd shellac=$bindir/shellac where=""
