/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FLEET_SCHEMA_H
#define SHELLAC_FLEET_SCHEMA_H

/* schema.sql, and all other *.sql one behind the other, made into literals by the build. */
extern const char fleet_schema_sql[], fleet_functions_sql[];

#endif
