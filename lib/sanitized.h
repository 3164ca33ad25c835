/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SANITIZED_H
#define SHELLAC_SANITIZED_H

/* SANITIZED is defined where AddressSanitizer is built in: gcc says so by a macro,
 * clang by a feature. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

#endif
