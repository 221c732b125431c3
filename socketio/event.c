/* SPDX-License-Identifier: MIT */
/*
 * event.c: what a handler sees of an event or of an answer.
 *
 * The arguments stay the text they came as until a handler asks for them.
 * That text is the network's: an event that is kept beyond its handler
 * copies it then. The last event is not freed but used again for the next,
 * so that an event as such costs no allocation; nor does the array of its
 * arguments, unless somebody else holds it.
 */
#include <config.h>

#include <socketio/io.h>

#include <socketio/json.h>

#include <stdlib.h>

/* An array that has held more elements is not kept. */
#define KEEP_ARGS 16

/* -- birth and death ------------------------------------------------------- */

static sio_event *take(sio_socket *s)
{
	sio_server *srv = s->client->srv;
	sio_event *ev = srv->spare;

	srv->spare = NULL;
	if (!ev)
		ev = malloc(sizeof(*ev));
	if (!ev)
		return NULL;
	memset(ev, 0, offsetof(sio_event, short_name));
	ev->refs = 1;
	ev->socket = sio_socket_ref(s);
	eio__list_init(&ev->link);
	ev->name = "";
	return ev;
}

sio_event *sio_event_ref(sio_event *ev)
{
	if (!ev)
		return NULL;
	if (!ev->text && ev->args.n > 0) {
		ev->text = malloc(ev->args.n);
		if (!ev->text)
			return NULL;
		memcpy(ev->text, ev->args.p, ev->args.n);
		ev->args.p = ev->text;
	}
	ev->refs++;
	return ev;
}

/* A program may hold values in several threads: what it did with one before
 * it let go has been done when the count is seen. */
static bool is_held_once(const json_t *value)
{
#if defined(JSON_HAVE_ATOMIC_BUILTINS) && JSON_HAVE_ATOMIC_BUILTINS
	return __atomic_load_n(&value->refcount, __ATOMIC_ACQUIRE) == 1;
#else
	return value->refcount == 1;
#endif
}

/* An array that is nobody else's is emptied and kept for the next event: made
 * anew it is two blocks of memory. */
static void give_up_args(sio_server *srv, json_t *args)
{
	if (srv && !srv->spare_args && is_held_once(args) &&
		json_array_size(args) <= KEEP_ARGS &&
		json_array_clear(args) == 0)
		srv->spare_args = args;
	else
		json_decref(args);
}

/* NULL: out of memory. */
static json_t *empty_args(const sio_event *ev)
{
	const struct sio__client *c = ev->socket ? ev->socket->client : NULL;
	json_t *args = c ? c->srv->spare_args : NULL;

	if (!args)
		return json_array();
	c->srv->spare_args = NULL;
	return args;
}

void sio_event_unref(sio_event *ev)
{
	sio_socket *socket;
	sio_server *srv;

	if (!ev || --ev->refs > 0)
		return;
	socket = ev->socket;
	srv = socket && socket->client ? socket->client->srv : NULL;
	if (ev->from)
		sio__server_event_release(ev);
	if (ev->values)
		give_up_args(srv, ev->values);
	free(ev->text);
	free(ev->long_name);
	free(ev->error);
	json_decref(ev->error_data);
	sio__record_unref(ev->record);
	if (srv && !srv->spare)
		srv->spare = ev;
	else
		free(ev);
	/* Last: the server may go with it. */
	sio_socket_unref(socket);
}

/* -- names ----------------------------------------------------------------- */

/* A name that is a number is the text JavaScript makes of it. */
static int name_from_number(sio_event *ev, struct sio__span name)
{
	json_t *number = sio__json_decode(name.p, name.n);
	struct eio__strbuf out;
	int err;

	if (!number)
		return SIO_ERR_NOMEM;
	eio__strbuf_init(&out, sizeof(ev->short_name) - 1);
	err = sio__json_write(&out, number, NULL);
	if (!err) {
		memcpy(ev->short_name, out.data, out.len + 1);
		ev->name = ev->short_name;
		ev->name_len = out.len;
		ev->numeric = true;
	}
	eio__strbuf_clear(&out);
	json_decref(number);
	return err;
}

