/* SPDX-License-Identifier: MIT */
/*
 * ws_extension.c: what is agreed on about permessage-deflate (RFC 7692,
 * section 7.1) when a WebSocket begins.
 *
 * Which offers are wrong, which is chosen and what the answer says is as in
 * the npm package ws, with which official clients and servers are built; only
 * numbers are read as the RFC writes them (section 7.1.2: no sign, no leading
 * zero). What is agreed on is carried out by deflate.c. The header is read in
 * one pass; nothing is allocated.
 */
#include <config.h>

#include <engineio/http/ws_extension.h>

#include <engineio/engineio.h>
#include <engineio/http/field.h>

#include <stdio.h>
#include <string.h>

#define BLANKS "\t "

static const char *const names[EIO__DEFLATE_PARAMS] = {
	[EIO__SERVER_NO_TAKEOVER] = "server_no_context_takeover",
	[EIO__CLIENT_NO_TAKEOVER] = "client_no_context_takeover",
	[EIO__SERVER_BITS] = "server_max_window_bits",
	[EIO__CLIENT_BITS] = "client_max_window_bits",
};

/* A name or a value in the header. */
struct word {
	const char *p;
	size_t n;
	char value[4]; /* of a value: its first characters, unescaped */
	size_t value_n;
};

static bool word_is(const struct word *w, const char *text)
{
	return w->n == strlen(text) && !memcmp(w->p, text, w->n);
}

/* -- reading (RFC 6455, section 9.1) ---------------------------------------- */

static const char *skip_blanks(const char *p)
{
	return p + strspn(p, BLANKS);
}

/* Behind the token; NULL without one. */
static const char *read_token(const char *p, struct word *w)
{
	w->p = p;
	w->n = strspn(p, EIO__TOKEN_CHARS);
	return w->n ? p + w->n : NULL;
}

static void add_to_value(struct word *w, char c)
{
	if (w->value_n < sizeof(w->value))
		w->value[w->value_n] = c;
	w->value_n++;
}

/* What is in the quotes must be a token once it is unescaped. */
static const char *read_quoted(const char *p, struct word *w)
{
	for (p++; *p != '"'; p++) {
		if (*p == '\\')
			p++;
		if (!*p || !strchr(EIO__TOKEN_CHARS, *p))
			return NULL;
		add_to_value(w, *p);
	}
	return w->value_n ? p + 1 : NULL;
}

static const char *read_value(const char *p, struct word *w)
{
	size_t i;

	w->value_n = 0;
	if (*p == '"')
		return read_quoted(p, w);
	p = read_token(p, w);
	for (i = 0; p && i < w->n; i++)
		add_to_value(w, w->p[i]);
	return p;
}

/* -- parameters -------------------------------------------------------------- */

/* 8 to 15; 0 for everything else. */
static unsigned char window_bits(const struct word *w)
{
	if (w->value_n == 1 && (w->value[0] == '8' || w->value[0] == '9'))
		return (unsigned char)(w->value[0] - '0');
	if (w->value_n == 2 && w->value[0] == '1' && w->value[1] >= '0' &&
		w->value[1] <= '5')
		return (unsigned char)(10 + w->value[1] - '0');
	return 0;
}

/* 0: this parameter cannot have this value, or must have one. */
static unsigned char value_of(enum eio__deflate_param param,
	const struct word *value)
{
	switch (param) {
	case EIO__SERVER_BITS:
		return value ? window_bits(value) : 0;
	case EIO__CLIENT_BITS:
		return value ? window_bits(value) : 1;
	default:
		return value ? 0 : 1;
	}
}

static void set_param(struct eio__deflate_params *params,
	enum eio__deflate_param param, unsigned char value)
{
	if (!params->value[param])
		params->order[params->count++] = (unsigned char)param;
	params->value[param] = value;
}

/* Section 7.1: an unknown parameter, one that came before, or a wrong
 * value makes the offer wrong. */
static bool take_param(struct eio__deflate_params *params,
	const struct word *name, const struct word *value)
{
	unsigned char number;
	int i;

	for (i = 0; i < EIO__DEFLATE_PARAMS; i++)
		if (word_is(name, names[i]))
			break;
	if (i == EIO__DEFLATE_PARAMS || params->value[i])
		return false;
	number = value_of((enum eio__deflate_param)i, value);
	if (!number)
		return false;
	set_param(params, (enum eio__deflate_param)i, number);
	return true;
}

