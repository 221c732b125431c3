/* SPDX-License-Identifier: MIT */
/*
 * test_sio_parser.c: a server whose packets are written by another parser:
 * MessagePack, and one that is made here, with packets of two messages.
 */
#include <config.h>

#include <socketio/io.h>
#include <socketio/parser.h>

#include <engineio/base/hex.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_sio.h"

#include <cmocka.h>

/* -- clients that speak in hexadecimal ------------------------------------- */

static void say(struct fake_ws *ws, const char *hex)
{
	unsigned char bytes[256];
	size_t i, n = strlen(hex) / 2;

	assert_true(n <= sizeof(bytes));
	for (i = 0; i < n; i++)
		bytes[i] = (unsigned char)(eio__hex_digit(hex[2 * i]) << 4 |
			eio__hex_digit(hex[2 * i + 1]));
	fake_ws_send_binary(ws, bytes, n);
}

/* The next message, which must be binary. */
static const char *heard(struct fake_ws *ws)
{
	static char hex[1024];
	size_t i;

	if (!fake_ws_next(ws))
		return "nothing";
	assert_true(ws->binary);
	assert_true(2 * ws->text.len < sizeof(hex));
	hex[0] = '\0';
	for (i = 0; i < ws->text.len; i++)
		snprintf(hex + 2 * i, 3, "%02x",
			(unsigned char)ws->text.data[i]);
	return hex;
}

#define CONNECT "82a47479706500a36e7370a12f"

static void serve(const sio_parser *parser)
{
	assert_int_equal(sio_server_set_parser(srv, parser), 0);
	assert_int_equal(sio_server_listen(srv, NULL, 8080), 0);
}

/* One that has entered "/". */
static struct fake_ws *client(char sid[24])
{
	struct fake_ws *ws = sio_session();
	char text[24];

	say(ws, CONNECT);
	assert_string_equal(fake_ws_next(ws) ? "" : "nothing", "");
	assert_int_equal(ws->text.len, 44);
	assert_memory_equal(ws->text.data,
		"\x83\xa4type\x00\xa4"
		"data\x81\xa3sid\xb4",
		18);
	assert_memory_equal(ws->text.data + 38, "\xa3nsp\xa1/", 6);
	memcpy(text, ws->text.data + 18, 20);
	text[20] = '\0';
	if (sid)
		memcpy(sid, text, 24);
	return ws;
}

static int setup_msgpack(void **state)
{
	sio_setup_deaf(state);
	serve(sio_parser_msgpack());
	return 0;
}

static void echo(sio_socket *s, sio_event *ev, void *user)
{
	sio_socket_emit_json(s, "echo", json_incref(sio_event_args(ev)));
}

static void answer(sio_socket *s, sio_event *ev, void *user)
{
	sio_event_reply_json(ev, json_incref(sio_event_args(ev)));
}

/* -- MessagePack ----------------------------------------------------------- */

static void connect__with_auth__is_answered(void **state)
{
	struct fake_ws *ws = sio_session();
	sio_socket *found;
	char sid[24];

	/* {type:0,data:{token:"x"},nsp:"/"} */
	say(ws, "83a47479706500a46461746181a5746f6b656ea178a36e7370a12f");
	assert_non_null(fake_ws_next(ws));
	memcpy(sid, ws->text.data + 18, 20);
	sid[20] = '\0';
	found = sio_nsp_find(io, sid);
	assert_non_null(found);
	assert_string_equal(json_string_value(json_object_get(
				    sio_socket_auth(found), "token")),
		"x");
	fake_ws_free(ws);
	/* data undefined, as the stock client sends it without auth */
	ws = sio_session();
	say(ws, "83a47479706500a464617461d40000a36e7370a12f");
	assert_non_null(fake_ws_next(ws));
	expect_open(ws);
	fake_ws_free(ws);
}

