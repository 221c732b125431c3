/* SPDX-License-Identifier: MIT */
/*
 * The same as fuzz_session, with an application that is asked about every
 * request: by two hooks, for its consent and for an id; and that answers at
 * once, later, otherwise, or never.
 */
#define GATED 1
#include <tests/fuzz/fuzz_session.c>
