/* SPDX-License-Identifier: MIT */
/*
 * compress.c: the codings of a reply's body.
 *
 * Which coding a client takes (RFC 9110, section 12.5.3), and the coding
 * itself, by zlib, for bodies that are in memory as a whole.
 */
#include <config.h>

#include <engineio/http/compress.h>

#include <engineio/engineio.h>

#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#define BLANKS "\t "

/* -- Accept-Encoding ---------------------------------------------------- */

/* What the header says of a coding. */
struct wish {
	int quality;
	bool named; /* itself, not by way of `*` */
	size_t at;  /* where in the header */
};

/* "0.75" is 750. What is no number is 0, what is more than 1 is 1. */
static int read_quality(const char *p)
{
	int value = 0, unit = 100;

	if (*p >= '1' && *p <= '9')
		return 1000;
	if (*p == '0')
		p++;
	if (*p != '.')
		return 0;
	for (p++; *p >= '0' && *p <= '9'; p++) {
		value += (*p - '0') * unit;
		unit /= 10;
	}
	return value;
}

/* The parameters of one element, which ends at a comma: of "q" the first. */
static int find_quality(const char *p)
{
	while (*p == ';') {
		p += 1 + strspn(p + 1, BLANKS);
		if (!strncasecmp(p, "q=", 2))
			return read_quality(p + 2);
		p += strcspn(p, ";,");
	}
	return 1000;
}

/* A wish that names the coding is worth more than any that does not. */
static bool is_better(const struct wish *a, const struct wish *b)
{
	if (a->named != b->named)
		return a->named;
	return a->quality > b->quality;
}

static struct wish find_wish(const char *accept, const char *coding)
{
	struct wish best = { -1, false, 0 }, wish;
	size_t n = strlen(coding), len;
	const char *p;

	for (p = accept ? accept : ""; *p; p += strcspn(p, ",")) {
		p += strspn(p, BLANKS ",");
		len = strcspn(p, BLANKS ";,");
		wish.named = len == n && !strncasecmp(p, coding, n);
		wish.at = (size_t)(p - accept);
		if (!wish.named && !(len == 1 && *p == '*'))
			continue;
		p += len;
		p += strspn(p, BLANKS);
		wish.quality = find_quality(p);
		if (is_better(&wish, &best))
			best = wish;
	}
	if (best.quality < 0)
		best.quality = 0;
	return best;
}

int eio__coding_quality(const char *accept, const char *coding)
{
	return find_wish(accept, coding).quality;
}

enum eio__coding eio__coding_choose(const char *accept)
{
	struct wish gzip = find_wish(accept, "gzip");
	struct wish deflate = find_wish(accept, "deflate");

	if (!gzip.quality && !deflate.quality)
		return EIO__CODING_NONE;
	if (gzip.quality != deflate.quality)
		return gzip.quality > deflate.quality ? EIO__CODING_GZIP
						      : EIO__CODING_DEFLATE;
	if (gzip.named != deflate.named)
		return gzip.named ? EIO__CODING_GZIP : EIO__CODING_DEFLATE;
	return gzip.at <= deflate.at ? EIO__CODING_GZIP : EIO__CODING_DEFLATE;
}

const char *eio__coding_name(enum eio__coding coding)
{
	static const char *const names[] = {
		[EIO__CODING_GZIP] = "gzip",
		[EIO__CODING_DEFLATE] = "deflate",
	};

	return coding ? names[coding] : NULL;
}

/* -- zlib --------------------------------------------------------------- */

/* The window that holds the body: a larger one gains nothing, and zlib clears
 * its tables each time. With its defaults 1 kB would take eight times as
 * long. 9 is the least zlib is sound with. */
static int window_bits(size_t len)
{
	int bits = 9;

	while (bits < MAX_WBITS && (size_t)1 << bits < len)
		bits++;
	return bits;
}

/* The same for the other tables: as many entries as bytes in the window. */
static int memory_level(int bits)
{
	return bits - 6 < 8 ? bits - 6 : 8;
}

static int start(z_stream *z, enum eio__coding coding, int level, size_t len)
{
	int bits = window_bits(len);

	memset(z, 0, sizeof(*z));
	if (deflateInit2(z, level, Z_DEFLATED,
		    coding == EIO__CODING_GZIP ? bits + 16 : bits,
		    memory_level(bits), Z_DEFAULT_STRATEGY) != Z_OK)
		return ENGINEIO_ERR_NOMEM;
	return 0;
}

int eio__compress(struct eio__strbuf *out, enum eio__coding coding, int level,
	const void *data, size_t len)
{
	size_t room;
	z_stream z;
	char *at;

	if (coding == EIO__CODING_NONE || out->error)
		return eio__strbuf_add(out, data, len);
	if (len > UINT_MAX / 2)
		out->error = ENGINEIO_ERR_FULL;
	else
		out->error = start(&z, coding, level, len);
	if (out->error)
		return out->error;
	room = deflateBound(&z, (uLong)len);
	at = eio__strbuf_reserve(out, room);
	if (at) {
		/* zlib does not change its input. */
		z.next_in = (Bytef *)(uintptr_t)data;
		z.avail_in = (uInt)len;
		z.next_out = (Bytef *)at;
		z.avail_out = (uInt)room;
		if (deflate(&z, Z_FINISH) != Z_STREAM_END)
			out->error = ENGINEIO_ERR_FULL;
		else
			out->len += z.total_out;
		out->data[out->len] = '\0';
	}
	deflateEnd(&z);
	return out->error;
}
