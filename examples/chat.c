/* SPDX-License-Identifier: MIT */
/* The course's chat: cc chat.c $(pkg-config --cflags --libs libsocketio) */
#include <socketio/socketio.h>
#include <stdio.h>

static sio_server *srv;
static sio_nsp *io;
static json_t *msgs; /* newest first, at most 50 */

static void on_connection(sio_socket *s, sio_event *ev, void *user)
{
	printf("connected: %s\n", sio_socket_id(s));
	sio_socket_emit(s, "msg:get", "{s:O}", "msg", msgs);
}
static void on_post(sio_socket *s, sio_event *ev, void *user)
{
	json_int_t now = eio_loop_wall(sio_server_loop(srv));
	json_t *from = NULL, *text = NULL;

	if (sio_event_unpack(ev, "{s?o, s?o}", "user", &from, "text", &text))
		return;
	json_array_insert_new(msgs, 0,
		json_pack("{s:O*, s:O*, s:I}", "user", from, "text", text,
			"time", now));
	json_array_remove(msgs, 50);
	sio_nsp_emit(io, "msg:get", "{s:O}", "msg", msgs);
}
static void on_disconnect(sio_socket *s, sio_event *ev, void *user)
{
	printf("disconnect: %s\n", sio_socket_id(s));
}
int main(void)
{
	srv = sio_server_new();
	io = sio_server_of(srv, "/");
	msgs = json_pack("[{s:s, s:s, s:I}]", "user", "brian", "text", "hi",
		"time", (json_int_t)eio_loop_wall(sio_server_loop(srv)));
	sio_nsp_on_connection(io, on_connection, NULL);
	sio_nsp_on_event(io, "msg:post", on_post, NULL);
	sio_nsp_on_event(io, "disconnect", on_disconnect, NULL);
	sio_server_mount(srv, "/", "public");
	sio_server_listen(srv, NULL, 8080);
	return sio_server_run(srv) && puts(sio_server_error(srv));
}
