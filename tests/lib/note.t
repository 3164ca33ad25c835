#!/bin/sh
# SPDX-License-Identifier: ISC
# Notes, held against openssl(1): it checks what we sign, and we check what it signs.
if ! command -v openssl >/dev/null; then
	echo "1..0 # SKIP openssl is not here"
	exit 0
fi
tool=$top_builddir/tests/lib/note_tool
work=$(mktemp -d /tmp/shlt.XXXXXX) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
LC_ALL=C
export LC_ALL
n=0

# result STATUS NAME
result() {
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
	fi
}

# octal HEX: for printf(1)
octal() {
	for byte in $(echo "$1" | sed 's/../& /g'); do
		printf '\\%03o' "0x$byte"
	done
}

# vkey ALG NAME: the verifier key of what is in pk, of a note's or a witness' kind
vkey() {
	{ printf '%b' "$(octal "0$1")"; cat pk; } >key
	id=$({ printf '%s\n' "$2"; cat key; } | openssl dgst -sha256 -r | cut -c1-8)
	echo "$2+$id+$(openssl base64 -A -in key)"
}

# What a signature of this kind at this time is over.
message() {
	[ "$1" = 1 ] || printf 'cosignature/v1\ntime %s\n' "$2"
	cat text
}

# signature LINE: all that is behind the name
signature() {
	echo "${1##* }" | openssl base64 -d -A
}

openssl genpkey -algorithm ed25519 -outform DER -out sk.der 2>/dev/null
openssl pkey -inform DER -in sk.der -pubout -outform DER -out pk.der
tail -c 32 sk.der >seed
tail -c 32 pk.der >pk
name=log.example/behind-the-sofa
printf '%s\n20852163\n%s\n' "$name" "$(openssl rand -base64 32)" >text

echo 1..10
for kind in '1 0 the text' '4 1679315147 a cosignature'; do
	# shellcheck disable=SC2086 # three words
	set -- $kind
	alg=$1 time=$2 what="$3 $4"

	"$tool" sign seed "$alg" "$name" "$time" <text >ours
	[ "$(sed -n 1p ours)" = "$(vkey "$alg" "$name")" ]
	result $? "the verifier key for $what is as openssl computes it"

	message "$alg" "$time" >signed
	signature "$(sed -n 2p ours)" >bytes
	tail -c 64 bytes >sig
	openssl pkeyutl -verify -pubin -keyform DER -inkey pk.der -rawin -in signed \
		-sigfile sig >/dev/null 2>&1
	result $? "openssl takes our signature of $what"

	echo x >>signed
	! openssl pkeyutl -verify -pubin -keyform DER -inkey pk.der -rawin -in signed \
		-sigfile sig >/dev/null 2>&1
	result $? "and not of something longer"

	message "$alg" "$time" >signed
	openssl pkeyutl -sign -keyform DER -inkey sk.der -rawin -in signed -out sig
	{
		printf '%b' "$(octal "$(vkey "$alg" "$name" | cut -d+ -f2)")"
		[ "$alg" = 1 ] || printf '%b' "$(octal "$(printf '%016x' "$time")")"
		cat sig
	} >bytes
	{
		cat text
		printf '\n\342\200\224 %s %s\n' "$name" "$(openssl base64 -A -in bytes)"
	} >note
	[ "$("$tool" verify "$(vkey "$alg" "$name")" <note)" = "$time" ]
	result $? "we take openssl's signature of $what"

	sed 's/^20852163$/20852164/' note >changed
	! "$tool" verify "$(vkey "$alg" "$name")" <changed >/dev/null
	result $? "and not under another size"
done
