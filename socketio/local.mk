# SPDX-License-Identifier: MIT
#
# socketio/: Socket.IO on top of engineio/. A new module is one line in
# socketio_sources; a header that is not installed belongs there too.

socketio_sources = \
	%D%/ack.c %D%/ack.h \
	%D%/adapter.c \
	%D%/adapter_local.c \
	%D%/admission.c \
	%D%/answers.c \
	%D%/backpressure.c \
	%D%/binary.c %D%/binary.h \
	%D%/client.c \
	%D%/client_extra.c \
	%D%/client_files.c \
	%D%/counters.c \
	%D%/decoder.c %D%/decoder.h \
	%D%/dynamic.c \
	%D%/emit.c \
	%D%/engine_options.c \
	%D%/end.c \
	%D%/error.c \
	%D%/event.c \
	%D%/event_reply.c \
	%D%/event_middleware.c \
	%D%/handlers.c %D%/handlers.h \
	%D%/handshake.c \
	%D%/inquiry.c %D%/inquiry.h \
	%D%/io.h \
	%D%/json.c %D%/json.h \
	%D%/json_plain.c \
	%D%/json_read.c \
	%D%/json_write.c \
	%D%/listeners.c \
	%D%/message.c \
	%D%/next.c \
	%D%/nsp.c \
	%D%/msgpack.h \
	%D%/msgpack_read.c \
	%D%/msgpack_write.c \
	%D%/options.c \
	%D%/outgoing.c \
	%D%/packet.c %D%/packet.h \
	%D%/parser.c \
	%D%/parser_msgpack.c \
	%D%/protocol.c \
	%D%/recovery.c %D%/recovery.h \
	%D%/recovery_leave.c \
	%D%/recovery_offset.c \
	%D%/recovery_store.c \
	%D%/remote.c \
	%D%/request.c \
	%D%/room_events.c \
	%D%/rooms.c %D%/rooms.h \
	%D%/server.c \
	%D%/server_event.c \
	%D%/socket.c \
	%D%/socket_rooms.c \
	%D%/span.h \
	%D%/stringify.c \
	%D%/target.c %D%/target.h

socketio_public_headers = \
	%D%/adapter.h \
	%D%/parser.h \
	%D%/socketio.h

socketio_core_libs = $(JANSSON_LIBS) $(MSGPACK_LIBS) -lm

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
