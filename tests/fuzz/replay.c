/* SPDX-License-Identifier: MIT */
/*
 * The main() of a fuzz target when there is no fuzzer: feeds it its seeds,
 * whole and cut off after each byte, so that "make check" runs the same code
 * with any compiler. The seeds of fuzz_query are the files in
 * tests/fuzz/seeds/query. Speaks TAP, one line per seed.
 *
 * With file names as arguments it feeds those instead, which is how a crash
 * that the fuzzer found is looked at in a debugger.
 */
#include <config.h>

#include <tests/fuzz/fuzz.h>

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Beyond this many bytes a seed is not cut at every one of them. */
#define CUT_LIMIT 2048

/* A block of its own of just that size: one byte too far is then seen. */
static int feed(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		return -1;
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
	return 0;
}

static int feed_all(const uint8_t *data, size_t size)
{
	size_t cut = size > CUT_LIMIT ? size : 0;

	for (; cut <= size; cut++) {
		if (feed(data, cut))
			return -1;
	}
	return 0;
}

static int feed_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	static uint8_t data[1 << 20];
	size_t size;

	if (!file)
		return -1;
	size = fread(data, 1, sizeof data, file);
	fclose(file);
	return feed_all(data, size);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_seed(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int replay_folder(const char *folder)
{
	struct dirent **seeds;
	int failed = 0;
	int n = -1;
	int i;

	if (!chdir(folder))
		n = scandir(".", &seeds, is_seed, by_name);
	if (n <= 0) {
		printf("Bail out! no seeds in %s\n", folder);
		return 1;
	}
	printf("1..%d\n", n);
	for (i = 0; i < n; i++) {
		int bad = feed_file(seeds[i]->d_name);

		failed |= bad;
		printf("%sok %d - %s\n", bad ? "not " : "", i + 1,
			seeds[i]->d_name);
		free(seeds[i]);
	}
	free(seeds);
	return failed != 0;
}

int main(int argc, char **argv)
{
	const char *top = getenv("top_srcdir");
	const char *name = strstr(program_invocation_short_name, "fuzz_");
	char folder[4096];
	int i;

	for (i = 1; i < argc; i++) {
		if (feed_file(argv[i])) {
			fprintf(stderr, "%s: cannot be read\n", argv[i]);
			return 1;
		}
	}
	if (argc > 1)
		return 0;
	snprintf(folder, sizeof folder, "%s/tests/fuzz/seeds/%s",
		top ? top : ".", name ? name + strlen("fuzz_") : "");
	return replay_folder(folder);
}
