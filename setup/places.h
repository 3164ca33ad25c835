/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SETUP_PLACES_H
#define SHELLAC_SETUP_PLACES_H

/* Files that setup writes to, and no others. */
#define PROFILE_SH "/etc/profile.d/shellac.sh"
#define PROFILE_CSH "/etc/csh/login.d/shellac.csh"
#define PROFILE_FISH "/etc/fish/conf.d/shellac.fish"
#define PROFILE_ZSH "/etc/zsh/zshenv"
#define SSHD_DROP_IN "/etc/ssh/sshd_config.d/shellac.conf"
#define SHELLAC_CONF PATHS_CONFDIR "/shellac.conf"
#define ACCT_DEFAULT "/etc/default/acct"
#define ACCT_MASK "/etc/systemd/system/acct.service"

/* Ours, as make install has them. */
#define RECORDER SETUP_BINDIR "/shellac-rec"
#define RECORDER_AS SETUP_BINDIR "/shellac-" /* a shell's name behind it */
#define SNIPPETS SETUP_DATADIR "/shellac/profile.d"

#endif
