/* SPDX-License-Identifier: MIT */
/*
 * test_sio_disconnect.c: every way a socket goes, with the official words
 * for it, over both transports.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_sio.h"

static sio_nsp *other;

static void tell_rooms(sio_socket *s, sio_event *ev, void *user)
{
	tell("%s %s", sio_event_name(ev),
		sio_socket_is_in(s, "room") ? "in" : "out");
}

static int setup(void **state)
{
	sio_setup(state);
	other = sio_server_of(srv, "/a");
	sio_nsp_on_event(io, "disconnect", tell_event, NULL);
	sio_nsp_on_event(other, "disconnect", tell_event, words("/a "));
	return 0;
}

/* In both namespaces. */
static struct fake_ws *client(char sid[24])
{
	struct fake_ws *ws = sio_client("/", sid);

	sio_join_nsp(ws, "/a", NULL);
	return ws;
}

static struct fake_poll *poll_client(void)
{
	struct fake_poll *p = fake_poll_open(loop, "/socket.io/");

	assert_non_null(p);
	fake_poll_post(p,
		"40\x1e"
		"40/a,");
	assert_non_null(fake_poll_next(p));
	return p;
}

static sio_socket *only_one(void)
{
	sio_socket *s;

	assert_int_equal(sio_nsp_sockets(io, &s, 1), 1);
	return s;
}

/* -- by the client ------------------------------------------------------------ */

static void disconnect_packet__from_the_client__ws(void **state)
{
	struct fake_ws *ws = client(NULL);

	fake_ws_send(ws, "41");
	assert_story("disconnect[\"client namespace disconnect\"]");
	expect_open(ws);
	fake_ws_send(ws, "41/a,");
	assert_story("/a disconnect[\"client namespace disconnect\"]");
	expect_open(ws);
	fake_ws_free(ws);
	assert_story("");
}

static void disconnect_packet__from_the_client__polling(void **state)
{
	struct fake_poll *p = poll_client();

	fake_poll_post(p, "41");
	assert_story("disconnect[\"client namespace disconnect\"]");
	fake_poll_post(p, "41/a");
	assert_story("/a disconnect[\"client namespace disconnect\"]");
	fake_poll_free(p);
}

static void close_packet__from_the_client__polling(void **state)
{
	struct fake_poll *p = poll_client();

	fake_poll_post(p, "1");
	assert_story("disconnect[\"transport close\",\"close packet\"]; "
		     "/a disconnect[\"transport close\",\"close packet\"]");
	fake_poll_free(p);
}

static void close_frame__from_the_client__ws(void **state)
{
	struct fake_ws *ws = client(NULL);

	fake_ws_frame(ws, 0x88, "", 0);
	assert_story("disconnect[\"transport close\",\"close frame\"]; "
		     "/a disconnect[\"transport close\",\"close frame\"]");
	fake_ws_free(ws);
	ws = client(NULL);
	fake_ws_frame(ws, 0x88, "\x03\xe9going", 7);
	assert_story("disconnect[\"transport close\",\"close frame 1001\"]; "
		     "/a disconnect[\"transport close\",\"close frame 1001\"]");
	fake_ws_free(ws);
}

static void connection_end__ws__is_transport_close(void **state)
{
	struct fake_ws *ws = client(NULL);

	fake_fin(ws->c);
	assert_non_null(strstr(story(), "disconnect[\"transport close\""));
	fake_ws_free(ws);
}

static void connection_end__while_a_poll_waits__is_transport_error(void **state)
{
	struct fake_poll *p = poll_client();

	fake_poll_get(p);
	fake_reset(p->get);
	assert_non_null(strstr(story(), "disconnect[\"transport error\""));
	fake_poll_free(p);
}

static void silence__without_a_poll__is_ping_timeout(void **state)
{
	struct fake_poll *p = poll_client();

	fake_advance(loop, 25000 + 19999);
	assert_story("");
	fake_advance(loop, 1);
	assert_story("disconnect[\"ping timeout\"]; "
		     "/a disconnect[\"ping timeout\"]");
	fake_poll_free(p);
}

static void silence__ws__is_ping_timeout(void **state)
{
	struct fake_ws *ws = client(NULL);

	fake_advance(loop, 45000);
	assert_story("disconnect[\"ping timeout\"]; "
		     "/a disconnect[\"ping timeout\"]");
	fake_ws_free(ws);
}

/* -- by mistake --------------------------------------------------------------- */

