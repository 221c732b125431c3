/* SPDX-License-Identifier: MIT */
/*
 * The same as fuzz_session, with clients of Engine.IO 3.
 */
#define REVISION 3
#include <tests/fuzz/fuzz_session.c>
