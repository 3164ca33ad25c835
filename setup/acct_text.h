/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SETUP_ACCT_TEXT_H
#define SHELLAC_SETUP_ACCT_TEXT_H

#include "tree.h"

/* Texts of files that say whose process accounting is; each keeps all other lines byte for
 * byte, and the file its owner and mode.  0 or -ENOMEM. */

/* shellac.conf: "acct = value", in place of the line that was there, or at the end. */
int acct_text_conf(struct tree_file *f, const char *value);

/* default/acct, which a shell reads: not enabled, and whoever reads it ends there. */
int acct_text_default(struct tree_file *f);

/* 1 where default/acct has ACCT_ENABLE="1", by its last line of that. */
int acct_text_is_enabled(const struct tree_file *f);

#endif