/* Of a string without escapes the name is what stands between its quotes. */
static int set_name(sio_event *ev, struct sio__span name, bool escaped)
{
	char *p = ev->short_name;

	if (name.n == 0)
		return 0;
	if (*name.p != '"')
		return name_from_number(ev, name);
	if (name.n > sizeof(ev->short_name)) {
		ev->long_name = malloc(name.n);
		p = ev->long_name;
	}
	if (!p)
		return SIO_ERR_NOMEM;
	ev->name_len = name.n - 2;
	if (escaped)
		ev->name_len = sio__json_unescape(name, p, false);
	else
		memcpy(p, name.p + 1, ev->name_len);
	p[ev->name_len] = '\0';
	ev->name = p;
	return 0;
}

/* The first of the values, by way of its text. */
static int name_from_value(sio_event *ev, const json_t *name)
{
	struct eio__strbuf out;
	int err;

	eio__strbuf_init(&out, 0);
	err = sio__json_write(&out, name, NULL);
	if (!err)
		err = set_name(ev, sio__span(out.data, out.len), true);
	eio__strbuf_clear(&out);
	return err;
}

/* Takes the values of a packet that has them instead of a text, or beside
 * one that says where its attachments belong. */
static int take_values(sio_event *ev, struct sio__incoming *in)
{
	int err = 0;

	ev->values = in->values ? in->values : json_array();
	in->values = NULL;
	ev->args = sio__span(NULL, 0);
	if (ev->is_ack || json_array_size(ev->values) == 0)
		return 0;
	if (in->packet.name.n == 0)
		err = name_from_value(ev, json_array_get(ev->values, 0));
	json_array_remove(ev->values, 0);
	return err;
}

sio_event *sio__event_new(sio_socket *s, struct sio__incoming *in)
{
	const struct sio__packet *packet = &in->packet;
	sio_event *ev = take(s);

	if (!ev)
		return NULL;
	ev->is_ack = packet->type == SIO__ACK;
	ev->wants_reply = packet->has_id && !ev->is_ack;
	ev->id = packet->id;
	ev->bytes = in->bytes;
	ev->args = packet->args;
	if (set_name(ev, packet->name, packet->name_escaped))
		goto nomem;
	/* With attachments the text is not what the values are made of. */
	if ((packet->attachments > 0 || in->values) && take_values(ev, in))
		goto nomem;
	return ev;

nomem:
	sio_event_unref(ev);
	return NULL;
}

sio_event *sio__event_make(sio_socket *s, const char *name, json_t *args)
{
	sio_event *ev = args ? take(s) : NULL;

	if (!ev) {
		json_decref(args);
		return NULL;
	}
	ev->name = name;
	ev->name_len = strlen(name);
	ev->values = args;
	return ev;
}

sio_event *sio__event_from_server(const char *name, json_t *args,
	struct sio__server_reply *reply)
{
	size_t n = strlen(name) + 1;
	sio_event *ev = calloc(1, sizeof(*ev));

	if (!ev)
		return NULL;
	ev->long_name = malloc(n);
	if (!ev->long_name) {
		free(ev);
		return NULL;
	}
	memcpy(ev->long_name, name, n);
	ev->refs = 1;
	eio__list_init(&ev->link);
	ev->name = ev->long_name;
	ev->name_len = n - 1;
	ev->values = json_incref(args);
	ev->from = reply;
	ev->wants_reply = reply->answer != NULL;
	return ev;
}

size_t sio__event_weight(const sio_event *ev)
{
	/* Values take more than the bytes they were made of. */
	return ev->socket->client->srv->parser ? sio__parser_weight(ev->values)
					       : ev->bytes;
}

struct sio__span sio__event_span(const sio_event *ev)
{
	return sio__span(ev->name, ev->name_len);
}

/* -- what handlers ask ----------------------------------------------------- */

const char *sio_event_name(const sio_event *ev)
{
	return ev ? ev->name : "";
}

json_t *sio_event_name_json(const sio_event *ev)
{
	if (!ev)
		return NULL;
	return ev->numeric ? sio__json_decode(ev->name, ev->name_len)
			   : json_stringn(ev->name, ev->name_len);
}

sio_socket *sio_event_socket(const sio_event *ev)
{
	return ev ? ev->socket : NULL;
}

