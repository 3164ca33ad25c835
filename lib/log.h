/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LOG_H
#define SHELLAC_LOG_H

#include <stdint.h>

/* One line per call to stderr or syslog(3).  Every line is encoded with
 * escape_str() after formatting, so arguments may hold hostile bytes.  Any thread may log. */
enum log_level { LOG_L_ERROR, LOG_L_WARN, LOG_L_NOTICE, LOG_L_INFO, LOG_L_DEBUG };

/* name: program name, kept by reference.  to_syslog: 0 stderr, 1 syslog with
 * facility authpriv.  Lines above max are dropped. */
void log_open(const char *name, int to_syslog, enum log_level max);

/* On stderr each line begins with its level, sd-daemon(3), for a journal that reads it. */
void log_levels(int on);

/* At most 50 lines of one format string in 10 s are written; then one line says
 * how many were left out. */
void log_at(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A line that a user causes: each user's are counted apart, so that nobody's flood hides
 * what another did.  With more than 64 of user and format in 10 s the oldest is forgotten,
 * and has its 50 lines anew. */
void log_of_user(enum log_level level, uint32_t uid, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#define log_error(...) log_at(LOG_L_ERROR, __VA_ARGS__)
#define log_warn(...) log_at(LOG_L_WARN, __VA_ARGS__)
#define log_notice(...) log_at(LOG_L_NOTICE, __VA_ARGS__)
#define log_info(...) log_at(LOG_L_INFO, __VA_ARGS__)
#define log_debug(...) log_at(LOG_L_DEBUG, __VA_ARGS__)

#endif
