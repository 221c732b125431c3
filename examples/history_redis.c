/* SPDX-License-Identifier: MIT */
/*
 * A chat whose last messages are in Redis, so that they are there when the
 * server comes back. hiredis runs on the server's own loop: no thread, and
 * nobody waits while Redis does.
 *
 *	./history_redis [PORT [UNIX-SOCKET-OF-REDIS]]     else 127.0.0.1:6379
 *
 *	socket.on("history", (messages) => ...)      newest first, when it comes
 *	socket.emit("post", { text }, ({ stored }) => ...)
 *	socket.on("message", (message) => ...)
 *	socket.on("redis", (up) => ...)              when it goes and comes back
 *
 * Without Redis the chat goes on, and says that nothing is stored.
 */
#include <socketio/socketio.h>

#include <hiredis/async.h>
#include <hiredis/hiredis.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define KEY      "libsocketio:history"
#define KEPT     50
#define RETRY_MS 500

static sio_nsp *io;
static const char *redis_path; /* NULL: TCP */

static struct redis {
	redisAsyncContext *context; /* NULL: it is to be connected anew */
	eio_loop *loop;
	eio_watch *watch;
	eio_timer *retry;
	int events;
	bool up, ending;
} redis;

static void tell(bool up)
{
	if (up != redis.up && !redis.ending)
		sio_nsp_emit(io, "redis", "b", up);
	redis.up = up;
}

/* -- hiredis on our loop -------------------------------------------------- */

/* Reading may be the end of the connection, and of the watch. */
static void on_ready(void *user, int events)
{
	if (events & ENGINEIO_READABLE)
		redisAsyncHandleRead(redis.context);
	if (events & ENGINEIO_WRITABLE && redis.context)
		redisAsyncHandleWrite(redis.context);
}

static void want(int events)
{
	redis.events = events;
	eio_watch_set(redis.watch, events);
}

static void add_read(void *user)
{
	want(redis.events | ENGINEIO_READABLE);
}

static void del_read(void *user)
{
	want(redis.events & ~ENGINEIO_READABLE);
}

static void add_write(void *user)
{
	want(redis.events | ENGINEIO_WRITABLE);
}

static void del_write(void *user)
{
	want(redis.events & ~ENGINEIO_WRITABLE);
}

/* The connection has ended, or never was; hiredis frees the context. */
static void clean_up(void *user)
{
	eio_watch_free(redis.watch);
	redis.watch = NULL;
	redis.context = NULL;
	redis.events = 0;
	tell(false);
	if (!redis.ending)
		eio_timer_start(redis.retry, RETRY_MS);
}

static void on_connect(const redisAsyncContext *context, int status)
{
	tell(status == REDIS_OK);
}

static void connect_redis(void *unused)
{
	redisAsyncContext *c = redis_path
		? redisAsyncConnectUnix(redis_path)
		: redisAsyncConnect("127.0.0.1", 6379);

	if (c && !c->err)
		redis.watch =
			eio_watch_new(redis.loop, c->c.fd, 0, on_ready, NULL);
	if (!redis.watch) {
		if (c)
			redisAsyncFree(c);
		eio_timer_start(redis.retry, RETRY_MS);
		return;
	}
	redis.context = c;
	c->ev.addRead = add_read;
	c->ev.delRead = del_read;
	c->ev.addWrite = add_write;
	c->ev.delWrite = del_write;
	c->ev.cleanup = clean_up;
	/* Asks for the first event, too. */
	redisAsyncSetConnectCallback(c, on_connect);
}

/* -- the chat ------------------------------------------------------------- */

/* With the list, or with NULL when the connection has ended before. */
static void on_list(redisAsyncContext *context, void *reply, void *socket)
{
	const redisReply *list = reply;
	json_t *messages = json_array();
	size_t i;

	for (i = 0;
		list && list->type == REDIS_REPLY_ARRAY && i < list->elements;
		i++)
		json_array_append_new(messages,
			sio_json_parse(list->element[i]->str,
				(size_t)list->element[i]->len));
	if (list)
		sio_socket_emit(socket, "history", "o", messages);
	else
		json_decref(messages);
	sio_socket_unref(socket);
}

static void on_connection(sio_socket *s, sio_event *ev, void *unused)
{
	sio_socket_emit(s, "redis", "b", redis.up);
	if (!redis.up)
		return;
	sio_socket_ref(s);
	if (redisAsyncCommand(redis.context, on_list, s, "LRANGE %s 0 -1", KEY))
		sio_socket_unref(s);
}

static void on_pushed(redisAsyncContext *context, void *reply, void *event)
{
	const redisReply *r = reply;

	sio_event_reply(event, "{s:b}", "stored",
		r && r->type == REDIS_REPLY_INTEGER);
	sio_event_unref(event);
}

static bool store(const char *text, size_t len, sio_event *ev)
{
	if (!redis.up)
		return false;
	if (redisAsyncCommand(redis.context, on_pushed, ev, "LPUSH %s %b", KEY,
		    text, len))
		return false;
	redisAsyncCommand(redis.context, NULL, NULL, "LTRIM %s 0 %d", KEY,
		KEPT - 1);
	return true;
}

static void on_post(sio_socket *s, sio_event *ev, void *unused)
{
	const char *said;
	json_t *message;
	char *text;
	size_t len;

	if (sio_event_unpack(ev, "{s:s}", "text", &said))
		return;
	message = json_pack("{s:s, s:s, s:I}", "from", sio_socket_id(s), "text",
		said, "time", (json_int_t)eio_loop_wall(redis.loop));
	text = sio_json_stringify(message, &len);
	sio_nsp_emit(io, "message", "o", message);
	sio_event_ref(ev);
	if (!text || !store(text, len, ev)) {
		sio_event_reply(ev, "{s:b}", "stored", false);
		sio_event_unref(ev);
	}
	free(text);
}

int main(int argc, char **argv)
{
	sio_server *srv = sio_server_new();
	int port = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 8080;
	int err;

	redis_path = argc > 2 ? argv[2] : NULL;
	redis.loop = sio_server_loop(srv);
	redis.retry = eio_timer_new(redis.loop, connect_redis, NULL);
	io = sio_server_of(srv, "/");
	connect_redis(NULL);
	sio_nsp_on_connection(io, on_connection, NULL);
	sio_nsp_on_event(io, "post", on_post, NULL);
	sio_server_close_on_signal(srv, SIGINT, 1000);
	sio_server_close_on_signal(srv, SIGTERM, 1000);
	sio_server_listen(srv, NULL, port);
	err = sio_server_run(srv);
	if (err)
		fprintf(stderr, "%s\n", sio_server_error(srv));
	redis.ending = true;
	if (redis.context)
		redisAsyncFree(redis.context);
	eio_timer_free(redis.retry);
	sio_server_free(srv);
	return err != 0;
}
