/* SPDX-License-Identifier: MIT */
/*
 * reference_events.c: the events that every namespace of the reference app
 * knows, one handler each, in the order of reference_app.mjs. An event whose
 * arguments have the wrong type is ignored, and not answered either.
 */
#include <config.h>

#include "reference_app.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/* auth.key -> last disconnect reason */
static json_t *reasons;

/* -- arguments ---------------------------------------------------------- */

static json_t *arg(sio_event *ev, size_t n)
{
	return json_array_get(sio_event_args(ev), n);
}

/* The text of a room, or NULL: not a text, or one that C would cut. */
static const char *room_name(const json_t *value)
{
	const char *text = json_string_value(value);

	if (!text || strlen(text) != json_string_length(value))
		return NULL;
	return text;
}

/* An integer from 0 to max, or -1. */
static long count_of(const json_t *value, long max)
{
	double number = json_number_value(value);

	if (!json_is_number(value) || number < 0 || number > (double)max ||
		number != (double)(long)number)
		return -1;
	return (long)number;
}

/* A room, or a list of them: a new array of names, or NULL. */
static json_t *room_list(json_t *value)
{
	json_t *list;
	json_t *one;
	size_t i;

	if (json_is_string(value))
		list = json_pack("[O]", value);
	else if (json_is_array(value))
		list = json_incref(value);
	else
		return NULL;
	json_array_foreach(list, i, one) {
		if (!room_name(one)) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *ramp(size_t n)
{
	unsigned char *bytes = malloc(n ? n : 1);
	json_t *value;
	size_t i;

	if (!bytes)
		return NULL;
	for (i = 0; i < n; i++)
		bytes[i] = (unsigned char)i;
	value = sio_binary(bytes, n);
	free(bytes);
	return value;
}

/* -- echoes ------------------------------------------------------------- */

static void on_message(sio_socket *s, sio_event *ev, void *user)
{
	sio_socket_emit_json(s, "message-back", sio_event_rest(ev, 0));
}

static void on_message_with_ack(sio_socket *s, sio_event *ev, void *user)
{
	sio_event_reply_json(ev, sio_event_rest(ev, 0));
}

/* -- rooms -------------------------------------------------------------- */

static void on_join(sio_socket *s, sio_event *ev, void *user)
{
	json_t *rooms = room_list(arg(ev, 0));
	json_t *room;
	size_t i;

	if (!rooms)
		return;
	json_array_foreach(rooms, i, room)
		sio_socket_join(s, json_string_value(room));
	json_decref(rooms);
	sio_event_reply(ev, "s", "joined");
}

static void on_leave(sio_socket *s, sio_event *ev, void *user)
{
	const char *room = room_name(arg(ev, 0));

	if (!room)
		return;
	sio_socket_leave(s, room);
	sio_event_reply(ev, "s", "left");
}

/* Bytes in the order of UTF-16 code units: what lies outside of the basic
 * plane is written with surrogates there and comes before U+E000. */
static int utf16_rank(unsigned char byte)
{
	return byte >= 0xf0 ? 0xed : byte;
}

static int compare_names(const void *a, const void *b)
{
	const char *x = json_string_value(*(json_t *const *)a);
	const char *y = json_string_value(*(json_t *const *)b);
	unsigned char p, q;

	while (*x && *x == *y) {
		x++;
		y++;
	}
	p = (unsigned char)*x;
	q = (unsigned char)*y;
	if (utf16_rank(p) == utf16_rank(q))
		return (p > q) - (p < q);
	return utf16_rank(p) - utf16_rank(q);
}

static json_t *sorted(json_t *list)
{
	size_t n = json_array_size(list);
	json_t **items = calloc(n ? n : 1, sizeof(*items));
	json_t *result = json_array();
	size_t i;

	for (i = 0; items && i < n; i++)
		items[i] = json_array_get(list, i);
	if (items)
		qsort(items, n, sizeof(*items), compare_names);
	for (i = 0; items && i < n; i++)
		json_array_append(result, items[i]);
	free(items);
	json_decref(list);
	return result;
}

static void on_rooms(sio_socket *s, sio_event *ev, void *user)
{
	json_t *rooms = sio_socket_rooms(s);
	size_t i;

	for (i = 0; i < json_array_size(rooms); i++) {
		const char *name = json_string_value(json_array_get(rooms, i));

		if (!strcmp(name, sio_socket_id(s)))
			json_array_set_new(rooms, i, json_string("<own>"));
	}
	sio_event_reply(ev, "o", sorted(rooms));
}

static void on_room_size(sio_socket *s, sio_event *ev, void *user)
{
	const char *room = room_name(arg(ev, 0));
	size_t n = sio_nsp_sockets(sio_socket_nsp(s), NULL, 0);
	sio_socket **sockets;
	size_t members = 0;
	size_t i;

	if (!room)
		return;
	sockets = calloc(n, sizeof(*sockets));
	if (!sockets)
		return;
	sio_nsp_sockets(sio_socket_nsp(s), sockets, n);
	for (i = 0; i < n; i++)
		members += sio_socket_is_in(sockets[i], room);
	free(sockets);
	sio_event_reply(ev, "I", (json_int_t)members);
}

/* -- broadcasts --------------------------------------------------------- */

/* Adds rooms to a target. No room would be everybody, as in JavaScript. */
static sio_target *add_rooms(sio_target *target, json_t *rooms)
{
	json_t *room;
	size_t i;

	json_array_foreach(rooms, i, room)
		target = sio_target_to(target, json_string_value(room));
	json_decref(rooms);
	return target;
}

static void send_rest(sio_target *target, sio_event *ev, size_t n)
{
	sio_target_emit_json(target, "room-msg", sio_event_rest(ev, n));
	sio_event_reply(ev, "s", "sent");
}

static void on_to(sio_socket *s, sio_event *ev, void *user)
{
	json_t *rooms = room_list(arg(ev, 0));

	if (rooms)
		send_rest(add_rooms(sio_socket_others(s), rooms), ev, 1);
}

static void on_in(sio_socket *s, sio_event *ev, void *user)
{
	json_t *rooms = room_list(arg(ev, 0));

	if (rooms)
		send_rest(add_rooms(sio_nsp_all(sio_socket_nsp(s)), rooms), ev,
			1);
}

static void on_except(sio_socket *s, sio_event *ev, void *user)
{
	const char *room = room_name(arg(ev, 0));

	if (room)
		send_rest(sio_nsp_except(sio_socket_nsp(s), room), ev, 1);
}

static void on_to_except(sio_socket *s, sio_event *ev, void *user)
{
	const char *room = room_name(arg(ev, 0));
	const char *skip = room_name(arg(ev, 1));
	sio_target *target;

	if (!room || !skip)
		return;
	target = sio_target_except(sio_socket_to(s, room), skip);
	send_rest(target, ev, 2);
}

static void on_broadcast(sio_socket *s, sio_event *ev, void *user)
{
	sio_target_emit_json(sio_socket_others(s), "broadcast-msg",
		sio_event_rest(ev, 0));
	sio_event_reply(ev, "s", "sent");
}

static void on_all(sio_socket *s, sio_event *ev, void *user)
{
	sio_nsp_emit_json(sio_socket_nsp(s), "all-msg", sio_event_rest(ev, 0));
}

static void on_volatile(sio_socket *s, sio_event *ev, void *user)
{
	sio_target *self = sio_target_flags(sio_socket_self(s), SIO_VOLATILE);

	sio_target_emit_json(self, "volatile-msg", sio_event_rest(ev, 0));
}

/* -- bytes -------------------------------------------------------------- */

static json_t *describe_bytes(const json_t *value)
{
	size_t len;
	const unsigned char *bytes = sio_binary_data(value, &len);
	unsigned sum = 0;
	size_t i;

	for (i = 0; i < len; i++)
		sum = (sum + bytes[i]) % 65536;
	return json_pack("{s:I, s:i}", "$bin", (json_int_t)len, "sum",
		(int)sum);
}

/* A copy with each binary value replaced by its length and sum. The depth
 * is limited by the decoder the value came from. */
static json_t *describe(json_t *value)
{
	json_t *copy;
	json_t *one;
	const char *key;
	size_t i;

	if (sio_is_binary(value))
		return describe_bytes(value);
	if (json_is_array(value)) {
		copy = json_array();
		json_array_foreach(value, i, one)
			json_array_append_new(copy, describe(one));
		return copy;
	}
	if (!json_is_object(value))
		return json_incref(value);
	copy = json_object();
	json_object_foreach(value, key, one)
		json_object_set_new(copy, key, describe(one));
	return copy;
}

static void on_inspect(sio_socket *s, sio_event *ev, void *user)
{
	sio_event_reply_json(ev, describe(sio_event_args(ev)));
}

static void on_make_binary(sio_socket *s, sio_event *ev, void *user)
{
	long n = count_of(arg(ev, 0), 1000000);

	if (n < 0)
		return;
	sio_socket_emit(s, "binary-msg", "{s:o, s:[o, {s:o}], s:I}", "a",
		ramp((size_t)n), "list", ramp(3), "b", ramp(0), "n",
		(json_int_t)n);
}

static void on_binary_ack(sio_socket *s, sio_event *ev, void *user)
{
	sio_event_reply(ev, "{s:b, s:[o, o]}", "ok", 1, "bufs", ramp(4),
		ramp(2));
}

/* -- questions ---------------------------------------------------------- */

static void on_answer(sio_socket *s, int err, sio_event *answer, void *user)
{
	json_t *args;

	if (err) {
		sio_socket_emit(s, "answer", "s", "timeout");
		return;
	}
	args = sio_event_rest(answer, 0);
	json_array_insert_new(args, 0, json_string("ok"));
	sio_socket_emit_json(s, "answer", args);
}

static void on_ask(sio_socket *s, sio_event *ev, void *user)
{
	long ms = count_of(arg(ev, 0), 10000);

	if (ms < 0)
		return;
	/* 0 would be no limit at all here, and is the shortest one there */
	sio_socket_emit_ack_json(s, ms ? (unsigned)ms : 1, on_answer, NULL,
		"question", sio_event_rest(ev, 1));
}

static void on_ask_forever(sio_socket *s, sio_event *ev, void *user)
{
	sio_socket_emit_ack_json(s, 0, on_answer, NULL, "question",
		sio_event_rest(ev, 0));
}

/* What is known of one question to a room. */
struct poll {
	sio_socket *asker;
	json_t *texts;       /* of the first argument of each answer */
	unsigned speechless; /* answers without any */
};

static void on_room_answer(sio_socket *s, json_t *args, void *user)
{
	struct poll *poll = user;
	json_t *first = json_array_get(args, 0);
	char *text;

	if (!first) {
		poll->speechless++;
		return;
	}
	text = sio_json_stringify(first, NULL);
	json_array_append_new(poll->texts, json_string(text));
	free(text);
}

static void on_room_answers(int err, json_t *answers, size_t expected,
	void *user)
{
	struct poll *poll = user;
	json_t *texts = sorted(poll->texts);

	/* undefined comes last in a sorted list, and is written as null */
	for (; poll->speechless > 0; poll->speechless--)
		json_array_append_new(texts, json_null());
	sio_socket_emit(poll->asker, "answers", "b, o", err != 0, texts);
	sio_socket_unref(poll->asker);
	free(poll);
}

static void on_ask_room(sio_socket *s, sio_event *ev, void *user)
{
	const char *room = room_name(arg(ev, 0));
	long ms = count_of(arg(ev, 1), 10000);
	struct poll *poll;
	sio_target *t;

	if (!room || ms < 0)
		return;
	poll = calloc(1, sizeof(*poll));
	poll->asker = sio_socket_ref(s);
	poll->texts = json_array();
	t = sio_target_timeout(sio_nsp_to(sio_socket_nsp(s), room),
		ms ? (unsigned)ms : 1);
	t = sio_target_on_answer(t, on_room_answer);
	if (sio_target_emit_acks_json(t, on_room_answers, poll, "question",
		    sio_event_rest(ev, 2)))
		on_room_answers(SIO_ERR_CLOSED, NULL, 0, poll);
}

/* -- much --------------------------------------------------------------- */

static void emit_big(sio_socket *s, sio_event *ev, unsigned flags)
{
	long n = count_of(arg(ev, 0), 5000000);
	char *text;

	if (n < 0)
		return;
	text = malloc((size_t)n + 1);
	if (!text)
		return;
	memset(text, 'x', (size_t)n);
	sio_target_emit(sio_target_flags(sio_socket_self(s), flags), "big-msg",
		"s%", text, (size_t)n);
	free(text);
}

static void on_big(sio_socket *s, sio_event *ev, void *user)
{
	emit_big(s, ev, 0);
}

static void on_big_plain(sio_socket *s, sio_event *ev, void *user)
{
	emit_big(s, ev, SIO_NO_COMPRESS);
}

static void on_measure(sio_socket *s, sio_event *ev, void *user)
{
	const json_t *text = arg(ev, 0);
	const char *bytes = json_string_value(text);
	json_int_t points = 0;
	size_t i;

	if (!bytes)
		return;
	for (i = 0; i < json_string_length(text); i++)
		points += ((unsigned char)bytes[i] & 0xc0) != 0x80;
	sio_event_reply(ev, "I, I", (json_int_t)json_string_length(text),
		points);
}

static void on_burst(sio_socket *s, sio_event *ev, void *user)
{
	long n = count_of(arg(ev, 0), 10000);
	long i;

	for (i = 0; i < n; i++)
		sio_socket_emit(s, "burst-msg", "I", (json_int_t)i);
}

/* -- leaving ------------------------------------------------------------ */

static void on_leave_me(sio_socket *s, sio_event *ev, void *user)
{
	sio_socket_disconnect(s, json_is_true(arg(ev, 0)));
}

static void on_kick(sio_socket *s, sio_event *ev, void *user)
{
	const char *room = room_name(arg(ev, 0));

	if (!room)
		return;
	sio_event_reply(ev, "s", "kicked");
	sio_target_disconnect(sio_nsp_to(sio_socket_nsp(s), room),
		json_is_true(arg(ev, 1)));
}

static void on_pull(sio_socket *s, sio_event *ev, void *user)
{
	const char *from = room_name(arg(ev, 0));
	const char *into = room_name(arg(ev, 1));

	if (!from || !into)
		return;
	sio_target_join(sio_nsp_to(sio_socket_nsp(s), from), into);
	sio_event_reply(ev, "s", "pulled");
}

static void on_push_out(sio_socket *s, sio_event *ev, void *user)
{
	const char *from = room_name(arg(ev, 0));
	const char *room = room_name(arg(ev, 1));

	if (!from || !room)
		return;
	sio_target_leave(sio_nsp_to(sio_socket_nsp(s), from), room);
	sio_event_reply(ev, "s", "pushed");
}

/* -- facts -------------------------------------------------------------- */

static json_t *own_query(sio_socket *s)
{
	static const char *const protocol[] = { "EIO", "transport", "t", "sid",
		"b64" };
	json_t *query = sio_socket_query(s);
	size_t i;

	for (i = 0; i < sizeof(protocol) / sizeof(protocol[0]); i++)
		json_object_del(query, protocol[i]);
	return query;
}

static void on_handshake(sio_socket *s, sio_event *ev, void *user)
{
	json_t *facts = sio_socket_handshake(s);

	sio_event_reply(ev, "{s:s, s:o, s:O, s:O, s:O, s:s?}", "nsp",
		sio_nsp_name(sio_socket_nsp(s)), "query", own_query(s), "auth",
		sio_socket_auth(s), "secure", json_object_get(facts, "secure"),
		"xdomain", json_object_get(facts, "xdomain"), "test",
		sio_socket_header(s, "x-test"));
	json_decref(facts);
}

static void on_whoami(sio_socket *s, sio_event *ev, void *user)
{
	json_t *handshake = sio_socket_handshake(s);

	sio_event_reply(ev, "s, O, s?, s?", sio_socket_address(s),
		json_object_get(handshake, "secure"),
		sio_socket_peer_certificate(s, ENGINEIO_CERTIFICATE_SUBJECT),
		sio_socket_peer_certificate(s, ENGINEIO_CERTIFICATE_ERROR));
	json_decref(handshake);
}

static void on_transport(sio_socket *s, sio_event *ev, void *user)
{
	sio_event_reply(ev, "s", sio_socket_transport(s));
}

/* What this app has beyond the events of every twin. */
static void on_features(sio_socket *s, sio_event *ev, void *user)
{
	static const char *const features[] = {
		"ask-room",
		"client-certificates",
		"compress",
		"deny",
		"dynamic",
		"engine-echo",
		"heap",
		"in-order",
		"outgoing",
		"proxies",
		"queue",
		"recovery-from-nothing",
		"recovery-takes-over",
		"strict",
		"volatile",
	};
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		json_array_append_new(list, json_string(features[i]));
	sio_event_reply(ev, "o", list);
}

/* Bytes of memory in use, to see whether clients leave some behind. */
static void on_heap(sio_socket *s, sio_event *ev, void *user)
{
	struct mallinfo2 info = mallinfo2();

	sio_event_reply(ev, "I", (json_int_t)(info.uordblks + info.hblkhd));
}

static void note_sent(sio_socket *s, sio_event *ev, void *user)
{
	json_t *data = sio_socket_shared_data(s);
	json_t *args = sio_event_rest(ev, 0);

	json_array_insert_new(args, 0, json_string(sio_event_name(ev)));
	json_array_append_new(json_object_get(data, "sent"), args);
}

/* Asked once it begins to write down what is sent to this socket, and acks
 * what it has written since it was asked last. */
static void on_outgoing(sio_socket *s, sio_event *ev, void *user)
{
	json_t *data = sio_socket_shared_data(s);
	json_t *sent = json_object_get(data, "sent");

	if (!sent)
		sio_socket_on_any_outgoing(s, note_sent, NULL);
	sio_event_reply(ev, "o", sent ? json_incref(sent) : json_array());
	json_object_set_new(data, "sent", json_array());
}

static void on_reason(sio_socket *s, sio_event *ev, void *user)
{
	const char *key = json_string_value(arg(ev, 0));
	json_t *reason = json_object_get(reasons, key);

	if (key)
		sio_event_reply(ev, "O", reason ? reason : json_null());
}

static void on_disconnect(sio_socket *s, sio_event *ev, void *user)
{
	json_t *key = json_object_get(sio_socket_auth(s), "key");

	if (json_is_string(key))
		json_object_set(reasons, json_string_value(key), arg(ev, 0));
}

/* -- all of them -------------------------------------------------------- */

static const sio_listener rows[] = {
	{ "message", on_message },
	{ "message-with-ack", on_message_with_ack },
	{ "join", on_join },
	{ "leave", on_leave },
	{ "rooms", on_rooms },
	{ "room-size", on_room_size },
	{ "to", on_to },
	{ "in", on_in },
	{ "except", on_except },
	{ "to-except", on_to_except },
	{ "broadcast", on_broadcast },
	{ "all", on_all },
	{ "volatile", on_volatile },
	{ "inspect", on_inspect },
	{ "make-binary", on_make_binary },
	{ "binary-ack", on_binary_ack },
	{ "ask", on_ask },
	{ "ask-forever", on_ask_forever },
	{ "ask-room", on_ask_room },
	{ "big", on_big },
	{ "big-plain", on_big_plain },
	{ "measure", on_measure },
	{ "burst", on_burst },
	{ "leave-me", on_leave_me },
	{ "kick", on_kick },
	{ "pull", on_pull },
	{ "push-out", on_push_out },
	{ "handshake", on_handshake },
	{ "transport", on_transport },
	{ "whoami", on_whoami },
	{ "features", on_features },
	{ "heap", on_heap },
	{ "outgoing", on_outgoing },
	{ "reason", on_reason },
	{ "disconnect", on_disconnect },
};

void reference_events(sio_nsp *nsp)
{
	if (!reasons)
		reasons = json_object();
	sio_nsp_on_events(nsp, rows, sizeof(rows) / sizeof(rows[0]), NULL);
}

void reference_events_clear(void)
{
	json_decref(reasons);
	reasons = NULL;
}
