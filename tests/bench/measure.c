/* SPDX-License-Identifier: MIT */
/*
 * measure.c: histogram and /proc. The histogram has 32 buckets for each power
 * of two, so its error does not depend on the size of the duration.
 */
#include <config.h>

#include "measure.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STEP_BITS 5
#define STEPS     (1u << STEP_BITS)

static unsigned bucket_of(uint64_t ns)
{
	unsigned power;

	if (ns < STEPS)
		return (unsigned)ns;
	power = 63 - (unsigned)__builtin_clzll(ns);
	return (power - STEP_BITS + 1) * STEPS +
		(unsigned)(ns >> (power - STEP_BITS) & (STEPS - 1));
}

static uint64_t value_of(unsigned bucket)
{
	unsigned power;

	if (bucket < STEPS)
		return bucket;
	power = bucket / STEPS + STEP_BITS - 1;
	return (uint64_t)(STEPS + bucket % STEPS) << (power - STEP_BITS);
}

void histogram_add(struct histogram *h, uint64_t ns)
{
	h->bucket[bucket_of(ns)]++;
	h->n++;
}

uint64_t histogram_quantile(const struct histogram *h, double share)
{
	uint64_t seen = 0, want = (uint64_t)((double)h->n * share);
	unsigned i;

	for (i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += h->bucket[i];
		if (seen > want)
			return value_of(i);
	}
	return 0;
}

/* -- /proc ---------------------------------------------------------------- */

static uint64_t thread_cpu_ns(long pid, const char *thread)
{
	unsigned long long ns = 0;
	char path[300];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/task/%s/schedstat", pid,
		thread);
	f = fopen(path, "r");
	if (!f)
		return 0;
	if (fscanf(f, "%llu", &ns) != 1)
		ns = 0;
	fclose(f);
	return ns;
}

uint64_t process_cpu_ns(long pid)
{
	struct dirent *entry;
	uint64_t sum = 0;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%ld/task", pid);
	dir = opendir(path);
	if (!dir)
		return 0;
	for (entry = readdir(dir); entry; entry = readdir(dir))
		if (entry->d_name[0] != '.')
			sum += thread_cpu_ns(pid, entry->d_name);
	closedir(dir);
	return sum;
}

/* /proc/PID/stat: the name in brackets, and then the fields from the third on;
 * the 14th and 15th are user and kernel. */
struct cpu_ticks process_ticks(long pid)
{
	unsigned long long user = 0, kernel = 0;
	char path[64], line[1000];
	const char *at = NULL;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	f = fopen(path, "r");
	if (!f)
		return (struct cpu_ticks){ 0 };
	if (fgets(line, sizeof(line), f))
		at = strrchr(line, ')');
	fclose(f);
	if (!at ||
		sscanf(at + 1,
			" %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u "
			"%llu %llu",
			&user, &kernel) != 2)
		return (struct cpu_ticks){ 0 };
	return (struct cpu_ticks){ user, kernel };
}

static size_t status_bytes(long pid, const char *name)
{
	char path[64], line[200];
	size_t kb = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/status", pid);
	f = fopen(path, "r");
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)))
			kb = strtoul(line + strlen(name), NULL, 10);
	fclose(f);
	return kb * 1024;
}

size_t process_memory(long pid)
{
	return status_bytes(pid, "VmRSS:");
}

/* /proc/stat: user nice system idle iowait irq softirq steal ... in ticks. */
uint64_t machine_cpu_ns(void)
{
	unsigned long long t[8] = { 0 };
	FILE *f = fopen("/proc/stat", "r");

	if (!f)
		return 0;
	if (fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &t[0],
		    &t[1], &t[2], &t[3], &t[4], &t[5], &t[6], &t[7]) != 8)
		memset(t, 0, sizeof(t));
	fclose(f);
	return (t[0] + t[1] + t[2] + t[5] + t[6] + t[7]) * 1000000000u /
		(uint64_t)sysconf(_SC_CLK_TCK);
}

uint64_t own_cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

size_t process_memory_peak(long pid)
{
	return status_bytes(pid, "VmHWM:");
}
