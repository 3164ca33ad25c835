/* SPDX-License-Identifier: ISC */
#include "schema.h"

const char fleet_schema_sql[] =
#include "schema.sql.inc"
;

/* In the order in which they need each other. */
const char fleet_functions_sql[] =
#include "storage.sql.inc"
#include "functions.sql.inc"
#include "put_sessions.sql.inc"
#include "put_files.sql.inc"
#include "put_processes.sql.inc"
#include "lacking.sql.inc"
#include "retain.sql.inc"
#include "rights.sql.inc"
;
