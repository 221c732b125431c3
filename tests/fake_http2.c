/* SPDX-License-Identifier: MIT */
/* fake_http2.c: see fake_http2.h. */
#include <config.h>

#include "fake_http2.h"

#include <nghttp2/nghttp2.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS_MAX 200

struct body {
	struct eio__strbuf data;
	size_t off;
	bool last;
};

struct fake_h2 {
	struct fake_conn *c;
	nghttp2_session *session;
	bool by_hand; /* it tells what it has read itself */
	int64_t goaway;
	unsigned pongs;
	unsigned count;
	struct fake_h2_answer *answers[FAKE_H2_STREAMS];
	struct body bodies[FAKE_H2_STREAMS];
};

/* -- what comes ---------------------------------------------------------- */

static struct fake_h2_answer *find(nghttp2_session *session, int32_t id)
{
	return nghttp2_session_get_stream_user_data(session, id);
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame,
	const uint8_t *name, size_t name_len, const uint8_t *value, size_t len,
	uint8_t flags, void *user)
{
	struct fake_h2_answer *a = find(session, frame->hd.stream_id);

	if (!a)
		return 0;
	if (name_len == 7 && !memcmp(name, ":status", 7)) {
		a->status = (int)strtol((const char *)value, NULL, 10);
		a->heads++;
		eio__strbuf_reset(&a->head);
	}
	eio__strbuf_printf(&a->head, "%.*s: %.*s\n", (int)name_len,
		(const char *)name, (int)len, (const char *)value);
	return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id,
	const uint8_t *data, size_t len, void *user)
{
	struct fake_h2_answer *a = find(session, id);

	if (a)
		eio__strbuf_add(&a->body, data, len);
	return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame,
	void *user)
{
	struct fake_h2 *h2 = user;
	struct fake_h2_answer *a = find(session, frame->hd.stream_id);

	if (frame->hd.type == NGHTTP2_GOAWAY)
		h2->goaway = frame->goaway.error_code;
	else if (frame->hd.type == NGHTTP2_PING && frame->hd.flags & 1)
		h2->pongs++;
	else if (a && frame->hd.type == NGHTTP2_DATA)
		eio__strbuf_printf(&a->frames, "%zu ", frame->hd.length);
	if (a &&
		(frame->hd.type == NGHTTP2_DATA ||
			frame->hd.type == NGHTTP2_HEADERS) &&
		frame->hd.flags & NGHTTP2_FLAG_END_STREAM)
		a->ended = true;
	return 0;
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t error,
	void *user)
{
	struct fake_h2_answer *a = find(session, id);

	if (!a)
		return 0;
	a->closed = true;
	a->error = error;
	return 0;
}

/* -- its life ------------------------------------------------------------ */

