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
	%D%/test_advisories_eio \
	%D%/test_advisories_sio \
	%D%/test_advisories_ws \
	%D%/test_eio_chunked \
	%D%/test_eio_files \
	%D%/test_eio_files_large \
	%D%/test_eio_files_links \
	%D%/test_eio_http1 \
	%D%/test_eio_http1_conn \
	%D%/test_eio_http1_alike \
	%D%/test_eio_http_nomem \
	%D%/test_eio_http1_floods \
	%D%/test_eio_http1_limits \
	%D%/test_eio_request \
	%D%/test_eio_route \
	%D%/test_eio_reply \
	%D%/test_chat_chat \
	%D%/test_chat_history \
	%D%/test_chat_history_file \
	%D%/test_chat_options \
	%D%/test_chat_polling \
	%D%/test_chat_socketio \
	%D%/test_chat_websocket \
	%D%/test_eio_answer \
	%D%/test_eio_handshake \
	%D%/test_eio_broadcast \
	%D%/test_eio_close \
	%D%/test_eio_close_inside \
	%D%/test_eio_shutdown \
	%D%/test_eio_cors \
	%D%/test_eio_headers \
	%D%/test_eio_deflate \
	%D%/test_eio_deflate_came \
	%D%/test_eio_gate \
	%D%/test_eio_events \
	%D%/test_eio_heartbeat \
	%D%/test_eio_hook \
	%D%/test_eio_limits \
	%D%/test_eio_nomem \
	%D%/test_eio_polling \
	%D%/test_eio_polling_compress \
	%D%/test_eio_polling_long \
	%D%/test_eio_polling_post \
	%D%/test_eio_pressure \
	%D%/test_eio_queue \
	%D%/test_eio_queue_leaves \
	%D%/test_eio_refusal \
	%D%/test_eio_shortcuts \
	%D%/test_eio_stream \
	%D%/test_eio_upgrade \
	%D%/test_eio_upgrade_any \
	%D%/test_eio_upgrade_refused \
	%D%/test_eio_websocket \
	%D%/test_eio_wheel \
	%D%/test_eio_ws_extension \
	%D%/test_eio_ws_frame \
	%D%/test_eio_ws_route \
	%D%/test_sio_ack \
	%D%/test_sio_ack_list \
	%D%/test_sio_adapter \
	%D%/test_sio_answers \
	%D%/test_sio_backpressure \
	%D%/test_sio_binary \
	%D%/test_sio_binary_value \
	%D%/test_sio_broadcast \
	%D%/test_sio_catch_all \
	%D%/test_sio_client_files \
	%D%/test_sio_connect \
	%D%/test_sio_decoder \
	%D%/test_sio_disconnect \
	%D%/test_sio_dynamic \
	%D%/test_sio_dynamic_end \
	%D%/test_sio_nsp_delete \
	%D%/test_sio_emit \
	%D%/test_sio_end \
	%D%/test_sio_event_middleware \
	%D%/test_sio_fetch \
	%D%/test_sio_gate \
	%D%/test_sio_handlers \
	%D%/test_sio_json \
	%D%/test_sio_middleware \
	%D%/test_sio_msgpack \
	%D%/test_sio_msgpack_nomem \
	%D%/test_sio_nomem \
	%D%/test_sio_options \
	%D%/test_sio_packet \
	%D%/test_sio_parser \
	%D%/test_sio_protocol_4 \
	%D%/test_sio_recovery \
	%D%/test_sio_recovery_refused \
	%D%/test_sio_request \
	%D%/test_sio_reentrancy \
	%D%/test_sio_rooms \
	%D%/test_sio_run \
	%D%/test_sio_settings \
	%D%/test_sio_stringify \
	%D%/test_sio_tls \
	%D%/test_sio_wire \
	%D%/test_base_list \
	%D%/test_base_map \
	%D%/test_base_strbuf \
	%D%/test_base_utf8 \
	%D%/test_base_base64 \
	%D%/test_eio_packet \
	%D%/test_eio_payload \
	%D%/test_advisories_eio3 \
	%D%/test_eio_payload_v3 \
	%D%/test_eio_protocol_v3 \
	%D%/test_eio_jsonp \
	%D%/test_eio_sid \
	%D%/test_base_query \
	%D%/test_eio_ws_handshake \
	%D%/test_eio_compress \
	%D%/test_eio_loop \
	%D%/test_eio_address \
	%D%/test_eio_proxy \
	%D%/test_eio_tls \
	%D%/test_eio_tls_certificates \
	%D%/test_eio_tls_floods \
	%D%/test_eio_tls_ports \
	%D%/test_eio_tls_records \
	%D%/test_eio_trust \
	%D%/test_loopback \
	%D%/test_loopback_end \
	%D%/test_loopback_listen \
	%D%/test_loopback_loop \
	%D%/test_loopback_read \
	%D%/test_threads \
	%D%/test_loopback_tls \
	%D%/test_base_nomem

