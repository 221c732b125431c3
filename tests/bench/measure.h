/* SPDX-License-Identifier: MIT */
/*
 * measure.h: what the load generator writes down: durations in a histogram,
 * and what the server has taken of the machine, from /proc.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>

#define HISTOGRAM_BUCKETS 2048

/* Durations, each to within 3 %. */
struct histogram {
	uint64_t n;
	uint64_t bucket[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *h, uint64_t ns);
/* Nanoseconds that this share of all durations did not exceed. */
uint64_t histogram_quantile(const struct histogram *h, double share);

/* CPU time of all threads of the process in nanoseconds. 0: no such
 * process. */
uint64_t process_cpu_ns(long pid);

/* The same in ticks of sysconf(_SC_CLK_TCK), usually 10 ms, by where it went.
 * The sum is exact to a tick. The split is a sample: what the timer's
 * interrupt found, 100 to 1000 times for each second on a core, unless the
 * machine was started with nohz_full. Of a second of CPU at 250 Hz a share of
 * 90 % is told to within 4 points, and of little CPU nothing is. */
struct cpu_ticks {
	uint64_t user, kernel;
};
struct cpu_ticks process_ticks(long pid);

/* Resident memory in bytes, now and at most so far. */
size_t process_memory(long pid);
size_t process_memory_peak(long pid);
/* CPU time of everything on the machine, what its host took away included. */
uint64_t machine_cpu_ns(void);
/* CPU time of this process. */
uint64_t own_cpu_ns(void);

#endif
