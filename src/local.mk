# SPDX-License-Identifier: MIT
#
# src/: the program socketio-chat. A new file is one line in chat_sources.

# Everything but main(), so that tests can link it.
noinst_LTLIBRARIES += libchat.la
libchat_la_SOURCES = \
	%D%/chat.c %D%/chat.h \
	%D%/chat_http.c %D%/chat_http.h \
	%D%/chat_hub.c %D%/chat_hub.h \
	%D%/chat_polling.c %D%/chat_polling.h \
	%D%/chat_socketio.c %D%/chat_socketio.h \
	%D%/chat_stream.c %D%/chat_stream.h \
	%D%/chat_websocket.c %D%/chat_websocket.h \
	%D%/history.c %D%/history.h \
	%D%/history_file.c %D%/history_file.h \
	%D%/options.c %D%/options.h \
	%D%/page.c %D%/page.h \
	%D%/self_signed.c %D%/self_signed.h
libchat_la_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
libchat_la_LIBADD = $(SQLITE_LIBS) $(CRYPTO_LIBS)

bin_PROGRAMS += %D%/socketio-chat
src_socketio_chat_SOURCES = %D%/main.c
src_socketio_chat_LDADD = libchat.la libsocketio.la libengineio.la \
	$(JANSSON_LIBS)
dist_man1_MANS += %D%/socketio-chat.1
