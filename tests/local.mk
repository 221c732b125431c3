# SPDX-License-Identifier: MIT
#
# tests/: a new test program is one line in unit_tests: its source is the file
# of the same name (tests/test_eio_packet -> tests/test_eio_packet.c). Only if
# it has more than one it needs "tests_test_eio_packet_SOURCES = ..." as well.
#
# All of them link the libraries without a network, and tests/fake_net.c in the
# place of one. A test on the real network says so with an LDADD of its own:
# "tests_test_loopback_LDADD = $(network_test_libs)".

unit_tests = \
	%D%/test_eio_wheel

# A new shell test is one line here.
shell_tests = \
	%D%/check-format.sh \
	%D%/check-headers.sh \
	%D%/check-layers.sh \
	%D%/check-style.sh

# What the test programs share.
test_support_sources =

test_libs = $(CMOCKA_LIBS) $(socketio_core_libs) $(engineio_core_libs)

# One archive, so that core and network may call each other.
check_LTLIBRARIES += %D%/libtest.la
tests_libtest_la_SOURCES = $(test_support_sources)
tests_libtest_la_LIBADD = libsocketio-core.la libengineio-core.la libbase.la

LDADD = %D%/libtest.la $(test_libs)
network_test_libs = libsocketio.la libengineio.la $(CMOCKA_LIBS) \
	$(JANSSON_LIBS)

if HAVE_CMOCKA
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
else
TESTS += %D%/check-cmocka.sh
endif
TESTS += $(shell_tests)
EXTRA_DIST += $(shell_tests) %D%/check-cmocka.sh %D%/check-exports.sh \
	%D%/rules.sh

# cmocka takes SIGSEGV for itself unless the sanitizer insists on it.
AM_TESTS_ENVIRONMENT = \
	CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	ASAN_OPTIONS=$${ASAN_OPTIONS:-handle_segv=2}; export ASAN_OPTIONS; \
	top_srcdir='$(abs_top_srcdir)'; export top_srcdir; \
	top_builddir='$(abs_top_builddir)'; export top_builddir; \
	SOCKETIO_CHAT_DATA='$(abs_builddir)/data'; export SOCKETIO_CHAT_DATA; \
	CC='$(CC)'; export CC; \
	NM='$(NM)'; export NM;

# Programs speak TAP; shell tests answer with their exit status.
TEST_EXTENSIONS = .sh
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) \
	$(top_srcdir)/build-aux/tap-driver.sh

# Chromium, our page and the course's, against the program: "make
# check-browser". Needs node, npm and Chromium; exit status 77 without them.
.PHONY: check-browser
check-browser: all
	SOCKETIO_CHAT_DATA='$(abs_builddir)/data' \
		$(srcdir)/%D%/browser/run.sh %D%/browser \
		'$(abs_builddir)/src/socketio-chat$(EXEEXT)'
EXTRA_DIST += %D%/browser/run.sh %D%/browser/package.json \
	%D%/browser/package-lock.json %D%/browser/.npmrc \
	%D%/browser/main.mjs %D%/browser/harness.mjs %D%/browser/server.mjs \
	%D%/browser/browser.mjs %D%/browser/reference_chat.mjs \
	%D%/browser/chat_page.mjs %D%/browser/chat_course.mjs \
	%D%/browser/course.mjs