static void session_start(struct fake_h2 *h2, uint32_t window)
{
	nghttp2_session_callbacks *c;
	nghttp2_option *o;
	nghttp2_settings_entry entry = { NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE,
		window };

	assert(!nghttp2_session_callbacks_new(&c));
	assert(!nghttp2_option_new(&o));
	nghttp2_session_callbacks_set_on_header_callback(c, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(c, on_data);
	nghttp2_session_callbacks_set_on_frame_recv_callback(c, on_frame);
	nghttp2_session_callbacks_set_on_stream_close_callback(c, on_close);
	/* What the tests send may be wrong. */
	nghttp2_option_set_no_auto_window_update(o, window != 0);
	assert(!nghttp2_session_client_new2(&h2->session, c, h2, o));
	nghttp2_session_callbacks_del(c);
	nghttp2_option_del(o);
	assert(!nghttp2_submit_settings(h2->session, NGHTTP2_FLAG_NONE, &entry,
		window ? 1 : 0));
}

struct fake_h2 *fake_h2_on(struct fake_conn *c, uint32_t window)
{
	struct fake_h2 *h2 = calloc(1, sizeof(*h2));

	assert(h2 && c);
	h2->c = c;
	h2->goaway = -1;
	h2->by_hand = window != 0;
	session_start(h2, window);
	fake_h2_talk(h2);
	return h2;
}

struct fake_h2 *fake_h2_new(eio_loop *loop, uint32_t window)
{
	return fake_h2_on(fake_connect(loop), window);
}

void fake_h2_free(struct fake_h2 *h2)
{
	unsigned i;

	if (!h2)
		return;
	fake_free(h2->c);
	nghttp2_session_del(h2->session);
	for (i = 0; i < h2->count; i++) {
		eio__strbuf_clear(&h2->answers[i]->head);
		eio__strbuf_clear(&h2->answers[i]->body);
		eio__strbuf_clear(&h2->answers[i]->frames);
		eio__strbuf_clear(&h2->bodies[i].data);
		free(h2->answers[i]);
	}
	free(h2);
}

struct fake_conn *fake_h2_conn(struct fake_h2 *h2)
{
	return h2->c;
}

struct nghttp2_session *fake_h2_session(struct fake_h2 *h2)
{
	return h2->session;
}

static bool say(struct fake_h2 *h2)
{
	struct eio__strbuf b;
	const uint8_t *data;
	ssize_t n;
	bool some;

	eio__strbuf_init(&b, 0);
	for (n = nghttp2_session_mem_send(h2->session, &data); n > 0;
		n = nghttp2_session_mem_send(h2->session, &data))
		eio__strbuf_add(&b, data, (size_t)n);
	some = b.len != 0;
	if (some && !fake_is_closed(h2->c, NULL))
		fake_send(h2->c, b.data, b.len);
	eio__strbuf_clear(&b);
	return some;
}

static bool hear(struct fake_h2 *h2)
{
	struct eio__strbuf *in = fake_received(h2->c);
	size_t n = in->len;

	if (!n)
		return false;
	/* What is wrong shows in what the test looks at. */
	(void)nghttp2_session_mem_recv(h2->session, (uint8_t *)in->data, n);
	fake_skip(h2->c, n);
	return true;
}

void fake_h2_talk(struct fake_h2 *h2)
{
	bool said = true, heard = true;

	while (said || heard) {
		said = say(h2);
		heard = hear(h2);
	}
}

/* -- requests ------------------------------------------------------------ */

static ssize_t read_body(nghttp2_session *session, int32_t id, uint8_t *buf,
	size_t room, uint32_t *flags, nghttp2_data_source *source, void *user)
{
	struct body *body = source->ptr;
	size_t n = body->data.len - body->off;

	if (!n && !body->last)
		return NGHTTP2_ERR_DEFERRED;
	if (n > room)
		n = room;
	if (n)
		memcpy(buf, body->data.data + body->off, n);
	body->off += n;
	if (body->off == body->data.len && body->last)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)n;
}

/* Lines "name: value"; a pseudo-header field begins with its colon. */
static size_t read_fields(const char *text, nghttp2_nv *nv)
{
	const char *colon, *end;
	size_t n;

	for (n = 0; text && *text; n++, text = end + 1) {
		assert(n < FIELDS_MAX);
		colon = strchr(text + 1, ':');
		end = strchr(text, '\n');
		assert(colon && end);
		nv[n].name = (uint8_t *)(uintptr_t)text;
		nv[n].namelen = (size_t)(colon - text);
		nv[n].value = (uint8_t *)(uintptr_t)(colon + 2);
		nv[n].valuelen = (size_t)(end - colon - 2);
		nv[n].flags = 0;
	}
	return n;
}

struct fake_h2_answer *fake_h2_ask_with(struct fake_h2 *h2, const char *fields,
	const char *body, bool open)
{
	unsigned i = h2->count++;
	struct fake_h2_answer *a = calloc(1, sizeof(*a));
	nghttp2_data_provider provider = {
		.source.ptr = &h2->bodies[i],
		.read_callback = read_body,
	};
	static nghttp2_nv nv[FIELDS_MAX];

	assert(a && i < FAKE_H2_STREAMS);
	h2->answers[i] = a;
	if (body)
		eio__strbuf_adds(&h2->bodies[i].data, body);
	h2->bodies[i].last = !open;
	a->id = nghttp2_submit_request(h2->session, NULL, nv,
		read_fields(fields, nv), body || open ? &provider : NULL, a);
	fake_h2_talk(h2);
	return a;
}

struct fake_h2_answer *fake_h2_ask(struct fake_h2 *h2, const char *method,
	const char *path, const char *fields, const char *body, bool open)
{
	struct fake_h2_answer *a;
	struct eio__strbuf b;

	eio__strbuf_init(&b, 0);
	eio__strbuf_printf(&b,
		":method: %s\n:scheme: http\n:path: %s\n:authority: x\n",
		method, path);
	if (fields)
		eio__strbuf_adds(&b, fields);
	a = fake_h2_ask_with(h2, b.data, body, open);
	eio__strbuf_clear(&b);
	return a;
}