# With nghttp2.
if HAVE_NGHTTP2
unit_tests += \
	%D%/test_advisories_h2 \
	%D%/test_eio_http2 \
	%D%/test_eio_http2_limits \
	%D%/test_eio_http2_nomem \
	%D%/test_eio_http2_peers \
	%D%/test_eio_http2_room
endif

# A new fuzz target is one line: tests/fuzz/fuzz_query is tests/fuzz/fuzz_query.c
# with LLVMFuzzerTestOneInput, and its seeds are the files in
# tests/fuzz/seeds/query. "make check" feeds it the seeds, "make check-fuzz"
# whatever libFuzzer thinks of.
fuzz_targets = \
	%D%/fuzz/fuzz_forwarded \
	%D%/fuzz/fuzz_http1 \
	%D%/fuzz/fuzz_session \
	%D%/fuzz/fuzz_sio_decoder \
	%D%/fuzz/fuzz_sio_msgpack \
	%D%/fuzz/fuzz_sio_session \
	%D%/fuzz/fuzz_sio_server \
	%D%/fuzz/fuzz_ws_deflate \
	%D%/fuzz/fuzz_ws_frame \
	%D%/fuzz/fuzz_cookie \
	%D%/fuzz/fuzz_cors \
	%D%/fuzz/fuzz_payload \
	%D%/fuzz/fuzz_proxy \
	%D%/fuzz/fuzz_payload_v3 \
	%D%/fuzz/fuzz_gate \
	%D%/fuzz/fuzz_session_v3 \
	%D%/fuzz/fuzz_sio_session_v3 \
	%D%/fuzz/fuzz_query

if HAVE_NGHTTP2
fuzz_targets += %D%/fuzz/fuzz_http2
endif

# A new shell test is one line here.
shell_tests = \
	%D%/check-chat.sh \
	%D%/check-exports.sh \
	%D%/check-format.sh \
	%D%/check-headers.sh \
	%D%/check-layers.sh \
	%D%/check-readme.sh \
	%D%/check-style.sh

# Makes allocations fail.
nomem_ldflags = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
tests_test_sio_nomem_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free \
	-Wl,--wrap=strdup,--wrap=sio__client_open \
	-Wl,--wrap=sio__client_message,--wrap=sio__client_close \
	-Wl,--wrap=sio__socket_goodbye,--wrap=sio__admission_resume \
	-Wl,--wrap=sio__vettings_resume,--wrap=sio__outgoing_tell
tests_test_base_nomem_LDFLAGS = $(nomem_ldflags)
tests_test_eio_http2_peers_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=realloc
tests_test_sio_msgpack_nomem_LDFLAGS = $(nomem_ldflags)
tests_test_eio_http_nomem_LDFLAGS = $(nomem_ldflags) \
	-Wl,--wrap=strdup,--wrap=realpath
tests_test_eio_http2_nomem_LDFLAGS = $(nomem_ldflags)
tests_test_eio_nomem_LDFLAGS = $(nomem_ldflags) -Wl,--wrap=strdup

tests_test_sio_options_SOURCES = %D%/test_sio_options.c \
	%D%/option_effects.c %D%/option_effects.h

