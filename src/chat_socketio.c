/* SPDX-License-Identifier: MIT */
/*
 * chat_socketio.c: the chat's way in over Socket.IO.
 *
 * A client is sent `msg:get` with all messages when it comes, and again after
 * each post of anybody; it posts with `msg:post`. Who comes and goes is told
 * on standard output. A post that is none is dropped without a word: the
 * author's program is broken, and nobody else's business.
 *
 * A thousand posts that arrive together would send fifty thousand messages
 * to everybody, more than may wait for one visitor. So what one turn of the
 * loop sends has a limit: behind it the posts that are left are told of
 * together, at the end of the turn. No visitor misses a message by that.
 */
#include <config.h>

#include <src/chat_socketio.h>

#include <stdio.h>
#include <stdlib.h>

/* A quarter of what may wait for one client (QUEUE_BYTES). */
#define TURN_BYTES (1024 * 1024)

struct chat_socketio {
	struct chat *chat;
	sio_nsp *nsp;
	size_t turn_bytes; /* sent in this turn to everybody */
	bool behind;       /* there are posts that nobody was told of */
};

static void on_connection(sio_socket *s, sio_event *ev, void *user)
{
	struct chat_socketio *way = user;

	printf("connected: %s\n", sio_socket_id(s));
	sio_socket_emit(s, "msg:get", "o", chat_state(way->chat));
}

static void on_disconnect(sio_socket *s, sio_event *ev, void *user)
{
	printf("disconnect: %s\n", sio_socket_id(s));
}

static void on_post(sio_socket *s, sio_event *ev, void *user)
{
	struct chat_socketio *way = user;
	json_t *data;

	if (sio_event_unpack(ev, "o", &data) == 0)
		chat_post(way->chat, data);
}

static void tell_everybody(struct chat_socketio *way)
{
	way->turn_bytes += chat_state_bytes(way->chat);
	way->behind = false;
	sio_nsp_emit(way->nsp, "msg:get", "o", chat_state(way->chat));
}

static void on_change(struct chat *chat, void *user)
{
	struct chat_socketio *way = user;

	if (way->turn_bytes == 0 ||
		way->turn_bytes + chat_state_bytes(chat) <= TURN_BYTES)
		tell_everybody(way);
	else
		way->behind = true;
}

static bool on_turn_end(void *user)
{
	struct chat_socketio *way = user;
	bool was_behind = way->behind;

	if (was_behind)
		tell_everybody(way);
	way->turn_bytes = 0;
	return was_behind;
}

static int listen_to(struct chat_socketio *way, sio_server *srv)
{
	if (sio_nsp_on_connection(way->nsp, on_connection, way) < 0 ||
		sio_nsp_on_event(way->nsp, "disconnect", on_disconnect, NULL) <
			0 ||
		sio_nsp_on_event(way->nsp, "msg:post", on_post, way) < 0)
		return -1;
	if (eio_loop_on_turn_end(sio_server_loop(srv), on_turn_end, way) < 0)
		return -1;
	return chat_on_change(way->chat, on_change, way);
}

struct chat_socketio *chat_socketio_new(struct chat *chat, sio_server *srv)
{
	struct chat_socketio *way = calloc(1, sizeof(*way));

	if (!way)
		return NULL;
	way->chat = chat;
	way->nsp = sio_server_of(srv, "/");
	if (!way->nsp || listen_to(way, srv) < 0) {
		eio_loop_off_turn_end(sio_server_loop(srv), on_turn_end, way);
		free(way);
		return NULL;
	}
	return way;
}

void chat_socketio_free(struct chat_socketio *way)
{
	free(way);
}