static void event__from_a_client__comes_back(void **state)
{
	struct fake_ws *ws = client(NULL);

	sio_nsp_on_event(io, "hi", tell_event, NULL);
	sio_nsp_on_event(io, "e", echo, NULL);
	/* with options, as the stock client sends them */
	say(ws,
		"84a47479706502a46461746191a26869a76f7074696f6e7381a8636f6d70"
		"72657373c3a36e7370a12f");
	assert_story("hi[]");
	say(ws,
		"83a47479706502a46461746194a165c4020102a16181a162cb3ff8000000"
		"000000a36e7370a12f");
	assert_string_equal(heard(ws),
		"83a47479706502a46461746194a46563686fc4020102a16181a162cb3ff800"
		"0000000000a36e7370a12f");
	expect_open(ws);
	fake_ws_free(ws);
}

static void event__with_a_name_that_is_a_number__is_told(void **state)
{
	struct fake_ws *ws = client(NULL);

	sio_nsp_on_event(io, "5", tell_event, NULL);
	sio_nsp_on_event(io, "1.5", tell_event, NULL);
	say(ws, "83a47479706502a4646174619105a36e7370a12f");
	say(ws, "83a47479706502a46461746192cb3ff8000000000000c3a36e7370a12f");
	assert_story("5[]; 1.5[true]");
	fake_ws_free(ws);
}

static void ack__in_both_directions__is_given(void **state)
{
	char sid[24];
	struct fake_ws *ws = client(sid);

	sio_nsp_on_event(io, "q", answer, NULL);
	/* id 5 */
	say(ws, "84a47479706502a46461746192a171a26f6ba2696405a36e7370a12f");
	assert_string_equal(heard(ws),
		"84a2696405a47479706503a46461746191a26f6ba36e7370a12f");
	assert_int_equal(sio_socket_emit_ack(sio_nsp_find(io, sid), 0, tell_ack,
				 NULL, "a", "i", 300),
		0);
	fake_turn(loop);
	assert_string_equal(heard(ws),
		"84a47479706502a46461746192a161cd012ca2696400a36e7370a12f");
	say(ws, "84a2696400a47479706503a46461746192a3796573c4019fa36e7370a12f");
	assert_string_equal(story(), "ack[?]");
	expect_open(ws);
	fake_ws_free(ws);
}

static void on_text(sio_socket *s, sio_event *ev, void *user)
{
	size_t len = 1;

	assert_null(sio_event_text(ev, &len));
	assert_int_equal(len, 0);
	assert_int_equal(sio_event_reply_text(ev, "1,{", 3), SIO_ERR_INVALID);
	assert_int_equal(sio_event_reply_text(ev, "1,{\"a\":[2]}", 11), 0);
}

static void text__of_an_event__is_for_the_default_parser(void **state)
{
	struct fake_ws *ws = client(NULL);

	sio_nsp_on_event(io, "q", on_text, NULL);
	say(ws, "84a47479706502a46461746192a171a26f6ba2696405a36e7370a12f");
	assert_string_equal(heard(ws),
		"84a2696405a47479706503a4646174619201"
		"81a1619102a36e7370a12f");
	fake_ws_free(ws);
}

static void namespace__other_than_the_first__is_entered_and_left(void **state)
{
	sio_nsp *a = sio_server_of(srv, "/a");
	struct fake_ws *ws = client(NULL);

	sio_nsp_on_event(a, "e", echo, NULL);
	sio_nsp_on_event(a, "disconnect", tell_event, NULL);
	say(ws, "82a47479706500a36e7370a22f61");
	assert_non_null(fake_ws_next(ws));
	say(ws, "83a47479706502a46461746192a16507a36e7370a22f61");
	assert_string_equal(heard(ws),
		"83a47479706502a46461746192a46563686f07a36e7370a22f61");
	say(ws, "82a47479706501a36e7370a22f61");
	assert_story("disconnect[\"client namespace disconnect\"]");
	/* one that there is not: {"message":"Invalid namespace"} */
	say(ws, "82a47479706500a36e7370a22f62");
	assert_string_equal(heard(ws),
		"83a47479706504a46461746181a76d657373616765b1496e76616c6964206e"
		"616d657370616365a36e7370a22f62");
	expect_open(ws);
	fake_ws_free(ws);
}

static void disconnect__by_the_server__is_a_packet(void **state)
{
	char sid[24];
	struct fake_ws *ws = client(sid);

	sio_socket_disconnect(sio_nsp_find(io, sid), false);
	fake_turn(loop);
	assert_string_equal(heard(ws), "82a47479706501a36e7370a12f");
	fake_ws_free(ws);
}

