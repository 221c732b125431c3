/* SPDX-License-Identifier: MIT */
/*
 * test_chat_websocket.c: the chat over plain WebSockets, and together with
 * the other ways in.
 */
#include <config.h>

#include <src/chat_polling.h>
#include <src/chat_socketio.h>
#include <src/chat_stream.h>
#include <src/chat_websocket.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_sio.h"

#define FIRST "{\"user\":\"brian\",\"text\":\"hi\",\"time\":5}"
#define ANN   "{\"user\":\"ann\",\"time\":5}"

static struct chat *chat;
static struct chat_hub way;
static struct chat_polling polling;
static struct chat_hub streams;
static struct chat_socketio *socketio;

static int64_t five(void *user)
{
	return 5;
}

static int setup(void **state)
{
	eio_server *engine;

	sio_setup(state);
	engine = sio_server_engine(srv);
	chat = chat_new(five, NULL);
	assert_non_null(chat);
	assert_int_equal(chat_websocket_start(&way, chat, engine), 0);
	assert_int_equal(chat_polling_start(&polling, chat, engine, 0), 0);
	assert_int_equal(chat_stream_start(&streams, chat, engine), 0);
	socketio = chat_socketio_new(chat, srv);
	assert_non_null(socketio);
	return 0;
}

static int teardown(void **state)
{
	sio_teardown(state);
	chat_hub_clear(&way);
	chat_hub_clear(&streams);
	chat_socketio_free(socketio);
	chat_free(chat);
	return 0;
}

static struct fake_ws *visitor(void)
{
	struct fake_ws *ws = fake_ws_open_with(loop, "/",
		"Sec-WebSocket-Protocol: json\r\n");

	assert_non_null(ws);
	assert_string_equal(fake_ws_next(ws), "{\"msg\":[" FIRST "]}");
	return ws;
}

static void chat_websocket__post__is_told_to_all(void **state)
{
	struct fake_ws *ann = visitor(), *bob = visitor();

	fake_ws_send(ann, "{\"user\":\"ann\"}");
	assert_string_equal(fake_ws_next(ann), "{\"msg\":[" ANN "," FIRST "]}");
	assert_string_equal(fake_ws_next(bob), "{\"msg\":[" ANN "," FIRST "]}");
	fake_ws_free(ann);
	fake_ws_send(bob, "{}");
	assert_non_null(fake_ws_next(bob));
	fake_ws_free(bob);
}

static void chat_websocket__junk__is_dropped(void **state)
{
	struct fake_ws *ws = visitor();

	fake_ws_send(ws, "junk");
	fake_ws_send(ws, "[1]");
	fake_ws_send(ws, "5");
	fake_ws_send_binary(ws, "{}", 2);
	assert_null(fake_ws_next(ws));
	assert_false(fake_ws_is_closed(ws));
	fake_ws_free(ws);
}

static const char *piece(struct fake_conn *c)
{
	static char text[1000];
	struct eio__strbuf *in = fake_received(c);
	const char *begin = in->len ? strchr(in->data, '{') : NULL;
	const char *end = begin ? strstr(begin, "\r\n") : NULL;

	assert_non_null(end);
	snprintf(text, sizeof(text), "%.*s", (int)(end - begin), begin);
	fake_skip(c, in->len);
	return text;
}

static void chat_stream__post__reaches_all_that_listen(void **state)
{
	struct fake_conn *a = fake_connect(loop), *b = fake_connect(loop);
	struct fake_reply r;

	fake_request(a, "GET", "/msgs", NULL, NULL);
	fake_request(b, "GET", "/msgs", NULL, NULL);
	assert_string_equal(piece(a), "{\"msg\":[" FIRST "]}");
	assert_string_equal(piece(b), "{\"msg\":[" FIRST "]}");
	r = fake_http(loop, "POST", "/msgs", NULL, "{\"user\":\"ann\"}");
	assert_string_equal(r.body, "{\"status\":\"ok\"}");
	fake_reply_clear(&r);
	assert_string_equal(piece(a), "{\"msg\":[" ANN "," FIRST "]}");
	fake_free(a);
	assert_string_equal(piece(b), "{\"msg\":[" ANN "," FIRST "]}");
	assert_int_equal(streams.n, 1);
	r = fake_http(loop, "PUT", "/msgs", NULL, NULL);
	assert_int_equal(r.status, 405);
	fake_reply_clear(&r);
	fake_free(b);
	assert_int_equal(streams.n, 0);
}

/* Nobody has to write for that. */
static void chat_stream__client_that_leaves__is_not_kept(void **state)
{
	struct fake_conn *c = fake_connect(loop);

	fake_request(c, "GET", "/msgs", NULL, NULL);
	assert_string_equal(piece(c), "{\"msg\":[" FIRST "]}");
	assert_int_equal(streams.n, 1);
	fake_fin(c);
	assert_int_equal(streams.n, 0);
	fake_free(c);
}

/* There is nothing to wait for. */
static void chat_stream__head__ends_with_its_head(void **state)
{
	struct fake_conn *c = fake_connect(loop);

	fake_puts(c,
		"HEAD /msgs HTTP/1.1\r\nHost: x\r\n\r\n"
		"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_non_null(strstr(fake_received(c)->data, "HTTP/1.1 404"));
	assert_int_equal(streams.n, 0);
	fake_free(c);
}

static void chat__each_way_in__is_heard_on_all_others(void **state)
{
	struct fake_ws *plain = visitor();
	struct fake_ws *io_client = sio_client("/", NULL);
	struct fake_conn *stream = fake_connect(loop);
	struct fake_reply r;

	fake_request(stream, "GET", "/msgs", NULL, NULL);
	assert_string_equal(piece(stream), "{\"msg\":[" FIRST "]}");
	expect(io_client, "42[\"msg:get\",{\"msg\":[" FIRST "]}]");
	r = fake_http(loop, "POST", "/poll", NULL, "{\"user\":1}");
	assert_int_equal(r.status, 200);
	fake_reply_clear(&r);
	expect(io_client,
		"42[\"msg:get\",{\"msg\":[{\"user\":1,\"time\":5}," FIRST
		"]}]");
	assert_string_equal(fake_ws_next(plain),
		"{\"msg\":[{\"user\":1,\"time\":5}," FIRST "]}");
	assert_string_equal(piece(stream),
		"{\"msg\":[{\"user\":1,\"time\":5}," FIRST "]}");
	fake_ws_send(io_client, "42[\"msg:post\",{\"user\":2}]");
	assert_string_equal(fake_ws_next(plain),
		"{\"msg\":[{\"user\":2,\"time\":5},{\"user\":1,\"time\":5}," FIRST
		"]}");
	fake_ws_send(plain, "{\"user\":3}");
	r = fake_http(loop, "GET", "/poll", NULL, NULL);
	assert_string_equal(r.body,
		"{\"msg\":[{\"user\":3,\"time\":5},{\"user\":2,\"time\":5},"
		"{\"user\":1,\"time\":5}," FIRST "]}");
	fake_reply_clear(&r);
	assert_non_null(fake_received(stream)->data);
	fake_free(stream);
	fake_ws_free(plain);
	fake_ws_free(io_client);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(chat_websocket__post__is_told_to_all),
		TEST(chat_websocket__junk__is_dropped),
		TEST(chat_stream__post__reaches_all_that_listen),
		TEST(chat_stream__client_that_leaves__is_not_kept),
		TEST(chat_stream__head__ends_with_its_head),
		TEST(chat__each_way_in__is_heard_on_all_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
