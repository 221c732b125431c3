# SPDX-License-Identifier: MIT
#
# Warnings, sanitizers and fuzzing, kept in AM_CFLAGS: CFLAGS is the user's.

# SIO_CFLAG(VARIABLE, FLAG): adds FLAG to VARIABLE if the compiler knows it.
AC_DEFUN([SIO_CFLAG], [
	AS_VAR_PUSHDEF([known], [sio_cv_cflag_$2])
	AC_CACHE_CHECK([whether $CC knows $2], [known], [
		sio_save_cflags=$CFLAGS
		CFLAGS="$CFLAGS -Werror $2"
		AC_COMPILE_IFELSE([AC_LANG_PROGRAM()],
			[AS_VAR_SET([known], [yes])],
			[AS_VAR_SET([known], [no])])
		CFLAGS=$sio_save_cflags])
	AS_VAR_IF([known], [yes], [$1="$$1 $2"])
	AS_VAR_POPDEF([known])
])

AC_DEFUN([SIO_WARNINGS], [
	WARN_CFLAGS=
	m4_foreach_w([sio_flag], [-Wall -Wextra -Wno-unused-parameter -Wshadow
		-Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith
		-Wwrite-strings -Wvla],
		[SIO_CFLAG([WARN_CFLAGS], m4_quote(sio_flag))])
	AS_IF([test "$enable_werror" = yes],
		[WARN_CFLAGS="$WARN_CFLAGS -Werror"])
	VISIBILITY_CFLAGS=
	SIO_CFLAG([VISIBILITY_CFLAGS], [-fvisibility=hidden])
	AC_SUBST([WARN_CFLAGS])
	AC_SUBST([VISIBILITY_CFLAGS])
])

# The linker refuses what reaches across the layers, as each shared library
# must find all its symbols. With sanitizers that cannot be asked for: theirs
# come from the program.
AC_DEFUN([SIO_SANITIZERS], [
	SANITIZE_CFLAGS=
	FUZZ_LDFLAGS=
	UNDEFINED_LDFLAGS=-Wl,-z,defs
	AS_IF([test "$enable_sanitizers" = yes],
		[SANITIZE_CFLAGS="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
		UNDEFINED_LDFLAGS=])
	AS_IF([test "$enable_fuzzing" = yes],
		[SANITIZE_CFLAGS="$SANITIZE_CFLAGS -fsanitize=fuzzer-no-link"
		FUZZ_LDFLAGS=-fsanitize=fuzzer
		UNDEFINED_LDFLAGS=])
	AS_IF([test -n "$SANITIZE_CFLAGS"], [
		AC_MSG_CHECKING([whether $CC can build with $SANITIZE_CFLAGS])
		sio_save_cflags=$CFLAGS
		CFLAGS="$CFLAGS $SANITIZE_CFLAGS"
		AC_LINK_IFELSE([AC_LANG_PROGRAM()], [AC_MSG_RESULT([yes])], [
			AC_MSG_RESULT([no])
			AC_MSG_ERROR([$CC cannot build with $SANITIZE_CFLAGS])])
		CFLAGS=$sio_save_cflags])
	AM_CONDITIONAL([FUZZING], [test "$enable_fuzzing" = yes])
	AC_SUBST([SANITIZE_CFLAGS])
	AC_SUBST([FUZZ_LDFLAGS])
	AC_SUBST([UNDEFINED_LDFLAGS])
])
