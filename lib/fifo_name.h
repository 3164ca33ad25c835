/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FIFO_NAME_H
#define SHELLAC_FIFO_NAME_H

#include <stdint.h>

#include "seal.h"

/* shellac-format(5), REGISTRATION: names of the FIFOs in run/session. */
#define FIFO_NAME_SIZE (2 * ID_SIZE + 6)

/* "<id>.fifo" into out (FIFO_NAME_SIZE chars). */
void fifo_name_format(char *out, const uint8_t id[ID_SIZE]);

/* 0 or E_FORMAT: anything that fifo_name_format() would not write. */
int fifo_name_parse(uint8_t id[ID_SIZE], const char *name);

#endif
