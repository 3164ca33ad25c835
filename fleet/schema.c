/* SPDX-License-Identifier: ISC */
#include "schema.h"

const char fleet_schema_sql[] =
#include "schema.sql.inc"
;

const char fleet_functions_sql[] =
#include "functions.sql.inc"
;
