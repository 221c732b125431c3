/* SPDX-License-Identifier: MIT */
/*
 * cookie.c: the cookie that tells a balancer which server a session is on:
 * on the answer to a handshake, with the session's id as its value. The
 * server itself never reads it.
 *
 * Always true: every byte of a cookie has been looked at (GHSA-pxg6-pf52-xh8x:
 * a name or path with a ';' in it is another cookie); see RFC 6265, 4.1.1.
 */
#include <config.h>

#include <engineio/cookie.h>

#include <engineio/engine.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DEFAULTS "Path=/; HttpOnly; SameSite=Lax"
#define BLANKS   " \t"
#define DIGITS   "0123456789"
#define LETTERS  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* A part of the text given. */
struct piece {
	const char *p;
	size_t n;
};

static bool is_word(struct piece a, const char *word)
{
	return a.n == strlen(word) && strncasecmp(a.p, word, a.n) == 0;
}

static void trim(struct piece *a)
{
	while (a->n && strchr(BLANKS, a->p[a->n - 1]))
		a->n--;
	while (a->n && strchr(BLANKS, *a->p)) {
		a->p++;
		a->n--;
	}
}

/* -- the values ---------------------------------------------------------- */

/* All: append the value, or return false. */

static bool add_number(struct eio__strbuf *out, struct piece v)
{
	size_t sign = v.n && *v.p == '-';

	if (v.n == sign || v.n > 15 || strspn(v.p + sign, DIGITS) < v.n - sign)
		return false;
	eio__strbuf_add(out, v.p, v.n);
	return true;
}

/* Letters, digits and inner hyphens, up to 63 of them. */
static bool is_label(struct piece a)
{
	return a.n && a.n <= 63 && a.p[0] != '-' && a.p[a.n - 1] != '-' &&
		strspn(a.p, LETTERS DIGITS "-") >= a.n;
}

static bool add_domain(struct eio__strbuf *out, struct piece v)
{
	struct piece rest = v, label;

	/* An old habit, without a meaning. */
	if (rest.n && *rest.p == '.') {
		rest.p++;
		rest.n--;
	}
	do {
		label.p = rest.p;
		label.n = strcspn(rest.p, ".");
		if (label.n > rest.n)
			label.n = rest.n;
		if (!is_label(label))
			return false;
		rest.p += label.n + 1;
		rest.n -= label.n < rest.n ? label.n + 1 : label.n;
	} while (rest.n);
	if (v.p[v.n - 1] == '.')
		return false;
	eio__strbuf_add(out, v.p, v.n);
	return true;
}

static bool add_path(struct eio__strbuf *out, struct piece v)
{
	size_t i;

	for (i = 0; i < v.n; i++)
		if (v.p[i] < ' ' || v.p[i] > '~' || v.p[i] == '<')
			return false;
	if (!v.n || *v.p != '/')
		return false;
	eio__strbuf_add(out, v.p, v.n);
	return true;
}

/* "Thu, 01 Jan 1970 00:00:00 GMT" */
static bool add_date(struct eio__strbuf *out, struct piece v)
{
	static const char form[] = "Aaa, 00 Aaa 0000 00:00:00 GMT";
	size_t i;

	if (v.n != sizeof(form) - 1)
		return false;
	for (i = 0; i < v.n; i++) {
		const char *set = form[i] == '0'           ? DIGITS
			: form[i] == 'A' || form[i] == 'a' ? LETTERS
							   : NULL;

		if (set ? !strchr(set, v.p[i]) : v.p[i] != form[i])
			return false;
	}
	eio__strbuf_add(out, v.p, v.n);
	return true;
}

/* One of two or three words, in its own spelling. */
static bool add_word(struct eio__strbuf *out, struct piece v,
	const char *const words[3])
{
	size_t i;

	for (i = 0; i < 3; i++) {
		if (!is_word(v, words[i]))
			continue;
		eio__strbuf_adds(out, words[i]);
		return true;
	}
	return false;
}

static bool add_priority(struct eio__strbuf *out, struct piece v)
{
	static const char *const words[] = { "Low", "Medium", "High" };

	return add_word(out, v, words);
}

static bool add_same_site(struct eio__strbuf *out, struct piece v)
{
	static const char *const words[] = { "Lax", "Strict", "None" };

	return add_word(out, v, words);
}

/* -- the attributes ------------------------------------------------------ */

