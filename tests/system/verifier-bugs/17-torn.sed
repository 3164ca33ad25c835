# SPDX-License-Identifier: ISC
# lib/session_file.c: a torn frame is the end of the file
s/n == E_SHORT) {/&\
		return 0;/