static void websocket_rule__broken__is_transport_error(void **state)
{
	struct fake_ws *ws = client(NULL);

	fake_ws_frame(ws, 0xf1, "x", 1);
	assert_non_null(strstr(story(), "disconnect[\"transport error\""));
	fake_ws_free(ws);
	ws = client(NULL);
	fake_ws_frame(ws, 0x81, "4\xff", 2);
	assert_non_null(strstr(story(), "disconnect[\"transport error\""));
	fake_ws_free(ws);
}

static void overlapping_polls__are_transport_error(void **state)
{
	struct fake_poll *p = poll_client(), *twin = poll_client();

	fake_poll_get(p);
	memcpy(twin->sid, p->sid, sizeof(twin->sid));
	fake_poll_status(twin);
	assert_non_null(strstr(story(), "disconnect[\"transport error\""));
	fake_poll_free(p);
	fake_poll_free(twin);
}

static void ping__in_the_wrong_direction__is_transport_error(void **state)
{
	struct fake_ws *ws = client(NULL);
	struct fake_poll *p = poll_client();

	fake_ws_send(ws, "2");
	assert_non_null(strstr(story(), "disconnect[\"transport error\""));
	fake_poll_post(p, "2");
	assert_non_null(strstr(story(), "disconnect[\"transport error\""));
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void engine_packet__undecodable__is_parse_error(void **state)
{
	struct fake_ws *ws = client(NULL);
	struct fake_poll *p = poll_client();

	fake_ws_send(ws, "x");
	assert_non_null(strstr(story(), "disconnect[\"parse error\""));
	fake_poll_post(p, "x");
	assert_non_null(strstr(story(), "disconnect[\"parse error\""));
	fake_ws_free(ws);
	fake_poll_free(p);
}

static void packet__undecodable__is_forced_close(void **state)
{
	struct fake_ws *ws = client(NULL);
	struct fake_poll *p = poll_client();

	fake_ws_send(ws, "4x");
	assert_story("disconnect[\"forced close\",\"unknown packet type\"]; "
		     "/a disconnect[\"forced close\",\"unknown packet type\"]");
	expect_closed(ws);
	fake_poll_get(p);
	fake_poll_post(p, "4x");
	assert_story("disconnect[\"forced close\",\"unknown packet type\"]; "
		     "/a disconnect[\"forced close\",\"unknown packet type\"]");
	fake_ws_free(ws);
	fake_poll_free(p);

	/* also while no poll waits */
	p = poll_client();
	fake_poll_post(p, "4x");
	assert_story("disconnect[\"forced close\",\"unknown packet type\"]; "
		     "/a disconnect[\"forced close\",\"unknown packet type\"]");
	fake_poll_free(p);
}

#define ELSEWHERE "packet for a namespace it is not in"

static void invalid_state__depends_on_the_transport(void **state)
{
	struct fake_ws *ws = client(NULL);
	struct fake_poll *p = poll_client();

	fake_ws_send(ws, "42/none,[\"a\"]");
	assert_story("disconnect[\"forced close\",\"" ELSEWHERE "\"]; "
		     "/a disconnect[\"forced close\",\"" ELSEWHERE "\"]");
	fake_ws_free(ws);
	fake_poll_get(p);
	fake_poll_post(p, "42/none,[\"a\"]");
	assert_story("disconnect[\"forced close\",\"" ELSEWHERE "\"]; "
		     "/a disconnect[\"forced close\",\"" ELSEWHERE "\"]");
	fake_poll_free(p);
	p = poll_client();
	fake_poll_post(p, "42/none,[\"a\"]");
	assert_story("disconnect[\"forced server close\",\"" ELSEWHERE "\"]; "
		     "/a disconnect[\"forced server close\",\"" ELSEWHERE
		     "\"]");
	fake_poll_free(p);
	assert_story("");
}

/* -- by the server ------------------------------------------------------------ */

static void disconnect__one_namespace__ws(void **state)
{
	char sid[24];
	struct fake_ws *ws = client(sid);

	sio_socket_disconnect(sio_nsp_find(io, sid), false);
	assert_null(sio_nsp_find(io, sid));
	assert_story("");
	fake_turn(loop);
	assert_story("disconnect[\"server namespace disconnect\"]");
	expect(ws, "41");
	expect_open(ws);
	fake_ws_free(ws);
	assert_string_equal(story(),
		"/a disconnect[\"transport close\","
		"\"connection closed\"]");
}

static void disconnect__and_close__ws(void **state)
{
	char sid[24];
	struct fake_ws *ws = client(sid);
	sio_socket *s = sio_nsp_find(io, sid);

	sio_socket_emit(s, "last", NULL);
	sio_socket_disconnect(s, true);
	fake_turn(loop);
	assert_story("disconnect[\"server namespace disconnect\"]; "
		     "/a disconnect[\"server namespace disconnect\"]");
	expect(ws, "42[\"last\"]");
	expect(ws, "41");
	expect(ws, "41/a,");
	expect_closed(ws);
	assert_int_equal(ws->close_code, 1005);
	fake_ws_free(ws);
	assert_story("");
}

static void disconnect__both_forms__polling(void **state)
{
	struct fake_poll *p = poll_client();

	sio_socket_disconnect(only_one(), false);
	fake_turn(loop);
	assert_story("disconnect[\"server namespace disconnect\"]");
	assert_string_equal(fake_poll_next(p), "41");
	fake_poll_free(p);
	fake_advance(loop, 50000);
	story();

	p = poll_client();
	sio_socket_disconnect(only_one(), true);
	fake_turn(loop);
	assert_story("disconnect[\"server namespace disconnect\"]; "
		     "/a disconnect[\"server namespace disconnect\"]");
	assert_string_equal(fake_poll_next(p),
		"41\x1e"
		"41/a,");
	assert_string_equal(fake_poll_next(p),
		"6\x1e"
		"1");
	fake_poll_free(p);
}

static void connection_close__by_the_program__is_forced_close(void **state)
{
	struct fake_ws *ws = client(NULL);
	struct fake_poll *p;

	eio_socket_close(sio_socket_conn(only_one()));
	fake_turn(loop);
	assert_story("disconnect[\"forced close\"]; "
		     "/a disconnect[\"forced close\"]");
	expect_closed(ws);
	fake_ws_free(ws);
	p = poll_client();
	fake_poll_get(p);
	eio_socket_close(sio_socket_conn(only_one()));
	fake_turn(loop);
	assert_story("disconnect[\"forced close\"]; "
		     "/a disconnect[\"forced close\"]");
	fake_poll_free(p);
}

static void on_done(void *user)
{
	tell("done");
}

static void server_close__without_packets__tells_everybody(void **state)
{
	struct fake_ws *ws = client(NULL);
	struct fake_poll *p = poll_client();

	fake_poll_get(p);
	assert_int_equal(sio_server_close(srv, 1000, on_done, NULL), 0);
	assert_int_equal(sio_server_close(srv, 1000, on_done, NULL),
		SIO_ERR_STATE);
	assert_story("");
	fake_turn(loop);
	expect_closed(ws);
	assert_string_equal(fake_poll_next(p), "1");
	assert_story("disconnect[\"server shutting down\"]; "
		     "/a disconnect[\"server shutting down\"]; "
		     "disconnect[\"server shutting down\"]; "
		     "/a disconnect[\"server shutting down\"]");
	fake_ws_free(ws);
	fake_poll_free(p);
	fake_advance(loop, 1000);
	assert_story("done");
	fake_advance(loop, 100000);
	assert_story("");
}

static void server_close__nobody_there__is_done_soon(void **state)
{
	assert_int_equal(sio_server_close(srv, 1000, on_done, NULL), 0);
	assert_story("");
	fake_turn(loop);
	assert_story("done");
	assert_int_equal(sio_server_close(NULL, 0, NULL, NULL),
		SIO_ERR_INVALID);
}

static void server_free__tells_everybody_before_it_returns(void **state)
{
	struct fake_ws *ws = client(NULL);

	sio_free_server();
	assert_story("disconnect[\"server shutting down\"]; "
		     "/a disconnect[\"server shutting down\"]");
	fake_turn(loop);
	assert_true(fake_is_finished(ws->c));
	fake_ws_free(ws);
}

/* -- what handlers see --------------------------------------------------------- */

static void disconnecting__rooms_intact__then_disconnect(void **state)
{
	char sid[24];
	struct fake_ws *ws = client(sid);

	sio_nsp_on_event(io, "disconnecting", tell_rooms, NULL);
	sio_nsp_on_event(io, "disconnect", tell_rooms, NULL);
	sio_socket_join(sio_nsp_find(io, sid), "room");
	sio_socket_disconnect(sio_nsp_find(io, sid), false);
	fake_turn(loop);
	assert_story("disconnecting in; "
		     "disconnect[\"server namespace disconnect\"]; "
		     "disconnect out");
	fake_ws_free(ws);
}

static void own_handlers__and_catch_all__hear_what_is_theirs(void **state)
{
	char sid[24];
	struct fake_ws *ws = sio_client("/", sid);
	sio_socket *s = sio_nsp_find(io, sid);

	sio_nsp_off(io, "disconnect", tell_event);
	sio_socket_on(s, "disconnect", tell_event, words("own "));
	/* only events of the client are caught */
	sio_socket_on_any(s, tell_event, words("any "));
	sio_nsp_on_any(io, tell_event, words("any "));
	fake_ws_send(ws, "41");
	assert_story("own disconnect[\"client namespace disconnect\"]");
	fake_ws_free(ws);
}

static void socket__disconnected__says_so_at_once(void **state)
{
	char sid[24];
	struct fake_ws *ws = client(sid);
	sio_socket *s = sio_nsp_find(io, sid);

	assert_true(sio_socket_is_connected(s));
	sio_socket_disconnect(s, false);
	assert_false(sio_socket_is_connected(s));
	assert_int_equal(sio_socket_emit(s, "a", NULL), SIO_ERR_CLOSED);
	assert_int_equal(sio_socket_join(s, "a"), SIO_ERR_CLOSED);
	assert_ptr_equal(sio_socket_nsp(s), io);
	sio_socket_disconnect(s, false);
	sio_socket_disconnect(s, true);
	sio_socket_disconnect(NULL, true);
	sio_nsp_emit(io, "a", NULL);
	fake_turn(loop);
	expect(ws, "41");
	expect_open(ws);
	fake_ws_free(ws);
	story();
}

/* -- packets that cross the disconnect ------------------------------------------ */

static void crossing_packets__of_a_left_namespace__are_ignored(void **state)
{
	static const char *const texts[] = { "42[\"x\"]", "421[\"x\"]",
		"430[1]", "43[]", "41" };
	char sid[24];
	struct fake_ws *ws = client(sid);
	size_t i;

	sio_socket_disconnect(sio_nsp_find(io, sid), false);
	for (i = 0; i < 5; i++)
		fake_ws_send(ws, texts[i]);
	fake_ws_send(ws, "451-[\"x\",{\"_placeholder\":true,\"num\":0}]");
	fake_ws_send_binary(ws, "x", 1);
	assert_story("disconnect[\"server namespace disconnect\"]");
	expect(ws, "41");
	expect_open(ws);
	/* it may come back */
	sio_join_nsp(ws, "/", NULL);
	fake_ws_send(ws, "41");
	assert_story("disconnect[\"client namespace disconnect\"]");
	fake_ws_free(ws);
	story();
}

static void connect_again__in_the_same_turn__comes_after_goodbye(void **state)
{
	struct fake_ws *ws = sio_client("/", NULL);

	sio_nsp_on_connection(io, tell_text, words("connection"));
	sio_send_together(ws, "41", "40", "42[\"x\"]", NULL);
	assert_story("disconnect[\"client namespace disconnect\"]; "
		     "connection");
	assert_non_null(strstr(fake_ws_next(ws), "40{\"sid\":"));
	expect_open(ws);
	fake_ws_free(ws);
	story();
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, sio_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(disconnect_packet__from_the_client__ws),
		test(disconnect_packet__from_the_client__polling),
		test(close_packet__from_the_client__polling),
		test(close_frame__from_the_client__ws),
		test(connection_end__ws__is_transport_close),
		test(connection_end__while_a_poll_waits__is_transport_error),
		test(silence__without_a_poll__is_ping_timeout),
		test(silence__ws__is_ping_timeout),
		test(websocket_rule__broken__is_transport_error),
		test(overlapping_polls__are_transport_error),
		test(ping__in_the_wrong_direction__is_transport_error),
		test(engine_packet__undecodable__is_parse_error),
		test(packet__undecodable__is_forced_close),
		test(invalid_state__depends_on_the_transport),
		test(disconnect__one_namespace__ws),
		test(disconnect__and_close__ws),
		test(disconnect__both_forms__polling),
		test(connection_close__by_the_program__is_forced_close),
		test(server_close__without_packets__tells_everybody),
		test(server_close__nobody_there__is_done_soon),
		test(server_free__tells_everybody_before_it_returns),
		test(disconnecting__rooms_intact__then_disconnect),
		test(own_handlers__and_catch_all__hear_what_is_theirs),
		test(socket__disconnected__says_so_at_once),
		test(crossing_packets__of_a_left_namespace__are_ignored),
		test(connect_again__in_the_same_turn__comes_after_goodbye),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
