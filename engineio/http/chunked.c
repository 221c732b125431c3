/* SPDX-License-Identifier: MIT */
/*
 * chunked.c: a body in chunks (RFC 9112 section 7.1).
 *
 * Grammar to the letter: one CR LF behind each line and each chunk, digits
 * without anything before or behind them, extensions and trailers made of
 * what the RFC makes them of. Whoever reads the end of a chunk elsewhere
 * than a proxy before him can be fed a second request in the body of the
 * first. Extensions and trailers are dropped, as section 7.1 allows.
 */
#include <config.h>

#include <engineio/http/chunked.h>

#include <engineio/base/hex.h>
#include <engineio/http/field.h>

#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum state {
	SIZE,
	SIZE_LF,
	EXT,      /* behind a ';' */
	EXT_NAME, /* in the name */
	EXT_EQUALS,
	EXT_VALUE,
	EXT_QUOTED,
	EXT_ESCAPE,
	EXT_QUOTED_END,
	DATA,
	DATA_CR,
	DATA_LF,
	TRAILER, /* at the beginning of a line */
	TRAILER_NAME,
	TRAILER_VALUE,
	TRAILER_LF,
	END_LF,
	END,
	BAD,
};

static bool is_token(char c)
{
	return c && strchr(EIO__TOKEN_CHARS, c);
}

/* RFC 9110 section 5.5. */
static bool is_text(char c)
{
	return c == '\t' || ((unsigned char)c >= ' ' && c != 0x7f);
}

static enum state next_if(bool ok, enum state to)
{
	return ok ? to : BAD;
}

/* What may follow a size, and each extension. */
static enum state end_of_part(char c)
{
	if (c == '\r')
		return SIZE_LF;
	return next_if(c == ';', EXT);
}

/* Sixteen digits: longer ones say nothing but zeros. */
static enum state in_size(struct eio__chunked *c, char byte)
{
	int value = eio__hex_digit(byte);

	if (value < 0)
		return c->digits ? end_of_part(byte) : BAD;
	if (c->digits == 16 || c->left >> 56)
		return BAD;
	c->digits++;
	c->left = c->left << 4 | (uint64_t)value;
	return SIZE;
}

static enum state in_extension(struct eio__chunked *c, char byte)
{
	switch (c->state) {
	case EXT:
		return next_if(is_token(byte), EXT_NAME);
	case EXT_NAME:
		if (is_token(byte))
			return EXT_NAME;
		return byte == '=' ? EXT_EQUALS : end_of_part(byte);
	case EXT_EQUALS:
		if (byte == '"')
			return EXT_QUOTED;
		return next_if(is_token(byte), EXT_VALUE);
	case EXT_VALUE:
		return is_token(byte) ? EXT_VALUE : end_of_part(byte);
	case EXT_QUOTED:
		if (byte == '"')
			return EXT_QUOTED_END;
		return byte == '\\' ? EXT_ESCAPE
				    : next_if(is_text(byte), EXT_QUOTED);
	case EXT_ESCAPE:
		return next_if(is_text(byte), EXT_QUOTED);
	default:
		return end_of_part(byte);
	}
}

static void begin_chunk(struct eio__chunked *c)
{
	c->left = 0;
	c->digits = 0;
}

static enum state add_name(struct eio__chunked *c, char byte)
{
	if (!is_token(byte))
		return BAD;
	if (c->name_len < sizeof(c->name))
		c->name[c->name_len++] = byte;
	return TRAILER_NAME;
}

static bool name_is(const struct eio__chunked *c, const char *name)
{
	return c->name_len == strlen(name) &&
		strncasecmp(c->name, name, c->name_len) == 0;
}

/* RFC 9110 section 6.5.1: what frames the body cannot stand behind it. */
static enum state end_of_name(struct eio__chunked *c)
{
	return next_if(!name_is(c, "content-length") &&
			!name_is(c, "transfer-encoding"),
		TRAILER_VALUE);
}

static enum state in_trailer(struct eio__chunked *c, char byte)
{
	switch (c->state) {
	case TRAILER:
		if (byte == '\r')
			return END_LF;
		c->name_len = 0;
		return add_name(c, byte);
	case TRAILER_NAME:
		return byte == ':' ? end_of_name(c) : add_name(c, byte);
	case TRAILER_VALUE:
		if (byte == '\r')
			return TRAILER_LF;
		return next_if(is_text(byte), TRAILER_VALUE);
	default:
		return next_if(byte == '\n', TRAILER);
	}
}

static enum state step(struct eio__chunked *c, char byte)
{
	switch (c->state) {
	case SIZE:
		return in_size(c, byte);
	case SIZE_LF:
		return next_if(byte == '\n', c->left ? DATA : TRAILER);
	case DATA_CR:
		return next_if(byte == '\r', DATA_LF);
	case DATA_LF:
		begin_chunk(c);
		return next_if(byte == '\n', SIZE);
	case END_LF:
		return next_if(byte == '\n', END);
	default:
		c->extra++;
		return c->state < DATA ? in_extension(c, byte)
				       : in_trailer(c, byte);
	}
}

static void take_piece(struct eio__chunked *c, char **data, size_t *len,
	char **piece, size_t *n)
{
	*piece = *data;
	*n = *len < c->left ? *len : (size_t)c->left;
	*data += *n;
	*len -= *n;
	c->left -= *n;
	if (!c->left)
		c->state = DATA_CR;
}

enum eio__chunked_result eio__chunked_next(struct eio__chunked *c, char **data,
	size_t *len, char **piece, size_t *n)
{
	while (*len) {
		if (c->state == DATA) {
			take_piece(c, data, len, piece, n);
			return EIO__CHUNKED_DATA;
		}
		c->state = (unsigned char)step(c, **data);
		++*data;
		--*len;
		if (c->state == BAD)
			return EIO__CHUNKED_BAD;
		if (c->state == END)
			return EIO__CHUNKED_END;
		if (c->extra > c->max_extra)
			return EIO__CHUNKED_TOO_LONG;
	}
	return EIO__CHUNKED_MORE;
}

void eio__chunked_init(struct eio__chunked *c, size_t max_extra)
{
	memset(c, 0, sizeof(*c));
	c->max_extra = max_extra;
	c->state = SIZE;
}
