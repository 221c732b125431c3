/* SPDX-License-Identifier: MIT */
/*
 * What a fuzz target defines: the one function that libFuzzer, and replay.c
 * without it, calls with bytes. Any bytes: it may find them wrong, but it
 * may not crash, leak, or take long over them. Returns 0.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
