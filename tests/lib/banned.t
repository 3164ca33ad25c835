#!/bin/sh
# SPDX-License-Identifier: ISC
# Functions that no source of these folders may call: they do not know the size of
# what they write to, cannot tell an error, or keep state for everybody.
folders='lib recorder collector dispatcher pusher plugins fleet setup auditor witness'
banned='strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|atoi|atol|atoll|gmtime|localtime|ctime|asctime|strtok|tmpnam|mktemp|alloca|system|popen'
pattern="(^|[^[:alnum:]_])($banned) ?\\("

n=1
echo 1..11
for folder in $folders; do
	found=$(cd "$top_srcdir" && grep -rnE --include='*.[ch]' "$pattern" "$folder" |
	    grep -vE ':[[:space:]]*(/\*| \*)')
	if [ -z "$found" ]; then
		echo "ok $n - $folder calls no banned function"
	else
		echo "not ok $n - $folder calls no banned function"
		printf '%s\n' "$found" | sed 's/^/# /'
	fi
	n=$((n + 1))
done

if echo 'x = strcpy(a, b);' | grep -qE "$pattern" &&
    ! echo 'x = my_strcpy(a, b) + gmtime_r(c, d);' | grep -qE "$pattern"; then
	echo "ok $n - the pattern finds what it should"
else
	echo "not ok $n - the pattern finds what it should"
fi
