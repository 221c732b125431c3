# SPDX-License-Identifier: MIT
#
# The libraries below us. Each check sets NAME_CFLAGS and NAME_LIBS, or puts a
# line on the list of what is missing, so that one run of configure names all.

# SIO_MISSING(WHAT, DEBIAN-PACKAGE)
AC_DEFUN([SIO_MISSING], [
	AS_VAR_APPEND([sio_missing], ["
    $1 (on Debian: $2)"])])

AC_DEFUN([SIO_MISSING_STOP], [
	AS_IF([test -n "$sio_missing"], [AC_MSG_ERROR([missing:
$sio_missing

./bootstrap run installs all of it on Debian.])])])

# SIO_PKG(NAME, MODULE, WHAT, DEBIAN-PACKAGE)
AC_DEFUN([SIO_PKG], [PKG_CHECK_MODULES([$1], [$2], [],
	[SIO_MISSING([$3], [$4])])])

# msgpack-c is called msgpack-c since its version 6, and msgpack before.
AC_DEFUN([SIO_MSGPACK], [PKG_CHECK_MODULES([MSGPACK], [msgpack-c], [],
	[PKG_CHECK_MODULES([MSGPACK], [msgpack >= 2.0], [],
		[SIO_MISSING([msgpack-c], [libmsgpack-dev or libmsgpack-c-dev])])])])

# libwebsockets, and with it the plugin for libev: without the plugin it
# builds, but then finds no event loop when it runs.
AC_DEFUN([SIO_LIBWEBSOCKETS], [
	SIO_PKG([LWS], [libwebsockets >= 4.1], [libwebsockets 4.1 or newer],
		[libwebsockets-dev])
	AS_IF([test -n "$LWS_LIBS"], [
		sio_save_cppflags=$CPPFLAGS
		CPPFLAGS="$CPPFLAGS $LWS_CFLAGS"
		SIO_LWS_HAS([LWS_WITH_LIBEV], [],
			[SIO_MISSING([libwebsockets built with libev],
				[libwebsockets-dev])])
		SIO_LWS_HAS([LWS_WITH_EVLIB_PLUGINS], [SIO_EVLIB_PLUGIN])
		CPPFLAGS=$sio_save_cppflags])
])

# SIO_LWS_HAS(SWITCH, IF-YES, IF-NO): how libwebsockets itself was built.
AC_DEFUN([SIO_LWS_HAS], [
	AC_MSG_CHECKING([whether libwebsockets has $1])
	AC_PREPROC_IFELSE([AC_LANG_SOURCE([[#include <lws_config.h>
#ifndef $1
#error without
#endif]])], [AC_MSG_RESULT([yes])
		$2], [AC_MSG_RESULT([no])
		$3])
])

AC_DEFUN([SIO_EVLIB_PLUGIN], [
	AC_MSG_CHECKING([for the libev plugin of libwebsockets])
	sio_dir=`$PKG_CONFIG --variable=libdir libwebsockets`
	AS_IF([test "$cross_compiling" = yes], [AC_MSG_RESULT([not looked for])],
		[test -f "$sio_dir/libwebsockets-evlib_ev.so"],
		[AC_MSG_RESULT([yes])],
		[AC_MSG_RESULT([no])
		SIO_MISSING([the libev plugin of libwebsockets],
			[libwebsockets-evlib-ev])])
])

# HTTP/2 can be left out. What newer versions added is used if it is there.
AC_DEFUN([SIO_NGHTTP2], [
	have_http2=no
	AS_IF([test "$with_http2" != no],
		[PKG_CHECK_MODULES([NGHTTP2], [libnghttp2 >= 1.50],
			[have_http2=yes],
			[AS_IF([test "$with_http2" = yes],
				[SIO_MISSING([nghttp2 1.50 or newer],
					[libnghttp2-dev])])])])
	AS_IF([test $have_http2 = yes], [
		AC_DEFINE([HAVE_NGHTTP2], [1], [HTTP/2 is spoken, with nghttp2.])
		sio_save_libs=$LIBS
		LIBS="$LIBS $NGHTTP2_LIBS"
		AC_CHECK_FUNCS([nghttp2_option_set_stream_reset_rate_limit])
		LIBS=$sio_save_libs
		NGHTTP2_MODULE=libnghttp2])
	AC_SUBST([NGHTTP2_MODULE])
	AM_CONDITIONAL([HAVE_NGHTTP2], [test $have_http2 = yes])
])

# libev has no pkg-config file.
AC_DEFUN([SIO_LIBEV], [
	EV_LIBS=
	AC_CHECK_HEADER([ev.h], [AC_CHECK_LIB([ev], [ev_run], [EV_LIBS=-lev])])
	AS_IF([test -z "$EV_LIBS"], [SIO_MISSING([libev], [libev-dev])])
	AC_SUBST([EV_LIBS])
])

# llhttp is what http_parser became. Either will do; llhttp is kept up.
AC_DEFUN([SIO_HTTP_PARSER], [
	HTTP_PARSER_LIBS=
	http_parser=
	AC_CHECK_HEADER([llhttp.h], [AC_CHECK_LIB([llhttp], [llhttp_execute],
		[HTTP_PARSER_LIBS=-lllhttp http_parser=llhttp
		AC_DEFINE([HAVE_LLHTTP], [1], [HTTP/1.1 is parsed by llhttp.])
		sio_save_libs=$LIBS
		LIBS="$LIBS $HTTP_PARSER_LIBS"
		AC_CHECK_FUNCS([llhttp_set_lenient_version])
		LIBS=$sio_save_libs])])
	AS_IF([test -z "$http_parser"], [
		AC_CHECK_HEADER([http_parser.h],
			[AC_CHECK_LIB([http_parser], [http_parser_execute],
			[HTTP_PARSER_LIBS=-lhttp_parser
			http_parser=http_parser])])])
	AS_IF([test -z "$http_parser"], [SIO_MISSING([llhttp or http_parser],
		[libhttp-parser-dev or libllhttp-dev])])
	AC_SUBST([HTTP_PARSER_LIBS])
])
