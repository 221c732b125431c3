/* SPDX-License-Identifier: MIT */
/*
 * protocol.c: what the revisions of the Socket.IO protocol do differently.
 *
 * A client's is known from its Engine.IO session: over revision 3 of that it
 * speaks Socket.IO protocol 4. The differences are all about how a namespace
 * is joined; packet.c knows that of the grammar.
 */
#include <config.h>

#include <socketio/io.h>
#include <socketio/recovery.h>

#include <engineio/base/base64.h>
#include <engineio/base/query.h>
#include <socketio/json.h>

/* -- protocol 5 ------------------------------------------------------------ */

static struct sio__span auth_v5(const struct sio__packet *p,
	struct eio__strbuf *scratch)
{
	return p->data;
}

static size_t id_len_v5(const eio_socket *conn, struct sio__span nsp)
{
	return SIO__SID_LEN;
}

/* 15 random bytes, written with letters, digits, '-' and '_'. */
static int make_id_v5(sio_socket *s, struct sio__span nsp)
{
	unsigned char bytes[15];
	int err = eio_loop_random(s->client->srv->loop, bytes, sizeof(bytes));

	if (err)
		return err;
	eio__base64_encode_url(s->id, bytes, sizeof(bytes));
	s->id[SIO__SID_LEN] = '\0';
	return 0;
}

/* Socket.IO protocol 5, Connection to a namespace: the answer is the id of
 * the socket. */
static int write_welcome_v5(struct eio__strbuf *out, const sio_socket *s)
{
	eio__strbuf_adds(out, "{\"sid\":\"");
	eio__strbuf_adds(out, s->id);
	if (s->recoverable) {
		eio__strbuf_adds(out, "\",\"pid\":\"");
		eio__strbuf_adds(out, s->recoverable->pid);
	}
	return eio__strbuf_adds(out, "\"}");
}

/* {"message":...[,"data":...]}, in this order. */
static int write_refusal_v5(struct eio__strbuf *out, const char *message,
	const json_t *data)
{
	int err = 0;

	eio__strbuf_adds(out, "{\"message\":");
	sio__json_write_text(out, message, strlen(message));
	if (data) {
		eio__strbuf_adds(out, ",\"data\":");
		/* Socket.IO protocol 5: only EVENT and ACK have attachments. */
		err = sio__json_write(out, data, NULL);
	}
	return err ? err : eio__strbuf_addc(out, '}');
}

static const struct sio__protocol v5 = {
	.auth = auth_v5,
	.id_len = id_len_v5,
	.make_id = make_id_v5,
	.write_welcome = write_welcome_v5,
	.write_refusal = write_refusal_v5,
};

/* -- protocol 4 ------------------------------------------------------------ */

/* The query behind the namespace, as an object of texts; whoever reads it
 * takes the last of several that have the same name. */
static struct sio__span auth_v4(const struct sio__packet *p,
	struct eio__strbuf *scratch)
{
	struct eio__strbuf name, value;
	struct eio__query q;
	char before = '{';

	eio__strbuf_init(&name, 0);
	eio__strbuf_init(&value, 0);
	eio__query_init(&q, p->query.p, p->query.n);
	while (eio__query_next(&q, &name, &value)) {
		eio__strbuf_addc(scratch, before);
		sio__json_write_text(scratch, name.data, name.len);
		eio__strbuf_addc(scratch, ':');
		sio__json_write_text(scratch, value.data, value.len);
		before = ',';
	}
	if (before == ',')
		eio__strbuf_addc(scratch, '}');
	if (!scratch->error)
		scratch->error = name.error ? name.error : value.error;
	eio__strbuf_clear(&name);
	eio__strbuf_clear(&value);
	return sio__span(scratch->data, scratch->len);
}

static bool is_main(struct sio__span nsp)
{
	return nsp.n == 1;
}

static size_t id_len_v4(const eio_socket *conn, struct sio__span nsp)
{
	return (is_main(nsp) ? 0 : nsp.n + 1) + strlen(eio_socket_id(conn));
}

/* In "/" the id of the session, which its client uses as that of its socket;
 * elsewhere the namespace in front of it. */
static int make_id_v4(sio_socket *s, struct sio__span nsp)
{
	size_t n = is_main(nsp) ? 0 : nsp.n;
	const char *session = eio_socket_id(s->client->conn);

	memcpy(s->id, nsp.p, n);
	if (n)
		s->id[n++] = '#';
	memcpy(s->id + n, session, strlen(session) + 1);
	return 0;
}

/* The client knows its id. */
static int write_welcome_v4(struct eio__strbuf *out, const sio_socket *s)
{
	return 0;
}

/* What JavaScript takes for a value. */
static bool is_something(const json_t *data)
{
	switch (data ? json_typeof(data) : JSON_NULL) {
	case JSON_NULL:
	case JSON_FALSE:
		return false;
	case JSON_STRING:
		return json_string_length(data) > 0;
	case JSON_INTEGER:
	case JSON_REAL:
		return json_number_value(data) != 0;
	default:
		return true;
	}
}

/* The data alone; without any the message. */
static int write_refusal_v4(struct eio__strbuf *out, const char *message,
	const json_t *data)
{
	if (is_something(data))
		return sio__json_write(out, data, NULL);
	sio__json_write_text(out, message, strlen(message));
	return out->error;
}

static const struct sio__protocol v4 = {
	.joins_main = true,
	.auth = auth_v4,
	.id_len = id_len_v4,
	.make_id = make_id_v4,
	.write_welcome = write_welcome_v4,
	.write_refusal = write_refusal_v4,
};

/* -- which ----------------------------------------------------------------- */

static bool is_old(const eio_socket *conn)
{
	return eio_socket_protocol(conn) < 4;
}

const struct sio__protocol *sio__protocol_of(const eio_socket *conn)
{
	return is_old(conn) ? &v4 : &v5;
}

const struct sio__limits *sio__limits_of(const struct sio__client *c)
{
	return is_old(c->conn) ? &c->srv->old_limits : &c->srv->limits;
}
