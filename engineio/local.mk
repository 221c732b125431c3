# SPDX-License-Identifier: MIT
#
# engineio/: Engine.IO, and below it HTTP and WebSocket. A new module is one
# line in engineio_sources; a header that is not installed belongs there too.

engineio_base_sources = \
	%D%/base/base64.c %D%/base/base64.h \
	%D%/base/list.h \
	%D%/base/map.c %D%/base/map.h \
	%D%/base/strbuf.c %D%/base/strbuf.h \
	%D%/base/utf8.c %D%/base/utf8.h

engineio_sources = \
	%D%/wheel.c %D%/wheel.h \
	%D%/loop.h \
	%D%/net.h \
	%D%/http/ws_frame.c %D%/http/ws_frame.h

# Everything that touches libwebsockets or libev.
engineio_network_sources =

engineio_public_headers = \
	%D%/engineio.h \
	%D%/http.h

engineio_core_libs = $(HTTP_PARSER_LIBS) $(ZLIB_LIBS) $(CRYPTO_LIBS)

# Both shared libraries link the base; it is hidden in each.
noinst_LTLIBRARIES += libbase.la
libbase_la_SOURCES = $(engineio_base_sources)

# The protocol without a network: what the tests link.
noinst_LTLIBRARIES += libengineio-core.la
libengineio_core_la_SOURCES = $(engineio_sources)

lib_LTLIBRARIES += libengineio.la
libengineio_la_SOURCES = $(engineio_network_sources)
libengineio_la_LDFLAGS = $(AM_LDFLAGS) $(UNDEFINED_LDFLAGS) -no-undefined \
	-version-info $(ENGINEIO_VERSION_INFO) \
	-export-symbols-regex '^eio_[a-z]'
libengineio_la_LIBADD = libengineio-core.la libbase.la \
	$(LWS_LIBS) $(EV_LIBS) $(engineio_core_libs)

engineio_includedir = $(includedir)/engineio
engineio_include_HEADERS = $(engineio_public_headers)
pkgconfig_DATA += %D%/libengineio.pc
