# SPDX-License-Identifier: MIT
#
# "make bench": the server under load beside its peers, as ratios of what they
# cost. BENCH_FLAGS="--quick --rounds 1" is a first look; tests/bench/run.mjs
# has the other switches.

EXTRA_PROGRAMS += %D%/bench/load %D%/bench/server %D%/bench/floor
tests_bench_load_SOURCES = %D%/bench/load.c %D%/bench/load.h \
	%D%/bench/client.c %D%/bench/client.h \
	%D%/bench/link.c %D%/bench/link.h \
	%D%/bench/measure.c %D%/bench/measure.h \
	%D%/bench/poll_client.c %D%/bench/ws_client.c \
	%D%/bench/scenario_broadcast.c %D%/bench/scenario_connect.c \
	%D%/bench/scenario_echo.c %D%/bench/scenario_gone.c \
	%D%/bench/scenario_idle.c %D%/bench/scenario_page.c \
	%D%/bench/scenario_slow.c
tests_bench_load_LDADD = libbase.la -lssl $(CRYPTO_LIBS)
tests_bench_server_SOURCES = %D%/bench/server.c
tests_bench_server_LDADD = libsocketio.la libengineio.la $(JANSSON_LIBS)
tests_bench_floor_SOURCES = %D%/bench/floor.c
tests_bench_floor_LDADD = libbase.la $(CRYPTO_LIBS)
CLEANFILES += $(EXTRA_PROGRAMS)

bench_npm = $(abs_builddir)/%D%/bench/npm

.PHONY: bench
bench: all-am $(EXTRA_PROGRAMS)
	-$(srcdir)/%D%/clients/fetch.sh '$(bench_npm)' '$(srcdir)/%D%/bench'
	NODE_MODULES_DIR='$(bench_npm)/node_modules' \
		node $(srcdir)/%D%/bench/run.mjs \
		--bin '$(abs_builddir)/%D%/bench' --out '$(abs_builddir)' \
		$(BENCH_FLAGS)

EXTRA_DIST += %D%/bench/.npmrc %D%/bench/package.json \
	%D%/bench/package-lock.json %D%/bench/run.mjs \
	%D%/bench/figures.mjs %D%/bench/table.mjs %D%/bench/draw.mjs \
	%D%/bench/peer_node.mjs %D%/bench/peer_bun.mjs

distclean-local: distclean-bench
distclean-bench:
	rm -rf '$(bench_npm)'
	rm -f bench.json bench.svg
