# SPDX-License-Identifier: MIT
#
# socketio/: Socket.IO on top of engineio/. A new module is one line in
# socketio_sources; a header that is not installed belongs there too.

socketio_sources =

socketio_public_headers =

socketio_core_libs = $(JANSSON_LIBS)

noinst_LTLIBRARIES += libsocketio-core.la
libsocketio_core_la_SOURCES = $(socketio_sources)

lib_LTLIBRARIES += libsocketio.la
libsocketio_la_SOURCES =
libsocketio_la_LDFLAGS = $(AM_LDFLAGS) $(UNDEFINED_LDFLAGS) -no-undefined \
	-version-info $(SOCKETIO_VERSION_INFO) \
	-export-symbols-regex '^sio_[a-z]'
libsocketio_la_LIBADD = libsocketio-core.la libbase.la libengineio.la \
	$(socketio_core_libs)

socketio_includedir = $(includedir)/socketio
socketio_include_HEADERS = $(socketio_public_headers)
pkgconfig_DATA += %D%/libsocketio.pc