static void refuse(sio_socket *s, sio_next *next, void *user)
{
	sio_next_refuse(next, "no", json_pack("{s:i}", "code", 7));
}

static void refusal__by_a_middleware__is_a_packet(void **state)
{
	struct fake_ws *ws = sio_session();

	sio_nsp_use(io, refuse, NULL);
	say(ws, CONNECT);
	assert_string_equal(heard(ws),
		"83a47479706504a46461746182a76d657373616765a26e6fa46461746181a4"
		"636f646507a36e7370a12f");
	fake_ws_free(ws);
}

static void broadcast__to_several__is_one_message_each(void **state)
{
	struct fake_ws *a = client(NULL), *b = client(NULL);

	assert_int_equal(sio_nsp_emit(io, "n", "f, f", 3.0, 0.5), 0);
	fake_turn(loop);
	assert_string_equal(heard(a),
		"83a47479706502a46461746193a16e03cb3fe0000000000000a36e7370a12"
		"f");
	assert_string_equal(heard(b),
		"83a47479706502a46461746193a16e03cb3fe0000000000000a36e7370a12"
		"f");
	assert_int_equal(sio_nsp_emit_json(io, "n",
				 json_pack("[o]", json_string_nocheck("\xff"))),
		SIO_ERR_INVALID);
	expect_open(a);
	fake_ws_free(a);
	fake_ws_free(b);
}

static void session__over_polling__has_packets_in_base64(void **state)
{
	struct fake_poll *poll = fake_poll_open(loop, "/socket.io/");
	const char *body;

	assert_int_equal(fake_poll_post(poll, "bgqR0eXBlAKNuc3ChLw=="), 200);
	body = fake_poll_next(poll);
	assert_true(strncmp(body, "bg6R0eXBlAKRkYXRhgaNzaWS0", 24) == 0);
	fake_poll_free(poll);
}

static sio_next *held;

static void hold(sio_socket *s, sio_next *next, void *user)
{
	held = next;
}

/* The values count, which are more than their bytes. */
static void event__before_the_connection__is_kept_within_limits(void **state)
{
	struct fake_ws *ws = sio_session();

	sio_server_set_option(srv, SIO_MAX_EARLY_BYTES, 1000);
	sio_nsp_use(io, hold, NULL);
	sio_nsp_on_event(io, "e", tell_event, NULL);
	say(ws, CONNECT);
	say(ws, "83a47479706502a46461746192a16590a36e7370a12f");
	say(ws, "83a47479706502a46461746192a16591a161a36e7370a12f");
	expect_open(ws);
	sio_next_pass(held);
	fake_turn(loop);
	assert_story("e[[]]; e[[\"a\"]]");
	fake_ws_free(ws);
	ws = sio_session();
	say(ws, CONNECT);
	say(ws, "83a47479706502a46461746192a16590a36e7370a12f");
	say(ws,
		"83a47479706502a46461746192a1659f" /* 15 empty arrays */
		"909090909090909090909090909090a36e7370a12f");
	expect_closed(ws);
	sio_next_pass(held);
	fake_ws_free(ws);
}

