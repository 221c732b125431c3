# SPDX-License-Identifier: MIT
#
# client/: the browser bundles of socket.io-client, at the version pinned in
# package.json. They are fetched by "make client-files" alone (./bootstrap
# does it); whatever is there then is installed, and without it everything
# else is.

EXTRA_DIST += %D%/fetch.sh %D%/prepare.sh %D%/compress.mjs \
	%D%/package.json %D%/package-lock.json %D%/.npmrc

all-local: data/public $(client_files_given)
data/public:
	@$(MKDIR_P) data && $(LN_S) '$(abs_srcdir)/public' $@

client_filesdir = $(pkgdatadir)/client

.PHONY: client-files
if WITH_CLIENT_DIR
client_files_given = data/client/version
client-files: $(client_files_given)
data/client/version: $(srcdir)/%D%/prepare.sh config.status
	$(AM_V_GEN)$(srcdir)/%D%/prepare.sh '$(CLIENT_DIR)' data/client
else
client-files:
	$(AM_V_GEN)$(srcdir)/%D%/fetch.sh data
endif

install-data-local:
	@if test -f data/client/version; then \
		$(MKDIR_P) '$(DESTDIR)$(client_filesdir)' && \
		$(INSTALL_DATA) data/client/* '$(DESTDIR)$(client_filesdir)'; \
	else \
		echo "no browser bundles to install (make client-files)"; \
	fi

uninstall-local:
	cd '$(DESTDIR)$(client_filesdir)' 2>/dev/null && \
		rm -f version LICENSE socket.io.* || :

distclean-local: distclean-data
distclean-data:
	rm -rf data

# A build out of the tarball finds the bundles of this one, if there are any.
AM_DISTCHECK_CONFIGURE_FLAGS = $$(test ! -f '$(abs_builddir)/data/client/version' \
	|| echo '--with-client-dir=$(abs_builddir)/data/client')
