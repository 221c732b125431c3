# SPDX-License-Identifier: MIT
#
# engineio/: Engine.IO, and below it HTTP and WebSocket. A new module is one
# line in engineio_sources; a header that is not installed belongs there too.

engineio_base_sources = \
	%D%/base/base64.c %D%/base/base64.h \
	%D%/base/fetch.h \
	%D%/base/hex.h \
	%D%/base/list.h \
	%D%/base/map.c %D%/base/map.h \
	%D%/base/query.c %D%/base/query.h \
	%D%/base/strbuf.c %D%/base/strbuf.h \
	%D%/base/tally.c %D%/base/tally.h \
	%D%/base/utf8.c %D%/base/utf8.h \
	%D%/base/word.h

engineio_sources = \
	%D%/address.c %D%/address.h \
	%D%/buf.c %D%/buf.h \
	%D%/cookie.c %D%/cookie.h \
	%D%/cors.c %D%/cors.h \
	%D%/compression.c \
	%D%/engine.h \
	%D%/error.c \
	%D%/filter.c %D%/filter.h \
	%D%/events.c \
	%D%/facts.c \
	%D%/gate.c \
	%D%/handshake.c \
	%D%/headers.c \
	%D%/heartbeat.c \
	%D%/heartbeat_v3.c \
	%D%/jsonp.c %D%/jsonp.h \
	%D%/hook.c \
	%D%/log.c \
	%D%/loop.c %D%/loop.h \
	%D%/net.h \
	%D%/options.c \
	%D%/packet.c %D%/packet.h \
	%D%/packet_v3.c %D%/packet_v3.h \
	%D%/payload.c %D%/payload.h \
	%D%/payload_v3.c %D%/payload_v3.h \
	%D%/peers.c \
	%D%/polling.c \
	%D%/polling_payload.c \
	%D%/pressure.c \
	%D%/polling_read.c \
	%D%/protocol.c %D%/protocol.h \
	%D%/proxy.c %D%/proxy.h \
	%D%/refusal.c \
	%D%/server.c \
	%D%/server_tls.c \
	%D%/session.c \
	%D%/session_queue.c \
	%D%/sid.c %D%/sid.h \
	%D%/signal.c \
	%D%/tls.c %D%/tls.h \
	%D%/tls_certificate.c \
	%D%/tls_context.c \
	%D%/turn.c %D%/turn.h \
	%D%/upgrade.c \
	%D%/watch.c \
	%D%/websocket.c \
	%D%/wheel.c %D%/wheel.h \
	%D%/http/ask.c \
	%D%/http/chunked.c %D%/http/chunked.h \
	%D%/http/compress.c %D%/http/compress.h \
	%D%/http/conn.c %D%/http/conn.h \
	%D%/http/cork.c %D%/http/cork.h \
	%D%/http/deflate.c %D%/http/deflate.h %D%/http/deflate_state.h \
	%D%/http/draft.c %D%/http/draft.h \
	%D%/http/exchange.h \
	%D%/http/field.c %D%/http/field.h \
	%D%/http/files.c %D%/http/files.h \
	%D%/http/head.c %D%/http/head.h \
	%D%/http/http1.c %D%/http/http1.h %D%/http/http1_state.h \
	%D%/http/http1_ahead.c \
	%D%/http/http1_body.c \
	%D%/http/http1_reply.c \
	%D%/http/http2.h %D%/http/http2_state.h \
	%D%/http/inflate.c \
	%D%/http/params.c %D%/http/params.h \
	%D%/http/plain_head.c \
	%D%/http/reply.c \
	%D%/http/reply_headers.c \
	%D%/http/request.c %D%/http/request.h \
	%D%/http/request_head.c \
	%D%/http/route.c %D%/http/route.h \
	%D%/http/server.c %D%/http/server.h \
	%D%/http/shortcuts.c \
	%D%/http/trust.c %D%/http/trust.h \
	%D%/http/stream.c \
	%D%/http/ws.c %D%/http/ws.h %D%/http/ws_state.h \
	%D%/http/ws_accept.c \
	%D%/http/ws_extension.c %D%/http/ws_extension.h \
	%D%/http/ws_frame.c %D%/http/ws_frame.h \
	%D%/http/ws_route.c %D%/http/ws_route.h \
	%D%/http/ws_handshake.c %D%/http/ws_handshake.h

if HAVE_NGHTTP2
engineio_sources += \
	%D%/http/http2.c \
	%D%/http/http2_frames.c \
	%D%/http/http2_head.c \
	%D%/http/http2_limits.c \
	%D%/http/http2_reply.c \
	%D%/http/http2_room.c \
	%D%/http/http2_stream.c
else
engineio_sources += %D%/http/http2_none.c
endif

# Everything that touches libwebsockets or libev.
engineio_network_sources = \
	%D%/net_lws.c %D%/net_lws.h \
	%D%/net_lws_carrier.c \
	%D%/net_lws_listen.c \
	%D%/net_lws_loop.c \
	%D%/net_lws_place.c \
	%D%/net_lws_read.c \
	%D%/net_lws_share.c \
	%D%/net_lws_write.c

engineio_public_headers = \
	%D%/engineio.h \
	%D%/http.h

engineio_core_libs = $(HTTP_PARSER_LIBS) $(NGHTTP2_LIBS) $(ZLIB_LIBS) $(SSL_LIBS) $(CRYPTO_LIBS)

# Both shared libraries link the base; it is hidden in each.
noinst_LTLIBRARIES += libbase.la
libbase_la_SOURCES = $(engineio_base_sources)

# The protocol without a network: what the tests link.
noinst_LTLIBRARIES += libengineio-core.la
libengineio_core_la_SOURCES = $(engineio_sources)

# The network apart: a few tests want to get at it directly.
noinst_LTLIBRARIES += libengineio-net.la
libengineio_net_la_SOURCES = $(engineio_network_sources)

lib_LTLIBRARIES += libengineio.la
libengineio_la_SOURCES =
libengineio_la_LDFLAGS = $(AM_LDFLAGS) $(UNDEFINED_LDFLAGS) -no-undefined \
	-version-info $(ENGINEIO_VERSION_INFO) \
	-export-symbols-regex '^eio_[a-z]'
libengineio_la_LIBADD = libengineio-core.la libengineio-net.la libbase.la \
	$(LWS_LIBS) $(EV_LIBS) $(engineio_core_libs)

engineio_includedir = $(includedir)/engineio
engineio_include_HEADERS = $(engineio_public_headers)
pkgconfig_DATA += %D%/libengineio.pc
