/* SPDX-License-Identifier: MIT */
/*
 * pressure.c: when a session's queue is too full, and what is told of it.
 *
 * A queue is full when more than QUEUE_HIGH waits in it after a turn's writes,
 * or a message was refused (QUEUE_POLICY), and not any more when at most
 * QUEUE_LOW waits. The limits themselves are session_queue.c's. Always true:
 * the application hears of full and not full in turn, from the loop; a session
 * whose queue never was full has no memory for it.
 */
#include <config.h>

#include <engineio/engine.h>

#include <stdlib.h>

struct eio__pressure {
	struct eio__task task;
	eio_socket *s;
	uint64_t refused; /* messages, so far */
	bool early;       /* the turn's writes are to come */
	bool due;         /* a message was refused: it is full */
	bool full;        /* what the application knows */
};

static size_t mark(const eio_socket *s, enum eio_option option)
{
	return (size_t)eio__session_option(s, option);
}

static void tell(struct eio__pressure *p, bool full)
{
	eio_socket *s = p->s;
	eio_server *srv = s->srv;

	p->full = full;
	if (full)
		eio__http_count(&srv->own, ENGINEIO_COUNT_QUEUE_HIGH,
			ENGINEIO_LOG_WARN,
			"session %.8s: %zu bytes in %u packets wait for it "
			"(QUEUE_HIGH)",
			s->id, s->queue.bytes, s->queue.count);
	else
		eio_server_log(srv, ENGINEIO_LOG_DEBUG,
			"session %.8s: its queue is not full any more", s->id);
	if (srv->on_full)
		srv->on_full(s, full, srv->full_user);
}

static bool is_relieved(const eio_socket *s)
{
	return s->queue.bytes <= mark(s, ENGINEIO_QUEUE_LOW);
}

static void look(struct eio__pressure *p)
{
	eio_socket *s = p->s;

	if (s->state == EIO__OPEN && !p->full &&
		(p->due || s->queue.bytes > mark(s, ENGINEIO_QUEUE_HIGH)))
		tell(p, true);
	p->due = false;
	if (s->state == EIO__OPEN && p->full && is_relieved(s))
		tell(p, false);
}

static void on_task(struct eio__task *task)
{
	struct eio__pressure *p =
		eio__list_entry(task, struct eio__pressure, task);
	eio_socket *s = p->s;

	/* Connections that will write in this turn are in that phase's list
	 * by now; once more to its end. */
	if (p->early) {
		p->early = false;
		eio__loop_defer(s->srv->loop, EIO__WRITE, task);
		return;
	}
	eio_socket_ref(s);
	look(p);
	eio_socket_unref(s);
}

/* NULL: no memory; the next message tries again. */
static struct eio__pressure *pressure_of(eio_socket *s)
{
	struct eio__pressure *p = s->pressure;

	if (p)
		return p;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->s = s;
	eio__task_init(&p->task, on_task);
	s->pressure = p;
	return p;
}

static void look_after_writes(eio_socket *s, struct eio__pressure *p)
{
	p->early = true;
	eio__loop_defer(s->srv->loop, EIO__WRITE, &p->task);
}

void eio__pressure_rises(eio_socket *s)
{
	struct eio__pressure *p;

	if (!s->srv->on_full || s->state != EIO__OPEN ||
		eio_socket_is_full(s) ||
		s->queue.bytes <= mark(s, ENGINEIO_QUEUE_HIGH))
		return;
	p = pressure_of(s);
	if (p)
		look_after_writes(s, p);
}

void eio__pressure_refused(eio_socket *s)
{
	struct eio__pressure *p = pressure_of(s);

	if (!p)
		return;
	p->refused++;
	p->due = !p->full;
	if (s->srv->on_full && !p->full)
		look_after_writes(s, p);
}

void eio__pressure_falls(eio_socket *s)
{
	struct eio__pressure *p = s->pressure;

	if (p && p->full && s->state == EIO__OPEN && is_relieved(s))
		eio__loop_defer(s->srv->loop, EIO__WORK, &p->task);
}

void eio__pressure_end(eio_socket *s)
{
	if (s->pressure)
		eio__task_cancel(&s->pressure->task);
}

bool eio_socket_is_full(const eio_socket *s)
{
	return s && s->pressure && s->pressure->full;
}

uint64_t eio_socket_refused(const eio_socket *s)
{
	return s && s->pressure ? s->pressure->refused : 0;
}

void eio_server_on_full(eio_server *srv, eio_full_cb fn, void *user)
{
	if (!srv)
		return;
	srv->on_full = fn;
	srv->full_user = user;
}