static const struct {
	const char *hex;
	const char *why;
} malformed[] = {
	{ "", "no MessagePack" },
	{ "c1", "no MessagePack" },
	{ "83a47479706502a46461746191a16ba36e7370a1", "no MessagePack" },
	{ CONNECT "00", "bytes behind the packet" },
	{ "c0", "unknown packet type" },
	{ "02", "unknown packet type" },
	{ "d40000", "unknown packet type" },
	{ "90", "unknown packet type" },
	{ "80", "unknown packet type" },
	{ "c40100", "unknown packet type" },
	{ "81a3"
	  "6e7370a12f",
		"unknown packet type" },
	{ "82a47479706505a36e7370a12f", "unknown packet type" },
	{ "82a474797065ffa36e7370a12f", "unknown packet type" },
	{ "82a474797065c0a36e7370a12f", "unknown packet type" },
	{ "82a474797065a130a36e7370a12f", "unknown packet type" },
	{ "82a474797065cb3fe0000000000000a36e7370a12f", "unknown packet type" },
	{ "81a47479706500", "invalid namespace" },
	{ "82a47479706500a36e7370c0", "invalid namespace" },
	{ "82a47479706500a36e7370d40000", "invalid namespace" },
	{ "82a47479706500a36e737007", "invalid namespace" },
	{ "82a47479706500a36e7370a1ff", "a text that is not UTF-8" },
	{ "83a47479706500a464617461c0a36e7370a12f", "invalid payload" },
	{ "83a47479706500a46461746190a36e7370a12f", "invalid payload" },
	{ "83a47479706500a464617461c400a36e7370a12f", "invalid payload" },
	{ "83a47479706501a46461746180a36e7370a12f", "invalid payload" },
	{ "82a47479706502a36e7370a12f", "invalid payload" },
	{ "83a47479706502a46461746180a36e7370a12f", "invalid payload" },
	{ "83a47479706502a46461746190a36e7370a12f", "invalid payload" },
	{ "83a47479706502a464617461a161a36e7370a12f", "invalid payload" },
	{ "83a47479706502a46461746191c0a36e7370a12f", "invalid event name" },
	{ "83a47479706502a4646174619180a36e7370a12f", "invalid event name" },
	{ "83a47479706502a46461746191c40161a36e7370a12f",
		"invalid event name" },
	{ "83a47479706502a46461746191aa646973636f6e6e656374a36e7370a12f",
		"reserved event name" },
	{ "84a47479706502a46461746191a161a26964c0a36e7370a12f",
		"invalid packet id" },
	{ "84a47479706502a46461746191a161a26964ffa36e7370a12f",
		"invalid packet id" },
	{ "84a47479706502a46461746191a161a26964cb3fe0000000000000a36e7370a12f",
		"invalid packet id" },
	{ "84a47479706502a46461746191a161a26964cf0020000000000000a36e7370a12f",
		"invalid packet id" },
	{ "82a47479706503a36e7370a12f", "invalid payload" },
	{ "84a2696400a47479706503a46461746180a36e7370a12f", "invalid payload" },
	{ "83a47479706504a464617461c0a36e7370a12f", "invalid payload" },
	{ "83a47479706504a46461746180a36e7370a12f",
		"CONNECT_ERROR from a client" },
	{ "83a47479706502a46461746191810102a36e7370a12f",
		"a key that is no text" },
	{ "82a47479706501a36e7370a22f78",
		"packet for a namespace it is not in" },
	{ CONNECT, "CONNECT although connected" },
};

static char line[200];

static void log_line(enum eio_log_level level, const char *text, void *user)
{
	if (level == ENGINEIO_LOG_WARN)
		snprintf(line, sizeof(line), "%s", text);
}

static void packet__that_is_wrong__closes_the_connection(void **state)
{
	struct fake_ws *ws, *other = client(NULL);
	size_t i;

	sio_server_set_log(srv, ENGINEIO_LOG_WARN, log_line, NULL);
	for (i = 0; i < sizeof(malformed) / sizeof(*malformed); i++) {
		ws = client(NULL);
		line[0] = '\0';
		say(ws, malformed[i].hex);
		expect_closed(ws);
		assert_non_null(strstr(line, malformed[i].why));
		fake_ws_free(ws);
		/* The log has no more than so many lines in a second. */
		fake_advance(loop, 200);
	}
	expect_open(other);
	fake_ws_free(other);
}

static void message__of_the_default_parser__closes_the_connection(void **state)
{
	struct fake_ws *ws = sio_session();

	sio_server_set_log(srv, ENGINEIO_LOG_WARN, log_line, NULL);
	fake_ws_send(ws, "40");
	expect_closed(ws);
	assert_non_null(strstr(line, "a text instead of MessagePack"));
	fake_ws_free(ws);
}

static void limit__of_depth__is_that_of_the_option(void **state)
{
	struct fake_ws *ws = client(NULL);

	sio_server_set_option(srv, SIO_MAX_DEPTH, 3);
	sio_nsp_on_event(io, "e", tell_event, NULL);
	say(ws, "83a47479706502a46461746192a1659190a36e7370a12f");
	assert_story("e[[[]]]");
	say(ws, "83a47479706502a46461746192a165919190a36e7370a12f");
	expect_closed(ws);
	assert_int_equal(sio_server_counter(srv, SIO_COUNT_MAX_DEPTH), 1);
	fake_ws_free(ws);
}