static unsigned find_index(const struct fake_h2 *h2,
	const struct fake_h2_answer *a)
{
	unsigned i;

	for (i = 0; h2->answers[i] != a; i++)
		assert(i < h2->count);
	return i;
}

size_t fake_h2_body_sent(const struct fake_h2 *h2,
	const struct fake_h2_answer *a)
{
	return h2->bodies[find_index(h2, a)].off;
}

void fake_h2_more(struct fake_h2 *h2, struct fake_h2_answer *a,
	const void *data, size_t len, bool last)
{
	unsigned i = find_index(h2, a);

	if (len)
		eio__strbuf_add(&h2->bodies[i].data, data, len);
	h2->bodies[i].last = last;
	nghttp2_session_resume_data(h2->session, a->id);
	fake_h2_talk(h2);
}

void fake_h2_reset(struct fake_h2 *h2, struct fake_h2_answer *a)
{
	nghttp2_submit_rst_stream(h2->session, NGHTTP2_FLAG_NONE, a->id,
		NGHTTP2_CANCEL);
	fake_h2_talk(h2);
}

void fake_h2_read(struct fake_h2 *h2, struct fake_h2_answer *a, size_t n)
{
	nghttp2_submit_window_update(h2->session, NGHTTP2_FLAG_NONE, a->id,
		(int32_t)n);
	nghttp2_submit_window_update(h2->session, NGHTTP2_FLAG_NONE, 0,
		(int32_t)n);
	fake_h2_talk(h2);
}

void fake_h2_set(struct fake_h2 *h2, int32_t id, uint32_t value)
{
	const nghttp2_settings_entry entry = { id, value };

	assert(!nghttp2_submit_settings(h2->session, 0, &entry, 1));
	fake_h2_talk(h2);
}

const char *fake_h2_outcome(const struct fake_h2_answer *a)
{
	static char text[4096];

	if (a->closed && a->error && !a->ended)
		snprintf(text, sizeof(text), "reset %u", a->error);
	else
		snprintf(text, sizeof(text), "%d%s%.*s%s", a->status,
			a->body.len ? " " : "", (int)a->body.len,
			a->body.len ? a->body.data : "",
			a->ended ? "" : " ...");
	return text;
}

const char *fake_h2_field(const struct fake_h2_answer *a, const char *name)
{
	static char text[1024];
	size_t n = strlen(name);
	const char *p = a->head.data, *end;

	for (; p && *p; p = end + 1) {
		end = strchr(p, '\n');
		if (!strncmp(p, name, n) && p[n] == ':') {
			snprintf(text, sizeof(text), "%.*s",
				(int)(end - p - (ptrdiff_t)n - 2), p + n + 2);
			return text;
		}
	}
	return "";
}

int64_t fake_h2_goaway(const struct fake_h2 *h2)
{
	return h2->goaway;
}

unsigned fake_h2_pongs(const struct fake_h2 *h2)
{
	return h2->pongs;
}

/* -- frames by hand ------------------------------------------------------ */

void fake_h2_add_frame(struct eio__strbuf *b, uint8_t type, uint8_t flags,
	int32_t id, const void *payload, size_t len)
{
	const unsigned char head[9] = { (unsigned char)(len >> 16),
		(unsigned char)(len >> 8), (unsigned char)len, type, flags,
		(unsigned char)(id >> 24), (unsigned char)(id >> 16),
		(unsigned char)(id >> 8), (unsigned char)id };

	eio__strbuf_add(b, head, sizeof(head));
	if (len)
		eio__strbuf_add(b, payload, len);
}

void fake_h2_add_preface(struct eio__strbuf *b)
{
	eio__strbuf_add(b, NGHTTP2_CLIENT_MAGIC, NGHTTP2_CLIENT_MAGIC_LEN);
	fake_h2_add_frame(b, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
}

void fake_h2_frame(struct fake_h2 *h2, uint8_t type, uint8_t flags, int32_t id,
	const void *payload, size_t len)
{
	struct eio__strbuf b;

	eio__strbuf_init(&b, 0);
	fake_h2_add_frame(&b, type, flags, id, payload, len);
	if (!fake_is_closed(h2->c, NULL))
		fake_send(h2->c, b.data, b.len);
	eio__strbuf_clear(&b);
	hear(h2);
}
