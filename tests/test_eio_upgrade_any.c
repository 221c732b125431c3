/* SPDX-License-Identifier: MIT */
/*
 * test_eio_upgrade_any.c: from polling to WebSocket, at every boundary of a
 * conversation.
 */
#include <config.h>

#include "fake_upgrade.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SEP "\x1e"

#define ROUNDS 5

/* A client that upgrades in the middle of a conversation: in each round it
 * says something, hears something and polls. */
struct story {
	struct fake_app *app;
	struct fake_poll *p;
	struct fake_ws *ws;
	bool switched;
	unsigned said, sent, heard;
};

/* Packets are numbered; whatever comes must be the next one. */
static void hear(struct story *st, const char *packet)
{
	char next[16];

	if (strcmp(packet, "6") == 0)
		return;
	snprintf(next, sizeof(next), "4%u", st->heard);
	assert_string_equal(packet, next);
	st->heard++;
}

static void hear_all(struct story *st, const char *payload)
{
	char packet[64];
	size_t n;

	for (; *payload; payload += n + (payload[n] != 0)) {
		n = strcspn(payload, SEP);
		assert_true(n < sizeof(packet));
		memcpy(packet, payload, n);
		packet[n] = 0;
		hear(st, packet);
	}
}

/* Takes what has come, without asking for more. */
static void listen_up(struct story *st)
{
	const char *text;

	if (st->p->get) {
		text = fake_poll_next(st->p);
		if (text)
			hear_all(st, text);
	}
	while (st->switched) {
		text = fake_ws_next(st->ws);
		if (!text)
			break;
		hear(st, text);
	}
}

static void say(struct story *st)
{
	char packet[16], told[32];

	snprintf(packet, sizeof(packet), "4%u", st->said);
	snprintf(told, sizeof(told), "text %u", st->said++);
	if (st->switched)
		fake_ws_send(st->ws, packet);
	else
		assert_int_equal(fake_poll_post(st->p, packet), 200);
	assert_string_equal(fake_app_told(st->app), told);
}

static void answer(struct story *st)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", st->sent++);
	assert_true(fake_app_send(st->app, text));
	fake_turn(st->app->loop);
}

/* What the client does to upgrade, in three steps. */
static void upgrade_step(struct story *st, int step)
{
	switch (step) {
	case 0:
		st->ws = fake_poll_candidate(st->p);
		assert_non_null(st->ws);
		break;
	case 1:
		fake_ws_send(st->ws, "2probe");
		assert_string_equal(fake_ws_next(st->ws), "3probe");
		break;
	case 2:
		/* Its poll has to return first, at the latest with a noop. */
		listen_up(st);
		if (st->p->get)
			fake_advance(st->app->loop, 100);
		listen_up(st);
		assert_null(st->p->get);
		st->switched = true;
		fake_ws_send(st->ws, "5");
		break;
	}
}

static void conversation_step(struct story *st, int step)
{
	switch (step % 4) {
	case 0:
		if (!st->switched)
			fake_poll_get(st->p);
		break;
	case 1:
		say(st);
		break;
	case 2:
		answer(st);
		break;
	case 3:
		answer(st);
		listen_up(st);
		break;
	}
}

/* The whole conversation, with the steps of the upgrade at these places. */
static void converse(struct fake_app *app, const int at[3])
{
	struct story st = { .app = app, .p = fake_app_poll(app) };
	int step, i;

	for (step = 0; step <= 4 * ROUNDS; step++) {
		for (i = 0; i < 3; i++)
			if (at[i] == step)
				upgrade_step(&st, i);
		if (step < 4 * ROUNDS)
			conversation_step(&st, step);
	}
	listen_up(&st);
	if (!st.switched)
		hear_all(&st, fake_poll_next(st.p));
	assert_int_equal(st.said, ROUNDS);
	assert_int_equal(st.heard, st.sent);
	fake_ws_free(st.ws);
	fake_poll_free(st.p);
	fake_app_told(app);
}

static void upgrade__at_every_boundary__loses_and_swaps_nothing(void **state)
{
	int at[3];

	for (at[0] = 0; at[0] <= 4 * ROUNDS; at[0]++)
		for (at[1] = at[0]; at[1] <= 4 * ROUNDS; at[1]++)
			for (at[2] = at[1]; at[2] <= 4 * ROUNDS; at[2]++)
				converse(*state, at);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_app_setup, fake_app_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(upgrade__at_every_boundary__loses_and_swaps_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
