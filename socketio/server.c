/* SPDX-License-Identifier: MIT */
/*
 * server.c: the server: its beginning, its end, and the engine's callbacks.
 *
 * What public calls cause (a disconnect, a continued middleware) is left in
 * the list of what is due and told before the output leaves. Always true: while
 * a callback of the program runs, `busy` is not 0 and nothing of the server is
 * freed; who frees the server from inside a callback has it ended at once and
 * freed when the last of them returns.
 */
#include <config.h>

#include <socketio/io.h>
#include <socketio/recovery.h>

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void destroy(sio_server *srv);

/* -- what is due ----------------------------------------------------------- */

void sio__server_enter(sio_server *srv)
{
	srv->busy++;
}

void sio__server_leave(sio_server *srv)
{
	if (--srv->busy == 0 && srv->ended && !srv->running)
		destroy(srv);
}

static void go_on(sio_socket *s)
{
	sio_socket_ref(s);
	if (s->state == SIO__CONNECTING)
		sio__admission_resume(s);
	else if (s->state == SIO__CONNECTED)
		sio__vettings_resume(s);
	else if (s->state == SIO__LEAVING)
		sio__socket_goodbye(s, sio__client_why(s));
	sio_socket_unref(s);
}

void sio__server_later(sio_server *srv, struct sio__task *task)
{
	if (eio__list_empty(&task->link))
		eio__list_add_tail(&srv->tasks, &task->link);
}

/* What was sent comes first, it was sent before whatever is due because of
 * the same call; then goodbyes: what many were asked may end with them. */
static bool work_once(sio_server *srv)
{
	struct eio__list *link;
	struct sio__task *task;

	if (sio__outgoing_tell(srv))
		return true;
	link = eio__list_pop(&srv->due);
	if (link) {
		go_on(eio__list_entry(link, sio_socket, due));
		return true;
	}
	link = eio__list_pop(&srv->tasks);
	if (!link)
		return false;
	task = eio__list_entry(link, struct sio__task, link);
	task->run(task);
	return true;
}

static bool has_work(const sio_server *srv)
{
	return !eio__list_empty(&srv->due) || !eio__list_empty(&srv->tasks) ||
		!eio__list_empty(&srv->sent);
}

bool sio__server_work(sio_server *srv)
{
	bool did = false;

	if (!has_work(srv))
		return false;

	while (work_once(srv))
		did = true;
	return did;
}

static bool before_output(void *user)
{
	sio_server *srv = user;
	bool did;

	if (!has_work(srv))
		return false;
	sio__server_enter(srv);
	did = sio__server_work(srv);
	sio__server_leave(srv);
	return did;
}

/* -- what the engine tells ------------------------------------------------- */

static void on_open(eio_socket *conn, void *user)
{
	sio_server *srv = user;

	srv->has_run = true;
	sio__server_enter(srv);
	sio__server_work(srv);
	sio__client_open(srv, conn);
	sio__server_leave(srv);
}

static void on_message(eio_socket *conn, char *data, size_t len, bool binary,
	void *user)
{
	struct sio__client *c = eio_socket_data(conn);
	sio_server *srv = user;

	if (!c)
		return;
	sio__server_enter(srv);
	/* What came before is told before. */
	sio__server_work(srv);
	if (!srv->ended)
		sio__client_message(c, data, len, binary);
	sio__server_leave(srv);
}

static void on_close(eio_socket *conn, enum eio_reason reason,
	const char *detail, void *user)
{
	struct sio__client *c = eio_socket_data(conn);
	sio_server *srv = user;

	if (!c)
		return;
	sio__server_enter(srv);
	sio__server_work(srv);
	sio__client_close(c, reason, detail);
	sio__server_leave(srv);
}

/* -- birth ----------------------------------------------------------------- */

static void join_engine(sio_server *srv)
{
	eio_server_on_open(srv->engine, on_open, srv);
	eio_server_on_message(srv->engine, on_message, srv);
	eio_server_on_close(srv->engine, on_close, srv);
}

