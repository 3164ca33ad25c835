/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_ID_NAME_H
#define SHELLAC_ID_NAME_H

#include <stdint.h>

#include "seal.h"

/* Names of what a live session has in run/session and in the spool's folder:
 * shellac-format(5), REGISTRATION and THE SPOOL.  Both with their zero. */
#define FIFO_NAME_SIZE (2 * ID_SIZE + 6)
#define SPOOL_NAME_SIZE (2 * ID_SIZE + 7)

/* "<id>.fifo" and "<id>.spool" into out. */
void fifo_name_format(char out[FIFO_NAME_SIZE], const uint8_t id[ID_SIZE]);
void spool_name_format(char out[SPOOL_NAME_SIZE], const uint8_t id[ID_SIZE]);

/* 0 or E_FORMAT: anything that the above would not write. */
int fifo_name_parse(uint8_t id[ID_SIZE], const char *name);
int spool_name_parse(uint8_t id[ID_SIZE], const char *name);

#endif
