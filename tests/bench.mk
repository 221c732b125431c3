# SPDX-License-Identifier: MIT
#
# "make bench": the server under load beside its peers, as ratios of what they
# cost. BENCH_FLAGS="--quick --rounds 1" is a first look; tests/bench/run.mjs
# has the other switches.

EXTRA_PROGRAMS += %D%/bench/load %D%/bench/server %D%/bench/floor
tests_bench_load_SOURCES = %D%/bench/load.c %D%/bench/load.h \
	%D%/bench/client.c %D%/bench/client.h \
	%D%/bench/link.c %D%/bench/link.h \
	%D%/bench/measure.c %D%/bench/measure.h %D%/bench/options.c \
	%D%/bench/poll_client.c %D%/bench/ws_client.c \
	%D%/bench/scenario_broadcast.c %D%/bench/scenario_connect.c \
	%D%/bench/scenario_echo.c %D%/bench/scenario_gone.c \
	%D%/bench/scenario_idle.c %D%/bench/scenario_page.c \
	%D%/bench/scenario_slow.c
tests_bench_load_LDADD = libbase.la -lssl $(CRYPTO_LIBS)
tests_bench_server_SOURCES = %D%/bench/server.c
tests_bench_server_LDADD = libsocketio.la libengineio.la $(JANSSON_LIBS)
tests_bench_floor_SOURCES = %D%/bench/floor.c %D%/bench/floor.h \
	%D%/bench/floor_http.c %D%/bench/floor_packet.c \
	%D%/bench/floor_poll.c %D%/bench/floor_tls.c %D%/bench/floor_ws.c
tests_bench_floor_LDADD = libbase.la -lssl $(CRYPTO_LIBS)
CLEANFILES += $(EXTRA_PROGRAMS)

bench_npm = $(abs_builddir)/%D%/bench/npm
bench_tls = $(abs_builddir)/%D%/bench/tls
bench_programs = %D%/bench/load$(EXEEXT) %D%/bench/server$(EXEEXT) \
	%D%/bench/floor$(EXEEXT)
bench_environment = NODE_MODULES_DIR='$(bench_npm)/node_modules' \
	BENCH_CC='$(CC)' BENCH_CFLAGS='$(CFLAGS) $(SANITIZE_CFLAGS)'
run_bench = $(bench_environment) node $(srcdir)/%D%/bench/run.mjs \
	--bin '$(abs_builddir)/%D%/bench' --out '$(abs_builddir)' \
	--tls '$(bench_tls)/server'

.PHONY: bench bench-readme bench-write bench-profile check-bench prepare-bench
prepare-bench: all-am $(bench_programs) %D%/apps/make_certificates$(EXEEXT)
	$(MKDIR_P) '$(bench_tls)'
	$(make_certificates) '$(bench_tls)'
bench: prepare-bench
	-$(srcdir)/%D%/clients/fetch.sh '$(bench_npm)' '$(srcdir)/%D%/bench'
	$(run_bench) $(BENCH_FLAGS)

# What the README shows, within twenty minutes on two quiet cores: three
# rounds of everything, and then the table and the picture of what came out.
bench-readme: prepare-bench
	-$(srcdir)/%D%/clients/fetch.sh '$(bench_npm)' '$(srcdir)/%D%/bench'
	-$(run_bench) --rounds 3 --slices 6 --minutes 20 \
		$(BENCH_FLAGS)
	$(MAKE) $(AM_MAKEFLAGS) bench-write
# The same from the last bench.json.
bench-write:
	$(bench_environment) node $(srcdir)/%D%/bench/readme.mjs \
		'$(abs_builddir)/bench.json' '$(srcdir)/README.md'

# Where the CPU goes in some of its runs, as perf sees it (Debian: linux-perf):
# make bench-profile PROFILE_RUNS=echo1000,poll200 PROFILE_SERVERS=ours,floor
# PROFILE_FLAGS=--top\ 40
PROFILE_RUNS = echo100
PROFILE_SERVERS = ours,floor
bench-profile: prepare-bench
	$(bench_environment) node $(srcdir)/%D%/bench/profile.mjs \
		--bin '$(abs_builddir)/%D%/bench' --tls '$(bench_tls)/server' \
		--runs '$(PROFILE_RUNS)' --servers '$(PROFILE_SERVERS)' \
		$(PROFILE_FLAGS)

# Whether the benchmark itself works: each of its runs for a moment, and
# whether it sees answers that are wrong or never come. Needs no npm.
check-bench: prepare-bench
	node $(srcdir)/%D%/bench/check.mjs \
		'$(abs_builddir)/%D%/bench' '$(bench_tls)/server'

EXTRA_DIST += %D%/bench/.npmrc %D%/bench/package.json \
	%D%/bench/package-lock.json %D%/bench/run.mjs \
	%D%/bench/check.mjs %D%/bench/check_goals.mjs %D%/bench/draw.mjs %D%/bench/figures.mjs \
	%D%/bench/goals.mjs %D%/bench/liar.mjs %D%/bench/load.mjs \
	%D%/bench/machine.mjs %D%/bench/measure.mjs %D%/bench/peer_bun.mjs \
	%D%/bench/peer_node.mjs %D%/bench/profile.mjs %D%/bench/readme.mjs \
	%D%/bench/results.mjs %D%/bench/servers.mjs %D%/bench/table.mjs \
	%D%/bench/bench.svg

distclean-local: distclean-bench
distclean-bench:
	rm -rf '$(bench_npm)' '$(bench_tls)'
	rm -f bench.json bench.svg