static void limit__of_names__is_that_of_the_option(void **state)
{
	struct fake_ws *ws = client(NULL);

	sio_server_set_option(srv, SIO_MAX_EVENT_NAME, 3);
	sio_server_set_option(srv, SIO_MAX_NAME, 3);
	say(ws, "83a47479706502a46461746191a3616263a36e7370a12f");
	expect_open(ws);
	say(ws, "83a47479706502a46461746191a461626364a36e7370a12f");
	expect_closed(ws);
	fake_ws_free(ws);
	ws = client(NULL);
	say(ws, "82a47479706500a36e7370a42f616263");
	expect_closed(ws);
	assert_int_equal(sio_server_counter(srv, SIO_COUNT_MAX_EVENT_NAME), 1);
	assert_int_equal(sio_server_counter(srv, SIO_COUNT_MAX_NAME), 1);
	fake_ws_free(ws);
}

/* Clients of Engine.IO 3 send the query with the name. */
static void namespace__of_protocol_4__ends_where_its_query_begins(void **state)
{
	static const char message[] = "\x82\xa4type\0\xa3nsp\xa6/a?b=1";
	const sio_parser *parser = sio_parser_msgpack();
	struct sio__limits limits = { 10, 1000, 128, 2, 1024, true, 1000 };
	struct sio__decoder decoder;
	struct sio__incoming in;

	sio__decoder_init(&decoder);
	assert_int_equal(sio__parser_decode(parser, &decoder, &limits, message,
				 sizeof(message) - 1, true, &in),
		SIO__DECODED);
	assert_int_equal(in.packet.nsp.n, 2);
	assert_memory_equal(in.packet.nsp.p, "/a", 2);
	assert_int_equal(in.packet.query.n, 3);
	assert_memory_equal(in.packet.query.p, "b=1", 3);
	limits.nsp_query = false;
	assert_int_equal(sio__parser_decode(parser, &decoder, &limits, message,
				 sizeof(message) - 1, true, &in),
		SIO__REFUSED);
	assert_string_equal(in.why, "namespace too long (MAX_NAME)");
	sio__parser_clear(parser, &decoder);
}

/* -- a parser of somebody else ---------------------------------------------- */

/*
 * A packet is two messages: its type, with "?" and the id behind it if there
 * is one, as a text, and the namespace, or "data:" and its JSON, as bytes.
 */
struct half {
	int type;
	bool has_id;
	uint64_t id;
};

static int states; /* that were not freed */

static int encode_two(const sio_parser *parser, const sio_packet *packet,
	sio_parser_out *out)
{
	char head[64];
	char *data = packet->data ? json_dumps(packet->data, JSON_COMPACT)
				  : NULL;
	int n, err;

	n = snprintf(head, sizeof(head), packet->has_id ? "%d?%" PRIu64 : "%d",
		(int)packet->type, packet->id);
	err = sio_parser_add_text(out, head, (size_t)n);
	if (!err && data)
		err = sio_parser_add_binary(out, data, strlen(data));
	if (!err && !data)
		err = sio_parser_add_binary(out, packet->nsp, packet->nsp_len);
	free(data);
	assert_string_equal(parser->user, "mine");
	return err;
}

static int begin(void **state, const char *text, size_t len, const char **why)
{
	struct half *half = calloc(1, sizeof(*half));
	char copy[32];

	assert_true(len < sizeof(copy));
	memcpy(copy, text, len);
	copy[len] = '\0';
	half->has_id = sscanf(copy, "%d?%" SCNu64, &half->type, &half->id) == 2;
	assert_null(*state);
	*state = half;
	states++;
	return SIO_PARSER_MORE;
}