static bool init(sio_server *srv, eio_loop *loop)
{
	eio__list_init(&srv->clients);
	eio__list_init(&srv->due);
	eio__list_init(&srv->tasks);
	eio__list_init(&srv->inquiries);
	eio__list_init(&srv->sent);
	eio__list_init(&srv->parents);
	eio__list_init(&srv->empty);
	eio__strbuf_init(&srv->out, 0);
	eio__strbuf_init(&srv->mounts, 0);
	srv->stray = sio__stray_new();
	srv->own_loop = !loop;
	srv->loop = loop ? loop : eio_loop_new();
	if (!srv->loop || !srv->stray)
		return false;
	srv->engine = eio_server_new(srv->loop);
	if (!srv->engine)
		return false;
	if (eio_loop_random(srv->loop, &srv->seed, sizeof(srv->seed)))
		return false;
	eio__map_init(&srv->nsps, srv->seed, sio__nsp_key);
	join_engine(srv);
	sio__options_init(srv);
	if (eio_server_set_path(srv->engine, "/socket.io") ||
		eio_loop_before_output(srv->loop, before_output, srv))
		return false;
	/* "/" is there from the beginning, whether it is used or not. */
	return sio_server_of(srv, "/") && sio__client_files_start(srv) == 0;
}

static sio_server *make(eio_loop *loop)
{
	sio_server *srv = calloc(1, sizeof(*srv));

	if (!srv)
		return NULL;
	if (init(srv, loop))
		return srv;
	destroy(srv);
	return NULL;
}

sio_server *sio_server_new(void)
{
	return make(NULL);
}

sio_server *sio_server_new_on(eio_loop *loop)
{
	return loop ? make(loop) : NULL;
}

bool sio__server_has_begun(const sio_server *srv)
{
	return srv->listening || srv->has_run || srv->ended;
}

int sio__server_fail(sio_server *srv, int err, const char *fmt, ...)
{
	char text[sizeof(srv->error_text)];
	va_list ap;

	if (!srv || !err)
		return err;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (srv->has_run) {
		eio_server_log(srv->engine, ENGINEIO_LOG_WARN, "%s", text);
	} else if (!srv->error) {
		srv->error = err;
		memcpy(srv->error_text, text, sizeof(text));
	}
	return err;
}

const char *sio_server_error(const sio_server *srv)
{
	return srv ? srv->error_text : "out of memory";
}

/* -- death ----------------------------------------------------------------- */

static void free_keep(sio_server *srv)
{
	while (srv->keep_n > 0)
		free(srv->keep[--srv->keep_n]);
	free(srv->keep);
}

static void free_nsps(sio_server *srv)
{
	sio_nsp *nsp;
	size_t pos = 0;

	for (nsp = eio__map_next(&srv->nsps, &pos); nsp;
		nsp = eio__map_next(&srv->nsps, &pos))
		sio__nsp_let_go(nsp);
	eio__map_clear(&srv->nsps);
	sio__parents_clear(srv);
	sio__uses_clear(&srv->on_namespace);
}

static void destroy(sio_server *srv)
{
	if (srv->loop)
		eio_loop_off_turn_end(srv->loop, before_output, srv);
	/* Tells on_close() of every connection. */
	srv->ended = true;
	srv->busy++;
	eio_server_free(srv->engine);
	free_nsps(srv);
	sio__adapter_stop(srv);
	sio__recovery_free(srv->recovery);
	sio__ends_clear(srv);
	free_keep(srv);
	free(srv->client_dir);
	free(srv->spare);
	json_decref(srv->spare_args);
	eio__strbuf_clear(&srv->out);
	eio__strbuf_clear(&srv->mounts);
	sio__stray_leave(srv->stray, srv->loop);
	/* Not from inside itself: see sio_server_free(). */
	if (srv->own_loop && !srv->in_loop)
		eio_loop_free(srv->loop);
	free(srv);
}

