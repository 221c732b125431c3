# SPDX-License-Identifier: MIT
#
# Where the browser bundles of socket.io-client come from. Nothing is fetched
# here or by a plain make: that is what "make client-files" is for.

AC_DEFUN([SIO_CLIENT_DIR], [
	CLIENT_DIR=
	AS_CASE([$with_client_dir],
		[no], [],
		[yes], [AC_MSG_ERROR([--with-client-dir needs a folder])],
		[CLIENT_DIR=`cd "$with_client_dir" 2>/dev/null && pwd`
		AS_IF([test -z "$CLIENT_DIR"], [AC_MSG_ERROR(
			[--with-client-dir: no such folder: $with_client_dir])])
		AS_IF([test -f "$CLIENT_DIR/socket.io.js" ||
			test -f "$CLIENT_DIR/dist/socket.io.js"], [],
			[AC_MSG_ERROR([--with-client-dir: no socket.io.js in $CLIENT_DIR])])])
	AM_CONDITIONAL([WITH_CLIENT_DIR], [test -n "$CLIENT_DIR"])
	AC_SUBST([CLIENT_DIR])
])

# What the summary says of them.
AC_DEFUN([SIO_CLIENT_SUMMARY], [
	AS_IF([test -n "$CLIENT_DIR"], [sio_client="from $CLIENT_DIR"],
		[test -f data/client/version],
		[sio_client="socket.io-client `cat data/client/version`"],
		[test -n "$NPM"],
		[sio_client="none yet: \"make client-files\" fetches them"],
		[sio_client="none: /socket.io/socket.io.js will not be served
                        (neither npm nor --with-client-dir)"])
])