/* In the order in which they are written. */
static const struct {
	const char *name;
	bool (*add)(struct eio__strbuf *out, struct piece v); /* NULL: none */
} kinds[] = {
	{ "Max-Age", add_number },
	{ "Domain", add_domain },
	{ "Path", add_path },
	{ "Expires", add_date },
	{ "HttpOnly", NULL },
	{ "Secure", NULL },
	{ "Partitioned", NULL },
	{ "Priority", add_priority },
	{ "SameSite", add_same_site },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct attribute {
	struct piece name, value;
	bool has_value;
};

/* The next one; *text moves on. An empty one has no name. */
static struct attribute next_attribute(const char **text)
{
	struct attribute a = { { *text, strcspn(*text, ";") }, { "", 0 },
		false };
	const char *equals = memchr(a.name.p, '=', a.name.n);

	*text += a.name.n + ((*text)[a.name.n] == ';');
	if (equals) {
		a.has_value = true;
		a.value.p = equals + 1;
		a.value.n = a.name.n - (size_t)(equals + 1 - a.name.p);
		a.name.n = (size_t)(equals - a.name.p);
	}
	trim(&a.name);
	trim(&a.value);
	return a;
}

/* Every attribute is one of those, and there once. */
static bool all_known(const char *text)
{
	unsigned seen = 0;
	struct attribute a;
	size_t i;

	while (*text) {
		a = next_attribute(&text);
		for (i = 0; i < KINDS && !is_word(a.name, kinds[i].name); i++)
			;
		if (!a.name.n && !a.has_value)
			continue;
		if (i == KINDS || seen & 1u << i)
			return false;
		seen |= 1u << i;
	}
	return true;
}

static bool add_kind(struct eio__strbuf *out, const char *text, size_t kind)
{
	struct attribute a;

	while (*text) {
		a = next_attribute(&text);
		if (!is_word(a.name, kinds[kind].name))
			continue;
		eio__strbuf_adds(out, "; ");
		eio__strbuf_adds(out, kinds[kind].name);
		if (!kinds[kind].add)
			return !a.has_value;
		eio__strbuf_addc(out, '=');
		return a.has_value && kinds[kind].add(out, a.value);
	}
	return true;
}

int eio__cookie_attributes(struct eio__strbuf *out, const char *attributes)
{
	size_t i;

	if (!all_known(attributes))
		return ENGINEIO_ERR_INVALID;
	for (i = 0; i < KINDS; i++)
		if (!add_kind(out, attributes, i))
			return ENGINEIO_ERR_INVALID;
	return out->error;
}

/* -- the cookie ---------------------------------------------------------- */

int eio_server_set_cookie(eio_server *srv, const char *name,
	const char *attributes)
{
	struct eio__strbuf tail;
	char *copy;
	int err;

	if (!srv || (name && !eio__is_token(name)))
		return ENGINEIO_ERR_INVALID;
	eio__strbuf_init(&tail, 0);
	err = eio__strbuf_adds(&tail, "");
	if (name && !err)
		err = eio__cookie_attributes(&tail,
			attributes ? attributes : DEFAULTS);
	copy = name && !err ? strdup(name) : NULL;
	if (!err && name && !copy)
		err = ENGINEIO_ERR_NOMEM;
	if (err) {
		eio__strbuf_clear(&tail);
		return err;
	}
	eio__cookie_clear(srv);
	srv->cookie_name = copy;
	srv->cookie_tail = tail;
	return 0;
}

void eio__cookie_clear(eio_server *srv)
{
	free(srv->cookie_name);
	srv->cookie_name = NULL;
	eio__strbuf_clear(&srv->cookie_tail);
}

/* What encodeURIComponent() leaves as it is. */
static void add_encoded(struct eio__strbuf *out, const char *s)
{
	for (; *s; s++) {
		if (strchr(LETTERS DIGITS "-_.!~*'()", *s))
			eio__strbuf_addc(out, *s);
		else
			eio__strbuf_printf(out, "%%%02X", (unsigned char)*s);
	}
}

void eio__cookie_give(const eio_socket *s, eio_request *req)
{
	const eio_server *srv = s->srv;
	struct eio__strbuf cookie;

	if (!srv->cookie_name)
		return;
	eio__strbuf_init(&cookie, 0);
	eio__strbuf_adds(&cookie, srv->cookie_name);
	eio__strbuf_addc(&cookie, '=');
	add_encoded(&cookie, s->id);
	eio__strbuf_add(&cookie, srv->cookie_tail.data, srv->cookie_tail.len);
	/* The lack of memory is noticed where the answer is written. */
	if (cookie.error)
		req->extra.error = cookie.error;
	else
		eio_request_add_header(req, "Set-Cookie", cookie.data);
	eio__strbuf_clear(&cookie);
}
