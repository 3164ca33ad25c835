# SPDX-License-Identifier: ISC
# lib/seal.c: a signature that fails is taken, -1 not being more than 0
/crypto_sign_verify_detached/s/ != 0)/ > 0)/
