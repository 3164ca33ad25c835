/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LEDGER_TEXT_H
#define SHELLAC_LEDGER_TEXT_H

#include <jansson.h>
#include <stddef.h>

#include "ledger_entry.h"

#define LEDGER_TEXT_MAX 240

/* What an entry says, for a person, without its type and time: printable ASCII. */
void ledger_text(char out[LEDGER_TEXT_MAX], const struct entry *e);

/* The same for a script: an object with all fields. */
json_t *ledger_json(const struct entry *e);

/* What a FAIL is about, what a CONFIG is: "store", ...; "?" for another number. */
const char *ledger_fail_word(uint32_t what);
const char *ledger_config_word(uint32_t what);

#endif
