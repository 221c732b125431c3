# SPDX-License-Identifier: MIT
#
# What speaks to the server from outside, in JavaScript: the stock clients
# ("make check-clients"), the official server side by side with ours
# ("make check-compare") and a soak ("make check-soak"). All of them talk to
# apps/reference_app, and need Node and npm.

check_PROGRAMS += %D%/apps/reference_app
tests_apps_reference_app_SOURCES = %D%/apps/reference_app.c \
	%D%/apps/reference_app.h %D%/apps/reference_events.c
tests_apps_reference_app_LDADD = libsocketio.la libengineio.la \
	$(JANSSON_LIBS)

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
	SIO_SERVER='$(reference_app)' node $(srcdir)/%D%

.PHONY: check-clients check-compare check-soak
check-clients: all-am %D%/apps/reference_app$(EXEEXT) \
		%D%/apps/client_suite_app$(EXEEXT) \
		%D%/apps/make_certificates$(EXEEXT)
	$(run_with_npm)/clients/run.mjs
check-compare: all-am client-files %D%/apps/reference_app$(EXEEXT)
	$(run_with_npm)/compare/run.mjs
check-soak: all-am %D%/apps/reference_app$(EXEEXT)
	$(run_with_npm)/soak/run.mjs

EXTRA_DIST += %D%/differences.md \
	%D%/apps/client_suite_app.mjs %D%/apps/reference_app.md \
	%D%/apps/reference_app.mjs \
	%D%/clients/.npmrc %D%/clients/fetch.sh \
	%D%/clients/package.json %D%/clients/package-lock.json \
	%D%/clients/run.mjs %D%/clients/harness.mjs \
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
	%D%/soak/run.mjs %D%/soak/aborts.mjs

distclean-local: distclean-npm
distclean-npm:
	rm -rf '$(npm_folder)'