tests_test_chat_chat_LDADD = libchat.la $(LDADD)
tests_test_chat_history_LDADD = libchat.la $(LDADD)
tests_test_chat_history_file_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
tests_test_chat_history_file_LDADD = libchat.la $(LDADD) $(SQLITE_LIBS)
tests_test_chat_options_LDADD = libchat.la $(LDADD)
tests_test_chat_polling_LDADD = libchat.la $(LDADD)
tests_test_chat_socketio_LDADD = libchat.la $(LDADD)
tests_test_chat_websocket_LDADD = libchat.la $(LDADD)

# What the test programs share.
test_support_sources = %D%/fuzz/fuzz.h \
	%D%/fuzz/clients.c %D%/fuzz/clients.h \
	%D%/certificates.c %D%/certificates.h \
	%D%/fake_net.c %D%/fake_net.h \
	%D%/fake_client.c %D%/fake_client.h \
	%D%/fake_rows.c %D%/fake_rows.h \
	%D%/fake_sio.c %D%/fake_sio.h \
	%D%/fake_adapter.c %D%/fake_adapter.h \
	%D%/fake_app.c %D%/fake_app.h \
	%D%/fake_deflate.c %D%/fake_deflate.h \
	%D%/fake_desk.c %D%/fake_desk.h \
	%D%/fake_dynamic.c %D%/fake_dynamic.h \
	%D%/fake_gate.c %D%/fake_gate.h \
	%D%/fake_records.c %D%/fake_records.h \
	%D%/fake_site.c %D%/fake_site.h \
	%D%/fake_tls.c %D%/fake_tls.h \
	%D%/fake_tls_web.c %D%/fake_tls_web.h \
	%D%/fake_upgrade.c %D%/fake_upgrade.h \
	%D%/fake_visitor.c %D%/fake_visitor.h \
	%D%/fake_web.c %D%/fake_web.h

if HAVE_NGHTTP2
test_support_sources += %D%/fake_http2.c %D%/fake_http2.h
endif

# The fuzzer has a main() of its own.
if !FUZZING
test_support_sources += %D%/fuzz/replay.c
endif

test_libs = $(CMOCKA_LIBS) $(socketio_core_libs) $(engineio_core_libs)

# One archive, so that core and network may call each other.
check_LTLIBRARIES += %D%/libtest.la
tests_libtest_la_SOURCES = $(test_support_sources)
tests_libtest_la_LIBADD = libsocketio-core.la libengineio-core.la libbase.la

LDADD = %D%/libtest.la $(test_libs)

# The tests of the network itself call what the libraries hide. Here too the
# two parts are in one archive.
check_LTLIBRARIES += %D%/libloopback.la
tests_libloopback_la_SOURCES = %D%/loopback.c %D%/loopback.h \
	%D%/certificates.c %D%/certificates.h
tests_libloopback_la_LIBADD = libengineio-core.la libengineio-net.la \
	libbase.la
loopback_libs = %D%/libloopback.la $(LWS_LIBS) $(EV_LIBS) \
	$(engineio_core_libs) $(CMOCKA_LIBS)
tests_test_loopback_LDADD = $(loopback_libs)
tests_test_loopback_end_LDADD = $(loopback_libs)
tests_test_loopback_listen_LDADD = $(loopback_libs)
tests_test_loopback_loop_LDADD = $(loopback_libs)
tests_test_loopback_read_LDADD = $(loopback_libs)
tests_test_loopback_tls_LDADD = $(loopback_libs)

network_test_libs = libsocketio.la libengineio.la $(CMOCKA_LIBS) \
	$(JANSSON_LIBS)
tests_test_sio_end_LDADD = $(network_test_libs)
tests_test_threads_LDADD = $(network_test_libs) -lpthread

