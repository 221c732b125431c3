# SPDX-License-Identifier: MIT
#
# What speaks to the server from outside, in JavaScript: the stock clients
# ("make check-clients"), the official server side by side with ours
# ("make check-compare") and a soak ("make check-soak"). All of them talk to
# apps/reference_app, and need Node and npm. "make check-http2" talks to
# socketio-chat over HTTP/2, and needs Node, curl and h2load.

check_PROGRAMS += %D%/apps/reference_app
tests_apps_reference_app_SOURCES = %D%/apps/reference_app.c \
	%D%/apps/reference_app.h %D%/apps/reference_events.c
tests_apps_reference_app_LDADD = libsocketio.la libengineio.la \
	$(JANSSON_LIBS)

# The chat of 44 lines has its port written into it.
check_PROGRAMS += %D%/apps/chat_example
nodist_tests_apps_chat_example_SOURCES = %D%/apps/chat_example.c
tests_apps_chat_example_LDADD = libsocketio.la libengineio.la \
	$(JANSSON_LIBS)
%D%/apps/chat_example.c: examples/chat.c
	$(AM_V_GEN)$(MKDIR_P) %D%/apps && \
	{ echo '#include <stdlib.h>' && \
		$(SED) 's/8080/(int)strtol(getenv("PORT"), NULL, 10)/' \
			$(srcdir)/examples/chat.c; } >$@
CLEANFILES += %D%/apps/chat_example.c

# The servers of the clients' own test suites.
check_PROGRAMS += %D%/apps/client_suite_app
tests_apps_client_suite_app_SOURCES = %D%/apps/client_suite_app.c \
	%D%/apps/client_suite_app.h %D%/apps/client_suite_eio.c \
	%D%/apps/client_suite_sio.c
tests_apps_client_suite_app_LDADD = libsocketio.la libengineio.la \
	$(JANSSON_LIBS)
check_PROGRAMS += %D%/apps/make_certificates
tests_apps_make_certificates_SOURCES = %D%/apps/make_certificates.c \
	%D%/certificates.c %D%/certificates.h
# An object of its own: others have it in a library.
tests_apps_make_certificates_CFLAGS = $(AM_CFLAGS)
tests_apps_make_certificates_LDADD = $(CRYPTO_LIBS)
make_certificates = \
	$(abs_builddir)/%D%/apps/make_certificates$(EXEEXT)

npm_folder = $(abs_builddir)/%D%/npm
reference_app = $(abs_builddir)/%D%/apps/reference_app$(EXEEXT)
run_with_npm = $(srcdir)/%D%/clients/fetch.sh '$(npm_folder)' && \
	NODE_MODULES_DIR='$(npm_folder)/node_modules' \
	SOCKETIO_CHAT_DATA='$(abs_builddir)/data' \
	SIO_MAKE_CERTIFICATES='$(make_certificates)' \
	SIO_EXAMPLES='$(abs_builddir)/examples' \
	SIO_EXAMPLES_UNDER='$(examples_under)' \
	SIO_CHAT='$(abs_builddir)/src/socketio-chat$(EXEEXT)' \
	SIO_SERVER='$(reference_app)' node $(srcdir)/%D%
# Where valgrind is, and no sanitizer, which it does not get on with.
examples_under = $(if $(VALGRIND),$(if $(SANITIZE_CFLAGS),, \
	$(SHELL) $(abs_top_builddir)/libtool --silent --mode=execute \
	$(VALGRIND) -q --leak-check=full \
	--errors-for-leak-kinds=definite$(comma)possible --error-exitcode=9))
comma = ,

.PHONY: check-clients check-compare check-soak check-ways check-http2
check-clients: all-am $(example_programs) %D%/apps/chat_example$(EXEEXT) \
		%D%/apps/reference_app$(EXEEXT) \
		%D%/apps/client_suite_app$(EXEEXT) \
		%D%/apps/make_certificates$(EXEEXT)
	$(run_with_npm)/clients/run.mjs
check-compare: all-am client-files %D%/apps/reference_app$(EXEEXT)
	$(run_with_npm)/compare/run.mjs
check-ways: all-am
	$(run_with_npm)/ways/run.mjs
check-soak: all-am %D%/apps/reference_app$(EXEEXT)
	$(run_with_npm)/soak/run.mjs
	$(run_with_npm)/soak/chat.mjs

if HAVE_NGHTTP2
check-http2: all-am
	SIO_CHAT='$(abs_builddir)/src/socketio-chat$(EXEEXT)' \
		SIO_PUBLIC='$(abs_srcdir)/public' \
		node $(srcdir)/%D%/http2/run.mjs $(if $(SANITIZE_CFLAGS),,memory)
else
check-http2:
	@echo 'skipped: built without nghttp2'; echo '0 passed, 0 failed, 1 skipped'
endif

EXTRA_DIST += %D%/differences.md \
	%D%/apps/client_suite_app.mjs %D%/apps/reference_app.md \
	%D%/apps/reference_app.mjs \
	%D%/clients/.npmrc %D%/clients/fetch.sh \
	%D%/clients/package.json %D%/clients/package-lock.json \
	%D%/clients/run.mjs %D%/clients/harness.mjs \
	%D%/clients/examples.mjs %D%/clients/examples/basic.mjs \
	%D%/clients/examples/people.mjs %D%/clients/examples/redis.mjs \
	%D%/clients/examples/web.mjs \
	%D%/clients/certificates.mjs \
	%D%/clients/deadline.mjs %D%/clients/server.mjs \
	%D%/clients/python.mjs %D%/clients/python.py \
	%D%/clients/stock.mjs %D%/clients/suite.mjs \
	%D%/clients/cases/binary.mjs %D%/clients/cases/connect.mjs \
	%D%/clients/cases/deflate.mjs \
	%D%/clients/cases/slow.mjs \
	%D%/clients/cases/disconnect.mjs %D%/clients/cases/events.mjs \
	%D%/clients/cases/headers.mjs \
	%D%/clients/cases/load.mjs %D%/clients/cases/mixed.mjs \
	%D%/clients/cases/msgpack.mjs %D%/clients/cases/old.mjs \
	%D%/clients/cases/recovery.mjs %D%/clients/cases/rooms.mjs \
	%D%/clients/cases/tls.mjs \
	%D%/compare/run.mjs %D%/compare/case.mjs %D%/compare/wire.mjs \
	%D%/compare/differences.mjs \
	%D%/compare/cases/cors.mjs %D%/compare/cases/headers.mjs \
	%D%/compare/cases/deflate.mjs %D%/compare/cases/files.mjs \
	%D%/compare/cases/http.mjs \
	%D%/compare/cases/msgpack.mjs %D%/compare/cases/namespaces.mjs \
	%D%/compare/cases/packets.mjs %D%/compare/cases/polling.mjs \
	%D%/compare/cases/eio3.mjs %D%/compare/cases/recovery.mjs \
	%D%/compare/cases/session.mjs %D%/compare/cases/upgrade.mjs \
	%D%/compare/cases/websocket.mjs \
	%D%/http2/run.mjs %D%/http2/chat.mjs \
	%D%/soak/run.mjs %D%/soak/aborts.mjs \
	%D%/soak/chat.mjs %D%/soak/chat_aborts.mjs \
	%D%/ways/run.mjs %D%/ways/ways.mjs

distclean-local: distclean-npm
distclean-npm:
	rm -rf '$(npm_folder)'
