#!/bin/sh
# SPDX-License-Identifier: ISC
# The end-to-end suite once more: installed, as root, in the system's places and
# with real accounting.  All of that is the test's own: pid and mount
# namespaces, an empty file system over the place of installation.
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || skip_all "needs root"
if [ -z "${SHELLAC_TEST_NAMESPACE-}" ]; then
	unshare -pfm --kill-child --mount-proc true 2>/dev/null || skip_all "no namespaces to be had"
	export top_srcdir top_builddir
	SHELLAC_TEST_NAMESPACE=1 unshare -pfm --kill-child --mount-proc /bin/sh "$0"
	exit
fi

# what configure was told
# shellcheck disable=SC2016 # make expands them
printf 'include Makefile\nplaces:\n\t@echo %s\n' \
	'$(prefix) $(bindir) $(sbindir) $(sysconfdir) $(localstatedir) $(runstatedir)' |
	env -u MAKEFLAGS -u MAKELEVEL make -s --no-print-directory -C "$top_builddir" -f - \
		places >"$work/places"
read -r prefix places <"$work/places"
for place in $places; do
	case $place in
	"$prefix"/*) PATH=$place:$PATH ;;
	*) skip_all "configured for $place, outside of $prefix" ;;
	esac
done
case $prefix in
/ | /usr | "$top_builddir" | "$top_srcdir") skip_all "configured for $prefix" ;;
esac
mkdir -p "$prefix"
mount -t tmpfs tmpfs "$prefix" || skip_all "cannot mount over $prefix"
if ! make -C "$top_builddir" install >"$work/make" 2>&1; then
	note <"$work/make"
	echo "Bail out! make install"
	exit 1
fi
/bin/sh "$top_srcdir/tests/system/session.sh" installed