static int decode_two(const sio_parser *parser, void **state,
	const sio_parser_limits *limits, const void *message, size_t len,
	bool is_binary, sio_packet *packet, const char **why)
{
	struct half *half = *state;

	assert_int_equal(limits->depth, 128);
	assert_int_equal(limits->attachments, 10);
	if (!is_binary && !half)
		return begin(state, message, len, why);
	*why = "out of turn";
	if (is_binary == !half)
		return SIO_ERR_INVALID;
	packet->type = (enum sio_packet_type)half->type;
	packet->has_id = half->has_id;
	packet->id = half->id;
	packet->nsp = "/";
	packet->nsp_len = 1;
	packet->data = len ? json_loadb(message, len, 0, NULL) : NULL;
	free(half);
	*state = NULL;
	states--;
	return SIO_PARSER_PACKET;
}

static void free_half(const sio_parser *parser, void *state)
{
	free(state);
	states--;
}

static char mine[] = "mine";
static const sio_parser two = { SIO_PARSER_VERSION, "two", encode_two,
	decode_two, free_half, mine };

static struct fake_ws *client_of_two(void)
{
	struct fake_ws *ws = sio_session();

	fake_ws_send(ws, "40");
	expect_nothing(ws);
	fake_ws_send_binary(ws, "", 0);
	expect(ws, "40");
	assert_non_null(fake_ws_next(ws));
	assert_true(ws->binary);
	assert_memory_equal(ws->text.data, "{\"sid\":\"", 8);
	return ws;
}

static void parser__of_somebody_else__speaks_its_own_way(void **state)
{
	struct fake_ws *ws;

	serve(&two);
	sio_nsp_on_event(io, "q", answer, NULL);
	ws = client_of_two();
	fake_ws_send(ws, "42?7");
	fake_ws_send_binary(ws, "[\"q\",1,{}]", 10);
	expect(ws, "43?7");
	expect_binary(ws, "[1,{}]", 6);
	expect_open(ws);
	assert_int_equal(states, 0);
	fake_ws_free(ws);
}

static void parser__with_a_state__is_told_to_free_it(void **state)
{
	struct fake_ws *ws;

	serve(&two);
	ws = client_of_two();
	fake_ws_send(ws, "42");
	assert_int_equal(states, 1);
	fake_ws_free(ws);
	fake_turn(loop);
	assert_int_equal(states, 0);
	ws = client_of_two();
	fake_ws_send(ws, "42");
	sio_free_server();
	assert_int_equal(states, 0);
	fake_ws_free(ws);
}

static void parser__that_decodes_what_is_not_allowed__is_checked(void **state)
{
	static const char *const heads[] = { "45", "4-1", "42", "42", "42",
		"41", "40", "43", "42?9007199254740992" };
	static const char *const bodies[] = { "[]", "[]", "[]", "[true]",
		"[\"connect\"]", "[]", "[]", "{}", "[\"a\"]" };
	struct fake_ws *ws;
	size_t i;

	serve(&two);
	for (i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		ws = client_of_two();
		fake_ws_send(ws, heads[i]);
		expect_open(ws);
		fake_ws_send_binary(ws, bodies[i], strlen(bodies[i]));
		expect_closed(ws);
		fake_ws_free(ws);
	}
	ws = client_of_two();
	sio_server_set_log(srv, ENGINEIO_LOG_WARN, log_line, NULL);
	fake_ws_send_binary(ws, "[]", 2);
	expect_closed(ws);
	assert_non_null(strstr(line, "out of turn"));
	fake_ws_free(ws);
	assert_int_equal(states, 0);
}

static int encode_nothing(const sio_parser *parser, const sio_packet *packet,
	sio_parser_out *out)
{
	if (packet->type != SIO_PACKET_EVENT)
		return encode_two(parser, packet, out);
	assert_int_equal(sio_parser_add_text(out, "\xff", 1), SIO_ERR_INVALID);
	assert_int_equal(sio_parser_add_text(out, NULL, 1), SIO_ERR_INVALID);
	assert_int_equal(sio_parser_add_binary(NULL, "", 0), SIO_ERR_INVALID);
	return 0;
}

static void parser__that_encodes_nothing__fails_the_call(void **state)
{
	static const sio_parser none = { SIO_PARSER_VERSION, "none",
		encode_nothing, decode_two, free_half, mine };
	struct fake_ws *ws;

	serve(&none);
	ws = client_of_two();
	assert_int_equal(sio_nsp_emit(io, "a", NULL), SIO_ERR_INVALID);
	expect_open(ws);
	fake_ws_free(ws);
}

