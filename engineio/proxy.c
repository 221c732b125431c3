/* SPDX-License-Identifier: MIT */
/*
 * proxy.c: reads the header of the PROXY protocol.
 *
 * The proxy sends it at once and nothing in it is optional, so whatever is
 * not exactly as the specification says is refused: to guess would be to
 * believe an address that a client has made up. Always true: what is kept
 * does not grow with what comes; the extensions of version 2 (TLV) are
 * skipped byte by byte.
 */
#include <config.h>

#include <engineio/proxy.h>

#include <stdlib.h>
#include <string.h>

#define SIGNATURE_LEN 12

static const unsigned char signature[] = "\r\n\r\n\0\r\nQUIT\n";

void eio__proxy_init(struct eio__proxy *p)
{
	memset(p, 0, sizeof(*p));
}

/* -- version 1 ----------------------------------------------------------- */

/* The next word, up to exactly one space or the end; NULL if it is empty. */
static char *next_word(char **line)
{
	char *word = *line, *end = word + strcspn(word, " ");

	if (end == word)
		return NULL;
	*line = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

static bool parse_port(const char *word, uint16_t *port)
{
	size_t n = strspn(word, "0123456789");
	long value = strtol(word, NULL, 10);

	if (n == 0 || n > 5 || word[n] || value > 65535 ||
		(n > 1 && word[0] == '0'))
		return false;
	*port = (uint16_t)value;
	return true;
}

static bool parse_address(const char *word, bool v6, struct eio__address *a)
{
	return (strchr(word, ':') != NULL) == v6 && eio__address_parse(a, word);
}

/* "TCP4 source destination port port"; "UNKNOWN" and anything. */
static bool parse_line(struct eio__proxy *p, char *line)
{
	const char *family = next_word(&line), *word[4];
	struct eio__address destination;
	uint16_t port;
	bool v6;
	int i;

	if (family && strcmp(family, "UNKNOWN") == 0)
		return true;
	if (!family ||
		(strcmp(family, "TCP4") != 0 && strcmp(family, "TCP6") != 0))
		return false;
	v6 = family[3] == '6';
	for (i = 0; i < 4; i++) {
		word[i] = next_word(&line);
		if (!word[i])
			return false;
	}
	p->known = true;
	return !*line && parse_address(word[0], v6, &p->address) &&
		parse_address(word[1], v6, &destination) &&
		parse_port(word[2], &p->port) && parse_port(word[3], &port);
}

static enum eio__proxy_result end_line(struct eio__proxy *p)
{
	static const char begin[] = "PROXY ";
	char *line = (char *)p->head;
	size_t len = p->len - 2;

	if (p->head[len] != '\r' || memchr(line, '\0', len))
		return EIO__PROXY_BAD;
	line[len] = '\0';
	/* A space at the end is not the end of a word. */
	if (strncmp(line, begin, strlen(begin)) != 0 || line[len - 1] == ' ')
		return EIO__PROXY_BAD;
	return parse_line(p, line + strlen(begin)) ? EIO__PROXY_DONE
						   : EIO__PROXY_BAD;
}

/* -- version 2 ----------------------------------------------------------- */

static unsigned get16(const unsigned char *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* Bytes of the address block that are looked at, by family and protocol; -1
 * for those a stream cannot have. */
static int block_len(unsigned char family)
{
	switch (family) {
	case 0x00: /* UNSPEC */
		return 0;
	case 0x11: /* TCP over IPv4 */
		return 12;
	case 0x21: /* TCP over IPv6 */
		return 36;
	case 0x31: /* a unix socket; its names are skipped */
		return 0;
	default:
		return -1;
	}
}

/* The first 16 bytes are there: whether the rest can be right. */
static bool fixed_part_ok(const struct eio__proxy *p)
{
	unsigned len = get16(p->head + 14);
	int block = block_len(p->head[13]);

	if (p->head[12] == 0x20) /* LOCAL: whatever follows is skipped */
		return true;
	return p->head[12] == 0x21 && block >= 0 && len >= (unsigned)block &&
		(p->head[13] != 0x31 || len >= 216);
}

static unsigned binary_len(const struct eio__proxy *p)
{
	if (p->head[12] == 0x20)
		return 16;
	return 16 + (unsigned)block_len(p->head[13]);
}

static enum eio__proxy_result end_binary(struct eio__proxy *p)
{
	const unsigned char *block = p->head + 16;

	p->skipping = true;
	p->skip = 16 + get16(p->head + 14) - p->len;
	p->known = p->head[12] == 0x21 && p->head[13] != 0x00;
	if (p->known && p->head[13] == 0x11) {
		eio__address_set(&p->address, block, 4);
		p->port = (uint16_t)get16(block + 8);
	} else if (p->known && p->head[13] == 0x21) {
		eio__address_set(&p->address, block, 16);
		p->port = (uint16_t)get16(block + 32);
	}
	return p->skip ? EIO__PROXY_MORE : EIO__PROXY_DONE;
}

/* -- both ---------------------------------------------------------------- */

static bool is_binary(const struct eio__proxy *p)
{
	return p->head[0] == signature[0];
}

static enum eio__proxy_result take_binary(struct eio__proxy *p)
{
	unsigned n = p->len < SIGNATURE_LEN ? p->len : SIGNATURE_LEN;

	if (memcmp(p->head, signature, n) != 0 ||
		(p->len == 16 && !fixed_part_ok(p)))
		return EIO__PROXY_BAD;
	if (p->len >= 16 && p->len == binary_len(p))
		return end_binary(p);
	return EIO__PROXY_MORE;
}

static enum eio__proxy_result take_byte(struct eio__proxy *p, unsigned char c)
{
	p->head[p->len++] = c;
	if (is_binary(p))
		return take_binary(p);
	if (p->len <= 6 && memcmp(p->head, "PROXY ", p->len) != 0)
		return EIO__PROXY_BAD;
	if (c == '\n')
		return end_line(p);
	return p->len == EIO__PROXY_LINE ? EIO__PROXY_BAD : EIO__PROXY_MORE;
}

static size_t skip(struct eio__proxy *p, size_t len)
{
	size_t n = len < p->skip ? len : p->skip;

	p->skip -= n;
	return n;
}

enum eio__proxy_result eio__proxy_feed(struct eio__proxy *p, const char *data,
	size_t len, size_t *used)
{
	enum eio__proxy_result result = EIO__PROXY_MORE;
	size_t at = 0;

	while (at < len && result == EIO__PROXY_MORE && !p->skipping)
		result = take_byte(p, (unsigned char)data[at++]);
	if (result == EIO__PROXY_MORE && p->skipping) {
		at += skip(p, len - at);
		result = p->skip ? EIO__PROXY_MORE : EIO__PROXY_DONE;
	}
	*used = at;
	return result;
}
