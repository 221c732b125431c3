# SPDX-License-Identifier: MIT
#
# examples/: one file each, compiled by "make check". A new example is two
# lines: its name in example_programs, and
# "examples_NAME_LDADD = $(example_libs)", without which it would link what the
# tests link.

example_libs = libsocketio.la libengineio.la $(JANSSON_LIBS)

example_programs =

check_PROGRAMS += $(example_programs)