sio_nsp *sio_event_nsp(const sio_event *ev)
{
	if (ev && ev->from)
		return ev->from->nsp;
	return ev ? sio_socket_nsp(ev->socket) : NULL;
}

json_t *sio_event_args(sio_event *ev)
{
	if (!ev)
		return NULL;
	if (!ev->values)
		ev->values = sio__json_decode_list(empty_args(ev), ev->args.p,
			ev->args.n);
	return ev->values;
}

json_t *sio_event_rest(sio_event *ev, size_t n)
{
	json_t *args = sio_event_args(ev), *rest, *value;
	size_t i;

	rest = args ? json_array() : NULL;
	if (!rest)
		return NULL;
	json_array_foreach(args, i, value) {
		if (i >= n && json_array_append(rest, value) != 0) {
			json_decref(rest);
			return NULL;
		}
	}
	return rest;
}

const char *sio_event_text(const sio_event *ev, size_t *len)
{
	if (len)
		*len = ev ? ev->args.n : 0;
	return ev && ev->args.n > 0 ? ev->args.p : NULL;
}

const char *sio_event_error(const sio_event *ev)
{
	return ev && ev->error ? ev->error : "";
}

json_t *sio_event_error_data(const sio_event *ev)
{
	return ev ? ev->error_data : NULL;
}

/* -- unpacking ------------------------------------------------------------- */

/* Where a walk along a format is: all outputs, and the keys of objects, are
 * pointers. */
struct format {
	const char *p;
	va_list ap;
};

static void skip_between(struct format *f)
{
	while (*f->p && strchr(" \t\n,:", *f->p))
		f->p++;
}

static bool is_cut(struct format *f, json_t *value);

static bool is_cut_inside(struct format *f, json_t *value, char close)
{
	size_t i = 0;
	json_t *member;
	bool cut = false;

	for (skip_between(f); *f->p && *f->p != close; skip_between(f)) {
		if (*f->p == '!' || *f->p == '*') {
			f->p++;
			continue;
		}
		if (close == ']') {
			member = json_array_get(value, i++);
		} else {
			f->p++; /* the s of the key */
			if (*f->p == '?')
				f->p++;
			member = json_object_get(value,
				va_arg(f->ap, const char *));
			skip_between(f);
		}
		cut = is_cut(f, member) || cut;
	}
	if (*f->p)
		f->p++;
	return cut;
}

/* Whether a text of this value would be cut by an `s` of the format. */
static bool is_cut(struct format *f, json_t *value)
{
	char c = *f->p++;
	bool with_length = false;

	if (c == '[' || c == '{')
		return is_cut_inside(f, value, c == '[' ? ']' : '}');
	if (c == 'n')
		return false;
	(void)va_arg(f->ap, void *);
	if (c == 's' && *f->p == '%') {
		with_length = true;
		f->p++;
		(void)va_arg(f->ap, void *);
	}
	return c == 's' && !with_length && json_is_string(value) &&
		strlen(json_string_value(value)) != json_string_length(value);
}

static int unpack(json_t *args, const char *format, va_list ap)
{
	struct format f;
	int err;

	f.p = format;
	va_copy(f.ap, ap);
	err = json_vunpack_ex(args, NULL, 0, format, ap);
	if (!err && is_cut(&f, args))
		err = -1;
	va_end(f.ap);
	return err ? SIO_ERR_INVALID : 0;
}

int sio_event_unpack(sio_event *ev, const char *fmt, ...)
{
	json_t *args = sio_event_args(ev);
	char brackets[256], *format = brackets;
	size_t n = fmt ? strlen(fmt) : 0;
	va_list ap;
	int err;

	if (!ev || !args)
		return ev ? SIO_ERR_NOMEM : SIO_ERR_INVALID;
	if (n + 3 > sizeof(brackets))
		format = malloc(n + 3);
	if (!format)
		return SIO_ERR_NOMEM;
	format[0] = '[';
	if (n > 0)
		memcpy(format + 1, fmt, n);
	memcpy(format + 1 + n, "]", 2);
	va_start(ap, fmt);
	err = unpack(args, format, ap);
	va_end(ap);
	if (format != brackets)
		free(format);
	return err;
}