if HAVE_CMOCKA
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
else
TESTS += %D%/check-cmocka.sh
endif
check_PROGRAMS += $(fuzz_targets)
TESTS += $(fuzz_targets) $(shell_tests)
EXTRA_DIST += $(shell_tests) %D%/check-cmocka.sh %D%/rules.sh \
	%D%/exports/libengineio %D%/exports/libsocketio \
	%D%/run-all.sh %D%/fuzz/run.sh %D%/fuzz/seeds

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
check-browser: all-am client-files %D%/apps/reference_app$(EXEEXT)
	SOCKETIO_CHAT_DATA='$(abs_builddir)/data' \
		REFERENCE_APP='$(abs_builddir)/%D%/apps/reference_app$(EXEEXT)' \
		$(srcdir)/%D%/browser/run.sh browser-tests \
		'$(abs_builddir)/src/socketio-chat$(EXEEXT)'
EXTRA_DIST += %D%/browser/run.sh %D%/browser/package.json \
	%D%/browser/package-lock.json %D%/browser/.npmrc \
	%D%/browser/main.mjs %D%/browser/harness.mjs %D%/browser/server.mjs \
	%D%/browser/browser.mjs %D%/browser/reference_chat.mjs \
	%D%/browser/chat_page.mjs %D%/browser/chat_course.mjs \
	%D%/browser/app.mjs %D%/browser/cross_origin.mjs \
	%D%/browser/deflate.mjs %D%/browser/old_client.mjs \
	%D%/browser/course.mjs %D%/browser/course_pages.mjs \
	%D%/browser/ways_page.mjs

# The other tiers, for "make check-fuzz" and so on; ./bootstrap check runs all
# of them. They have builds of their own below this one.
.PHONY: check-sanitizers check-valgrind check-threads check-fuzz

# sub_build(FOLDER, ARGUMENTS OF CONFIGURE)
define_sub_build = sub_build() { \
	$(MKDIR_P) "$$1" && \
	if test ! -f "$$1/config.status"; then \
		(dir=$$1 && shift && cd "$$dir" && \
		'$(abs_top_srcdir)/configure' -q "$$@"); \
	fi; \
}

check-sanitizers:
	@$(define_sub_build); sub_build sanitizers --enable-sanitizers \
		--enable-werror CC='$(CC)' CFLAGS='-g -O1'
	$(MAKE) -C sanitizers check shell_tests=

# The programs that have more than one thread, under the thread sanitizer.
threads_tests = %D%/test_loopback_loop %D%/test_threads
check-threads:
	@$(define_sub_build); sub_build threads --enable-werror \
		CC='$(CC) -fsanitize=thread' CFLAGS='-g -O1'
	$(MAKE) -C threads $(threads_tests)
	$(MAKE) -C threads check-TESTS TESTS='$(threads_tests)'

valgrind_command = $(LIBTOOL) --silent --mode=execute $(VALGRIND) -q \
	--leak-check=full --errors-for-leak-kinds=definite,possible \
	--error-exitcode=9
check-valgrind: all-am $(check_LTLIBRARIES) $(check_PROGRAMS)
	@test -n '$(VALGRIND)' || { echo 'valgrind is missing'; exit 1; }
	$(MAKE) check-TESTS TESTS='$(unit_tests)' \
		LOG_COMPILER='$(valgrind_command)'

check-fuzz:
	@$(define_sub_build); sub_build fuzzing --enable-fuzzing \
		--enable-sanitizers --enable-werror CC=clang CFLAGS='-g -O1'
	$(MAKE) -C fuzzing $(fuzz_targets)
	$(srcdir)/%D%/fuzz/run.sh fuzzing $(notdir $(fuzz_targets))

# After "make install": what an application sees of it.
installcheck-local:
	CC='$(CC)' CFLAGS='$(SANITIZE_CFLAGS)' PKG_CONFIG='$(PKG_CONFIG)' \
		$(srcdir)/%D%/check-install.sh '$(libdir)' '$(bindir)' \
		'$(pkgdatadir)'
EXTRA_DIST += %D%/check-install.sh

distclean-local: distclean-sub-builds
distclean-sub-builds:
	rm -rf sanitizers threads fuzzing browser-tests

# Stock clients, the official server side by side, a soak.
include tests/clients.mk

# The benchmark.
include tests/bench.mk