/* Tells every socket; new ones do not come any more. */
static void say_goodbye(sio_server *srv)
{
	struct eio__list *pos;

	eio__list_for_each(pos, &srv->clients)
		sio__client_leave(eio__list_entry(pos, struct sio__client,
					  link),
			ENGINEIO_REASON_SHUTTING_DOWN);
	/* The one whose callback this is called from, if it is. */
	if (srv->goodbye)
		sio__goodbye_finish(srv->goodbye);
	sio__server_work(srv);
	sio__adapters_give_up(srv);
	sio__server_work(srv);
}

void sio_server_free(sio_server *srv)
{
	if (!srv || srv->ended)
		return;
	srv->ended = true;
	srv->in_loop = srv->busy > 0;
	sio__server_enter(srv);
	say_goodbye(srv);
	if (srv->running)
		eio_loop_stop(srv->loop);
	sio__server_leave(srv);
}

static void on_done(void *user)
{
	sio_server *srv = user;

	sio__server_enter(srv);
	if (srv->done && !srv->ended)
		srv->done(srv->done_user);
	sio__server_leave(srv);
}

int sio_server_close(sio_server *srv, unsigned deadline_ms,
	void (*done)(void *user), void *user)
{
	if (!srv)
		return SIO_ERR_INVALID;
	if (srv->closing || srv->ended)
		return SIO_ERR_STATE;
	srv->closing = true;
	srv->done = done;
	srv->done_user = user;
	return eio_server_close(srv->engine, deadline_ms, on_done, srv);
}

/* -- running --------------------------------------------------------------- */

/* An address that cannot be had is no reason not to try another one. */
static void forget_listen_error(sio_server *srv)
{
	if (!srv->listen_failed)
		return;
	srv->listen_failed = false;
	srv->error = 0;
	srv->error_text[0] = '\0';
}

/* flags -1: whatever suits the server. */
static int listen_at(sio_server *srv, const char *host, int port, int flags)
{
	int err;

	if (!srv)
		return SIO_ERR_INVALID;
	forget_listen_error(srv);
	if (srv->error)
		return srv->error;
	if (flags < 0)
		err = eio_server_listen(srv->engine, host, port);
	else
		err = eio_server_listen_with(srv->engine, host, port,
			(unsigned)flags);
	if (err) {
		srv->listen_failed = !srv->has_run;
		return sio__server_fail(srv, err, "%s",
			*eio_server_error(srv->engine)
				? eio_server_error(srv->engine)
				: sio_strerror(err));
	}
	srv->listening = true;
	sio__client_files_look(srv);
	sio__mounts_look(srv);
	return 0;
}

int sio_server_listen(sio_server *srv, const char *host, int port)
{
	return listen_at(srv, host, port, -1);
}

int sio_server_listen_with(sio_server *srv, const char *host, int port,
	unsigned flags)
{
	return listen_at(srv, host, port,
		flags > ENGINEIO_LISTEN_FLAGS ? INT_MAX : (int)flags);
}

int sio_server_port(const sio_server *srv)
{
	return srv ? eio_server_port(srv->engine) : 0;
}

int sio_server_run(sio_server *srv)
{
	int err;

	if (!srv)
		return SIO_ERR_NOMEM;
	if (srv->error)
		return srv->error;
	if (srv->running || srv->ended)
		return SIO_ERR_STATE;
	srv->has_run = true;
	srv->running = true;
	err = eio_loop_run(srv->loop);
	srv->running = false;
	srv->in_loop = false;
	if (srv->ended)
		destroy(srv);
	return err;
}

void sio_server_stop(sio_server *srv)
{
	if (srv)
		eio_loop_stop(srv->loop);
}

int sio_server_post(sio_server *srv, void (*fn)(void *arg, int status),
	void *arg)
{
	return srv ? eio_loop_post(srv->loop, fn, arg) : SIO_ERR_INVALID;
}

eio_loop *sio_server_loop(const sio_server *srv)
{
	return srv ? srv->loop : NULL;
}

eio_server *sio_server_engine(const sio_server *srv)
{
	return srv ? srv->engine : NULL;
}

void sio_server_set_data(sio_server *srv, void *data)
{
	if (srv)
		srv->data = data;
}

void *sio_server_data(const sio_server *srv)
{
	return srv ? srv->data : NULL;
}
