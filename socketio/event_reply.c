/* SPDX-License-Identifier: MIT */
/*
 * event_reply.c: how a handler answers an event: once, now or later, as long as
 * there is a connection.
 *
 * An event of another server is answered through server_event.c. Always true:
 * an answer that could not be sent because of a full queue may be given again.
 */
#include <config.h>

#include <socketio/io.h>

#include <engineio/base/utf8.h>
#include <socketio/json.h>

/* Whether an answer may be given now. */
static int reply_error(const sio_event *ev)
{
	const struct sio__client *c;

	if (!ev)
		return SIO_ERR_INVALID;
	if (!ev->wants_reply)
		return SIO_ERR_STATE;
	if (ev->from)
		return 0;
	c = ev->socket->client;
	if (!c || c->srv->ended || !eio_socket_is_open(c->conn))
		return SIO_ERR_CLOSED;
	return 0;
}

bool sio_event_wants_reply(const sio_event *ev)
{
	return reply_error(ev) == 0;
}

static int send_reply(sio_event *ev, struct sio__message *m)
{
	int err = sio__message_send(m, ev->socket->client);

	sio__message_clear(m);
	/* Refused by QUEUE_POLICY it may be given again. After any other
	 * failure the connection is gone. */
	ev->wants_reply = err == SIO_ERR_FULL;
	return err;
}

int sio_event_reply_json(sio_event *ev, json_t *args)
{
	struct sio__message m;
	int err = reply_error(ev);

	if (!err && ev->from) {
		err = sio__server_event_reply(ev, args);
		json_decref(args);
		return err;
	}
	/* Sent also if the socket has left its namespace, as long as there is
	 * a connection: the client may still wait for it. */
	if (!err)
		err = sio__message_ack(&m, ev->socket->client->srv,
			sio__nsp_span(ev->socket->nsp), ev->id, args);
	if (!err)
		err = send_reply(ev, &m);
	json_decref(args);
	return err;
}

int sio_event_reply(sio_event *ev, const char *fmt, ...)
{
	va_list ap;
	json_t *args;

	va_start(ap, fmt);
	args = sio__pack(fmt, ap);
	va_end(ap);
	return sio_event_reply_json(ev, args);
}

static int write_array(struct eio__strbuf *out, const char *text, size_t len)
{
	eio__strbuf_reserve(out, len + 2);
	eio__strbuf_addc(out, '[');
	eio__strbuf_add(out, text, len);
	return eio__strbuf_addc(out, ']');
}

static int reply_text_to_server(sio_event *ev, const char *text, size_t len)
{
	struct eio__strbuf array;
	json_t *args = NULL;

	eio__strbuf_init(&array, 0);
	if (write_array(&array, text, len) == 0 &&
		sio__json_valid(array.data, array.len, SIO__JSON_MAX_DEPTH))
		args = sio__json_decode(array.data, array.len);
	eio__strbuf_clear(&array);
	return args ? sio_event_reply_json(ev, args) : SIO_ERR_INVALID;
}

/* Whether it is JSON that may be sent, 0 or an error. The event's own
 * arguments, given back untouched, were looked at when they came. */
static int check_reply(const sio_event *ev, const char *text, size_t len)
{
	struct eio__strbuf array;
	int err;

	if (text == ev->args.p && len == ev->args.n)
		return 0;
	eio__strbuf_init(&array, 0);
	err = write_array(&array, text, len);
	if (!err &&
		!(sio__json_valid(array.data, array.len, SIO__JSON_MAX_DEPTH) &&
			eio__utf8_valid(text, len)))
		err = SIO_ERR_INVALID;
	eio__strbuf_clear(&array);
	return err;
}

int sio_event_reply_text(sio_event *ev, const char *text, size_t len)
{
	struct sio__message m;
	int err = reply_error(ev);

	if (!text && len > 0)
		err = SIO_ERR_INVALID;
	if (err)
		return err;
	if (ev->from)
		return reply_text_to_server(ev, text, len);
	err = check_reply(ev, text, len);
	if (!err)
		err = sio__message_answer(&m, ev->socket->client->srv,
			sio__nsp_span(ev->socket->nsp), ev->id,
			sio__span(text, len));
	return err ? err : send_reply(ev, &m);
}
