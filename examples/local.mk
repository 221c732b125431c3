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
	%D%/binary \
	%D%/chat \
	%D%/cross_origin \
	%D%/echo \
	%D%/engineio_echo \
	%D%/namespaces \
	%D%/rooms \
	%D%/signals \
	%D%/tls
examples_ack_LDADD = $(example_libs)
examples_auth_LDADD = $(example_libs)
examples_binary_LDADD = $(example_libs)
examples_chat_LDADD = $(example_libs)
examples_cross_origin_LDADD = $(example_libs)
examples_echo_LDADD = $(example_libs)
examples_engineio_echo_LDADD = libengineio.la
examples_namespaces_LDADD = $(example_libs)
examples_rooms_LDADD = $(example_libs)
examples_signals_LDADD = $(example_libs)
examples_tls_LDADD = $(example_libs)

check_PROGRAMS += $(example_programs)
