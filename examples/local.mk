# SPDX-License-Identifier: MIT
#
# examples/: one file each, compiled by "make check". A new example is two
# lines: its name in example_programs, and
# "examples_NAME_LDADD = $(example_libs)", without which it would link what the
# tests link.

example_libs = libsocketio.la libengineio.la $(JANSSON_LIBS)

example_programs = \
	%D%/ack \
	%D%/auth \
	%D%/ban \
	%D%/binary \
	%D%/chat \
	%D%/cross_origin \
	%D%/echo \
	%D%/engineio_echo \
	%D%/login \
	%D%/namespaces \
	%D%/private \
	%D%/rooms \
	%D%/signals \
	%D%/tls \
	%D%/web
examples_ack_LDADD = $(example_libs)
examples_auth_LDADD = $(example_libs)
examples_ban_LDADD = $(example_libs)
examples_binary_LDADD = $(example_libs)
examples_chat_LDADD = $(example_libs)
examples_cross_origin_LDADD = $(example_libs)
examples_echo_LDADD = $(example_libs)
examples_engineio_echo_LDADD = libengineio.la
examples_login_LDADD = $(example_libs)
examples_namespaces_LDADD = $(example_libs)
examples_private_LDADD = $(example_libs)
examples_rooms_LDADD = $(example_libs)
examples_signals_LDADD = $(example_libs)
examples_tls_LDADD = $(example_libs)
examples_web_LDADD = $(example_libs)

# Only where hiredis is.
if HAVE_HIREDIS
example_programs += %D%/history_redis
examples_history_redis_CPPFLAGS = $(AM_CPPFLAGS) $(HIREDIS_CFLAGS)
examples_history_redis_LDADD = $(example_libs) $(HIREDIS_LIBS)
endif
EXTRA_DIST += %D%/history_redis.c

check_PROGRAMS += $(example_programs)
