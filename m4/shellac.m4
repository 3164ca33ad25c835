# SPDX-License-Identifier: ISC

# SHELLAC_TRY_FLAGS(VARIABLE, FLAGS): adds each flag that the compiler takes
AC_DEFUN([SHELLAC_TRY_FLAGS], [
  for flag in $2; do
    save_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS -Werror $flag"
    AC_MSG_CHECKING([whether $CC takes $flag])
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM()],
      [AC_MSG_RESULT([yes]); $1="$$1 $flag"], [AC_MSG_RESULT([no])])
    CFLAGS=$save_CFLAGS
  done
])

# SHELLAC_TRY_LDFLAGS(VARIABLE, FLAGS): likewise for the linker
AC_DEFUN([SHELLAC_TRY_LDFLAGS], [
  for flag in $2; do
    save_LDFLAGS=$LDFLAGS
    LDFLAGS="$LDFLAGS $flag"
    AC_MSG_CHECKING([whether the linker takes $flag])
    AC_LINK_IFELSE([AC_LANG_PROGRAM()],
      [AC_MSG_RESULT([yes]); $1="$$1 $flag"], [AC_MSG_RESULT([no])])
    LDFLAGS=$save_LDFLAGS
  done
])

# WARN_CFLAGS for the product, TEST_WARN_CFLAGS for unit tests, whose framework's
# macros convert freely
AC_DEFUN([SHELLAC_WARNINGS], [
  AC_ARG_ENABLE([werror],
    [AS_HELP_STRING([--enable-werror], [treat warnings as errors])],
    [], [enable_werror=no])
  SHELLAC_TRY_FLAGS([TEST_WARN_CFLAGS],
    [-Wall -Wextra -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes dnl
     -Wpointer-arith -Wwrite-strings -Wundef -Wvla -Wimplicit-fallthrough])
  SHELLAC_TRY_FLAGS([WARN_CFLAGS],
    [$TEST_WARN_CFLAGS -Wconversion -Wsign-conversion -Wshadow -Wcast-qual dnl
     -Wnull-dereference -Wduplicated-cond -Wduplicated-branches -Wlogical-op dnl
     -Wtrampolines -Wbidi-chars=any])
  AS_IF([test "$enable_werror" = yes],
    [WARN_CFLAGS="$WARN_CFLAGS -Werror"; TEST_WARN_CFLAGS="$TEST_WARN_CFLAGS -Werror"])
  AC_SUBST([WARN_CFLAGS])
  AC_SUBST([TEST_WARN_CFLAGS])
])

# after the OpenSSF compiler options guide; a test reads the results with readelf
AC_DEFUN([SHELLAC_HARDENING], [
  AC_ARG_ENABLE([hardening],
    [AS_HELP_STRING([--disable-hardening], [build without hardening flags])],
    [], [enable_hardening=yes])
  shellac_hardening=$enable_hardening
  AS_IF([test "$enable_hardening" = yes], [
    SHELLAC_TRY_FLAGS([HARDEN_CFLAGS],
      [-fstack-protector-strong -fstack-clash-protection -fcf-protection=full dnl
       -fno-delete-null-pointer-checks -fno-strict-overflow -fno-strict-aliasing dnl
       -ftrivial-auto-var-init=zero -fPIE])
    AS_CASE([$CFLAGS], [*-O0*], [],
      [HARDEN_CPPFLAGS="-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3"])
    SHELLAC_TRY_LDFLAGS([HARDEN_LDFLAGS],
      [-pie [-Wl,-z,relro] [-Wl,-z,now] [-Wl,-z,noexecstack] [-Wl,--as-needed]])
  ])
  AC_SUBST([HARDEN_CPPFLAGS])
  AC_SUBST([HARDEN_CFLAGS])
  AC_SUBST([HARDEN_LDFLAGS])
])

# sanitizers, libFuzzer, coverage
AC_DEFUN([SHELLAC_INSTRUMENT], [
  AC_ARG_ENABLE([sanitizers],
    [AS_HELP_STRING([--enable-sanitizers], [address and undefined behaviour sanitizers])],
    [], [enable_sanitizers=no])
  AC_ARG_ENABLE([fuzzing],
    [AS_HELP_STRING([--enable-fuzzing], [link the fuzz targets with libFuzzer (clang)])],
    [], [enable_fuzzing=no])
  AC_ARG_ENABLE([coverage],
    [AS_HELP_STRING([--enable-coverage], [instrument for gcov])],
    [], [enable_coverage=no])
  AS_IF([test "$enable_sanitizers" = yes],
    [INSTRUMENT_FLAGS="$INSTRUMENT_FLAGS -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"])
  AS_IF([test "$enable_fuzzing" = yes],
    [INSTRUMENT_FLAGS="$INSTRUMENT_FLAGS -fsanitize=fuzzer-no-link"; FUZZ_LDFLAGS=-fsanitize=fuzzer])
  AS_IF([test "$enable_coverage" = yes],
    [INSTRUMENT_FLAGS="$INSTRUMENT_FLAGS --coverage"])
  AM_CONDITIONAL([FUZZING], [test "$enable_fuzzing" = yes])
  AM_CONDITIONAL([SANITIZERS], [test "$enable_sanitizers" = yes])
  AC_SUBST([INSTRUMENT_FLAGS])
  AC_SUBST([FUZZ_LDFLAGS])
])
