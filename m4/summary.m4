# SPDX-License-Identifier: MIT
#
# What configure found, in the words of the person who is going to build.

AC_DEFUN([SIO_SUMMARY], [
SIO_CLIENT_SUMMARY
AS_IF([test $have_cmocka = yes], [sio_tests=yes],
	[sio_tests="no: cmocka is missing (on Debian: libcmocka-dev)"])
AC_MSG_NOTICE([
    $PACKAGE_STRING
    prefix:             $prefix
    compiler:           $CC $CFLAGS
    warnings as errors: ${enable_werror:-no}
    sanitizers:         $enable_sanitizers
    HTTP parser:        $http_parser
    HTTP/2:             $have_http2
    history in a file:  $have_sqlite
    browser bundles:    $sio_client
    example with Redis: $have_hiredis
    unit tests:         $sio_tests])
])