void eio__deflate_add_param(struct eio__deflate_params *params,
	enum eio__deflate_param param)
{
	set_param(params, param, 1);
}

static void drop_param(struct eio__deflate_params *params,
	enum eio__deflate_param param)
{
	unsigned i, n = 0;

	for (i = 0; i < params->count; i++)
		if (params->order[i] != param)
			params->order[n++] = params->order[i];
	params->count = (unsigned char)n;
	params->value[param] = 0;
}

/* -- offers ------------------------------------------------------------------ */

/* One element of the list: a name and its parameters. Returns what is behind
 * it, NULL if it is wrong; *is_ours: it is an offer, in *params. */
static const char *read_offer(const char *p, bool *is_ours,
	struct eio__deflate_params *params)
{
	struct word name, value;
	bool has_value;

	memset(params, 0, sizeof(*params));
	p = read_token(p, &name);
	*is_ours = p && word_is(&name, "permessage-deflate");
	while (p) {
		p = skip_blanks(p);
		if (*p != ';')
			break;
		p = read_token(skip_blanks(p + 1), &name);
		has_value = p && *p == '=';
		if (has_value)
			p = read_value(p + 1, &value);
		if (p && *is_ours &&
			!take_param(params, &name, has_value ? &value : NULL))
			return NULL;
	}
	return p;
}

/* The limits that are numbers: an offer must not ask for less than we want
 * to use, or forbid what we want the client to do. */
static bool can_accept(const struct eio__deflate_config *c,
	const struct eio__deflate_params *offer)
{
	const unsigned char *v = offer->value;

	if (c->server_no_takeover == 2 && v[EIO__SERVER_NO_TAKEOVER])
		return false;
	if (v[EIO__SERVER_BITS] &&
		(c->server_bits == 1 || c->server_bits > v[EIO__SERVER_BITS]))
		return false;
	if (c->client_bits < 8)
		return true;
	/* 1 is "any", so it may be limited. */
	return v[EIO__CLIENT_BITS] == 1 ||
		c->client_bits <= v[EIO__CLIENT_BITS];
}

static void complete(const struct eio__deflate_config *c,
	struct eio__deflate_params *params)
{
	if (c->server_no_takeover == 1)
		eio__deflate_add_param(params, EIO__SERVER_NO_TAKEOVER);
	if (c->client_no_takeover == 1)
		eio__deflate_add_param(params, EIO__CLIENT_NO_TAKEOVER);
	if (c->server_bits >= 8)
		set_param(params, EIO__SERVER_BITS, c->server_bits);
	if (c->client_bits >= 8)
		set_param(params, EIO__CLIENT_BITS, c->client_bits);
	else if (c->client_bits == 1 || params->value[EIO__CLIENT_BITS] == 1)
		drop_param(params, EIO__CLIENT_BITS);
}

int eio__deflate_negotiate(const char *header,
	const struct eio__deflate_config *config,
	struct eio__deflate_params *params)
{
	struct eio__deflate_params offer;
	bool is_ours, offered = false, accepted = false;
	const char *p = header;

	if (!config->on || !header)
		return 0;
	/* What is wrong behind the one that is chosen counts as well. */
	for (;;) {
		p = read_offer(p, &is_ours, &offer);
		if (!p || (*p && *p != ','))
			return ENGINEIO_ERR_INVALID;
		offered |= is_ours;
		if (is_ours && !accepted && can_accept(config, &offer)) {
			accepted = true;
			*params = offer;
		}
		if (!*p)
			break;
		p = skip_blanks(p + 1);
	}
	if (!accepted)
		return offered ? ENGINEIO_ERR_INVALID : 0;
	complete(config, params);
	return 1;
}

void eio__deflate_answer(const struct eio__deflate_params *params,
	char out[EIO__DEFLATE_ANSWER_MAX])
{
	unsigned i, param, value;
	size_t n;

	n = (size_t)snprintf(out, EIO__DEFLATE_ANSWER_MAX,
		"permessage-deflate");
	for (i = 0; i < params->count; i++) {
		param = params->order[i];
		value = params->value[param];
		n += (size_t)snprintf(out + n, EIO__DEFLATE_ANSWER_MAX - n,
			value > 1 ? "; %s=%u" : "; %s", names[param], value);
	}
}