/* -- setting it ------------------------------------------------------------- */

static void setting__what_cannot_be__is_an_error(void **state)
{
	sio_parser parser = *sio_parser_msgpack();

	assert_int_equal(sio_server_set_parser(NULL, NULL), SIO_ERR_INVALID);
	assert_int_equal(sio_server_set_parser(srv, NULL), 0);
	parser.version = SIO_PARSER_VERSION + 1;
	assert_int_equal(sio_server_set_parser(srv, &parser), SIO_ERR_INVALID);
	parser.version = 0;
	assert_int_equal(sio_server_set_parser(srv, &parser), SIO_ERR_INVALID);
	parser.version = SIO_PARSER_VERSION;
	parser.encode = NULL;
	assert_int_equal(sio_server_set_parser(srv, &parser), SIO_ERR_INVALID);
	assert_int_equal(sio_server_run(srv), SIO_ERR_INVALID);
	assert_non_null(strstr(sio_server_error(srv), "parser"));
}

static void setting__after_listening__is_an_error(void **state)
{
	serve(NULL);
	assert_int_equal(sio_server_set_parser(srv, sio_parser_msgpack()),
		SIO_ERR_STATE);
}

/* A guest of another HTTP server has clients without listening itself. */
static void setting__with_clients_of_a_host__is_an_error(void **state)
{
	eio_server *host = eio_server_new(loop);
	struct fake_ws *ws;

	assert_int_equal(eio_server_set_path(host, "/other"), 0);
	assert_int_equal(eio_server_attach(sio_server_engine(srv), host), 0);
	assert_int_equal(eio_server_listen(host, NULL, 8081), 0);
	assert_int_equal(sio_server_set_parser(srv, sio_parser_msgpack()), 0);
	assert_int_equal(sio_server_set_parser(srv, NULL), 0);
	ws = sio_client("/", NULL);
	assert_int_equal(sio_server_set_parser(srv, sio_parser_msgpack()),
		SIO_ERR_STATE);
	assert_int_equal(sio_server_set_client_dir(srv, "/"), SIO_ERR_STATE);
	assert_int_equal(sio_server_set_recovery(srv, 1000, 0, true),
		SIO_ERR_STATE);
	fake_ws_send(ws, "42[\"still\",\"understood\"]");
	expect_open(ws);
	fake_ws_free(ws);
	sio_free_server();
	eio_server_free(host);
}

#define on_msgpack(test) \
	cmocka_unit_test_setup_teardown(test, setup_msgpack, sio_teardown)
#define deaf(test) \
	cmocka_unit_test_setup_teardown(test, sio_setup_deaf, sio_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		on_msgpack(connect__with_auth__is_answered),
		on_msgpack(event__from_a_client__comes_back),
		on_msgpack(event__with_a_name_that_is_a_number__is_told),
		on_msgpack(ack__in_both_directions__is_given),
		on_msgpack(text__of_an_event__is_for_the_default_parser),
		on_msgpack(
			namespace__other_than_the_first__is_entered_and_left),
		on_msgpack(disconnect__by_the_server__is_a_packet),
		on_msgpack(refusal__by_a_middleware__is_a_packet),
		on_msgpack(broadcast__to_several__is_one_message_each),
		on_msgpack(session__over_polling__has_packets_in_base64),
		on_msgpack(event__before_the_connection__is_kept_within_limits),
		on_msgpack(packet__that_is_wrong__closes_the_connection),
		on_msgpack(
			message__of_the_default_parser__closes_the_connection),
		on_msgpack(limit__of_depth__is_that_of_the_option),
		on_msgpack(limit__of_names__is_that_of_the_option),
		cmocka_unit_test(
			namespace__of_protocol_4__ends_where_its_query_begins),
		deaf(parser__of_somebody_else__speaks_its_own_way),
		deaf(parser__with_a_state__is_told_to_free_it),
		deaf(parser__that_decodes_what_is_not_allowed__is_checked),
		deaf(parser__that_encodes_nothing__fails_the_call),
		deaf(setting__what_cannot_be__is_an_error),
		deaf(setting__after_listening__is_an_error),
		deaf(setting__with_clients_of_a_host__is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
