#!/bin/sh
# SPDX-License-Identifier: ISC
# Runs every fuzz target over its corpus; files are named one by one, because
# libFuzzer, given a folder, would go on for ever.
src=$top_srcdir/tests/fuzz
n=0
for file in "$src"/fuzz_*.c; do
	n=$((n + 1))
done
echo "1..$n"

n=0
for file in "$src"/fuzz_*.c; do
	n=$((n + 1))
	name=$(basename "$file" .c)
	set -- "$src/corpus/${name#fuzz_}"/*
	if [ ! -f "$1" ]; then
		echo "not ok $n - $name has no corpus"
	elif out=$("$top_builddir/tests/fuzz/$name" "$@" 2>&1); then
		echo "ok $n - $name, $# seeds"
	else
		echo "not ok $n - $name, $# seeds"
		echo "$out" | sed 's/^/# /'
	fi
done
