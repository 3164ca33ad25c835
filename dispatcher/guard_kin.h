/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_GUARD_KIN_H
#define SHELLAC_GUARD_KIN_H

/* Sends the signal to all that this process has below it, children and theirs. */
void kin_signal(int signal);

#endif
