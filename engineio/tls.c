/* SPDX-License-Identifier: MIT */
/*
 * tls.c: one connection's TLS.
 *
 * OpenSSL reads from the bytes that are lent to eio__tls_input() and writes
 * through a function of the network, so it never waits: reading ends when
 * the lent bytes do, and what the socket does not take is the network's to
 * keep and to limit. Always true: outside of eio__tls_input() everything
 * that came has been given up in plain, but for the beginning of a record;
 * and no error of ours stays in OpenSSL's queue, which others share.
 */
#include <config.h>

#include <engineio/tls.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <stdlib.h>
#include <string.h>

/* What may come out beyond the number of bytes that go in: a record of which
 * all but the end was there before. */
#define RECORD SSL3_RT_MAX_PLAIN_LENGTH

/* The shortest records that OpenSSL can be told to make; what most messages
 * fit in. */
#define SHORT_RECORD 512

struct eio__tls {
	SSL *ssl;
	struct eio__tls_context *ctx; /* with a reference */
	eio__tls_send send;
	void *user;
	const char *in; /* lent, not read yet */
	size_t in_len;
	struct eio__certificate *peer;
	const char *why;  /* NULL until it fails */
	unsigned answers; /* those that wait, in bytes */
	unsigned max_answers;
	size_t left; /* of what is being written, in plain, or more */
	bool ready;
	bool brief;   /* records are short now */
	bool writing; /* what goes is the owner's, not an answer */
	bool broken;  /* what OpenSSL wrote did not go */
	bool flooded; /* because too many answers wait */
};

/* -- OpenSSL's end ------------------------------------------------------- */

/* It is one for all connections: 200 bytes less for each, and always in the
 * caches. So it has to be told for whom it works, each time. */
static void take_end(struct eio__tls *tls)
{
	BIO_set_data(eio__tls_context_bio(tls->ctx), tls);
}

static int on_read(BIO *bio, char *p, size_t size, size_t *n)
{
	struct eio__tls *tls = BIO_get_data(bio);

	BIO_clear_retry_flags(bio);
	*n = tls->in_len < size ? tls->in_len : size;
	if (*n == 0) {
		BIO_set_retry_read(bio);
		return 0;
	}
	memcpy(p, tls->in, *n);
	tls->in += *n;
	tls->in_len -= *n;
	return 1;
}

/* The owner waits while the network is full, but an answer cannot be put off.
 * The handshake is left out: it has one, which may be a long chain. */
static bool is_flood(struct eio__tls *tls, size_t len, size_t waiting)
{
	if (!tls->ready || tls->writing)
		return false;
	len += tls->answers;
	tls->answers = (unsigned)(len < waiting ? len : waiting);
	tls->flooded = tls->answers > tls->max_answers;
	return tls->flooded;
}

/* Whether the kernel may let it wait for what follows, which saves it a
 * segment: a record that is not the last of a message, close_notify, and the
 * ticket of TLS 1.3, for a request that will be answered has come with what
 * ended the handshake. Whoever asks nothing has the ticket 200 ms later; it is
 * for its next connection. */
static bool has_more(struct eio__tls *tls)
{
	if (tls->ready) {
		tls->left -= tls->left < RECORD ? tls->left : RECORD;
		return tls->left > 0;
	}
	return SSL_get_state(tls->ssl) == TLS_ST_SW_SESSION_TICKET &&
		SSL_version(tls->ssl) >= TLS1_3_VERSION;
}

static int on_write(BIO *bio, const char *p, size_t len, size_t *n)
{
	struct eio__tls *tls = BIO_get_data(bio);
	long waiting;

	BIO_clear_retry_flags(bio);
	if (tls->broken)
		return 0;
	waiting = tls->send(tls->user, p, len, has_more(tls));
	tls->broken = waiting < 0 || is_flood(tls, len, (size_t)waiting);
	if (tls->broken)
		return 0;
	*n = len;
	return 1;
}

static long on_ctrl(BIO *bio, int command, long number, void *pointer)
{
	return command == BIO_CTRL_FLUSH;
}

BIO_METHOD *eio__tls_method_new(void)
{
	BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "eio");

	if (!method)
		return NULL;
	BIO_meth_set_read_ex(method, on_read);
	BIO_meth_set_write_ex(method, on_write);
	BIO_meth_set_ctrl(method, on_ctrl);
	return method;
}

/* -- failures ------------------------------------------------------------ */

/* Before whatever may leave an error: what others have left there would be
 * taken for it. Looking costs a tenth of clearing. */
static void forget_errors(void)
{
	if (ERR_peek_error())
		ERR_clear_error();
}

/* Whoever types http:// in front of our port is told so, as by other
 * servers. */
static void answer_http(struct eio__tls *tls)
{
	static const char answer[] = "HTTP/1.1 400 Bad Request\r\n"
				     "Content-Type: text/plain\r\n"
				     "Content-Length: 27\r\n"
				     "Connection: close\r\n\r\n"
				     "this port speaks HTTPS only";

	tls->send(tls->user, answer, sizeof(answer) - 1, false);
}

static unsigned fail(struct eio__tls *tls, unsigned long err)
{
	tls->why = ERR_reason_error_string(err);
	if (!tls->why)
		tls->why = "protocol error";
	if (ERR_GET_LIB(err) == ERR_LIB_SSL &&
		ERR_GET_REASON(err) == SSL_R_HTTP_REQUEST) {
		tls->why = "plain HTTP on a port for TLS";
		answer_http(tls);
	}
	if (tls->broken)
		tls->why = "";
	if (tls->flooded)
		tls->why = "its peer does not read what TLS answers";
	ERR_clear_error();
	return EIO__TLS_FAILED;
}

/* What it means that OpenSSL did not do what it was asked. */
static unsigned judge(struct eio__tls *tls, int result)
{
	switch (SSL_get_error(tls->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		return 0;
	case SSL_ERROR_ZERO_RETURN:
		return EIO__TLS_END;
	default:
		return fail(tls, ERR_peek_error());
	}
}

/* -- input --------------------------------------------------------------- */

static unsigned shake_hands(struct eio__tls *tls)
{
	int result = SSL_accept(tls->ssl);

	if (result != 1)
		return judge(tls, result);
	/* A certificate that was looked at in vain leaves its errors behind. */
	ERR_clear_error();
	tls->ready = true;
	tls->peer = eio__certificate_new(tls->ssl);
	return EIO__TLS_READY;
}

/* All records that came wholly. When OpenSSL has taken all bytes and holds
 * none of them, it is not asked once more just to hear that there are none:
 * it would get room for another record, and give it back. */
static unsigned read_all(struct eio__tls *tls, char *room, size_t size,
	size_t *len)
{
	size_t n;
	int result;

	do {
		result = SSL_read_ex(tls->ssl, room + *len, size - *len, &n);
		if (result != 1)
			return judge(tls, result);
		*len += n;
	} while (*len < size && (tls->in_len || SSL_has_pending(tls->ssl)));
	return 0;
}

unsigned eio__tls_input(struct eio__tls *tls, const char *data, size_t len,
	char **plain, size_t *plain_len)
{
	size_t size = len + RECORD + 1;
	unsigned told = 0;

	*plain_len = 0;
	if (tls->why)
		return EIO__TLS_FAILED;
	forget_errors();
	take_end(tls);
	tls->in = data;
	tls->in_len = len;
	if (!tls->ready)
		told = shake_hands(tls);
	if (tls->ready) {
		*plain = eio__tls_context_room(tls->ctx, size);
		if (*plain)
			told |= read_all(tls, *plain, size, plain_len);
		else
			told |= fail(tls, 0);
	}
	/* OpenSSL goes on when an alert could not be sent. */
	if (tls->broken && !tls->why)
		told |= fail(tls, 0);
	tls->in = NULL;
	tls->in_len = 0;
	return told;
}

/* -- output -------------------------------------------------------------- */

/* OpenSSL gets room for a record as long as it may be, and gives it back when
 * it has gone. Room for a short one costs a fraction of that for 16 kB. */
static void fit_records(struct eio__tls *tls, size_t len)
{
	bool brief = len <= SHORT_RECORD;
	long size = brief ? SHORT_RECORD : RECORD;

	if (tls->brief == brief)
		return;
	SSL_set_max_send_fragment(tls->ssl, size);
	SSL_set_split_send_fragment(tls->ssl, size);
	tls->brief = brief;
}

bool eio__tls_write(struct eio__tls *tls, const void *p, size_t len, bool more)
{
	size_t n;

	if (!tls->ready || tls->why)
		return false;
	fit_records(tls, len);
	take_end(tls);
	tls->writing = true;
	tls->left = more ? SIZE_MAX : len;
	/* Of the errors there may be, ours is the last. */
	if (SSL_write_ex(tls->ssl, p, len, &n) != 1)
		fail(tls, ERR_peek_last_error());
	tls->writing = false;
	return !tls->why;
}

void eio__tls_close(struct eio__tls *tls)
{
	/* OpenSSL forbids it after a failure. */
	if (!tls->ready || tls->why)
		return;
	ERR_clear_error();
	take_end(tls);
	tls->writing = true;
	tls->left = SIZE_MAX; /* FIN follows at once */
	SSL_shutdown(tls->ssl);
	tls->writing = false;
	ERR_clear_error();
}

/* -- what is known of it ------------------------------------------------- */

bool eio__tls_is_ready(const struct eio__tls *tls)
{
	return tls->ready;
}

const char *eio__tls_why(const struct eio__tls *tls)
{
	return tls->why ? tls->why : "";
}

bool eio__tls_is_flooded(const struct eio__tls *tls)
{
	return tls->flooded;
}

const char *eio__tls_protocol(const struct eio__tls *tls)
{
	static const char *const known[] = { "h2", "http/1.1", "http/1.0" };
	const unsigned char *name = NULL;
	unsigned len = 0;
	size_t i;

	SSL_get0_alpn_selected(tls->ssl, &name, &len);
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (len == strlen(known[i]) && memcmp(name, known[i], len) == 0)
			return known[i];
	return "";
}

struct eio__certificate *eio__tls_peer(const struct eio__tls *tls)
{
	return tls->peer;
}

/* -- birth and death ----------------------------------------------------- */

static void join_end(struct eio__tls *tls)
{
	BIO *bio = eio__tls_context_bio(tls->ctx);

	BIO_up_ref(bio);
	SSL_set_bio(tls->ssl, bio, bio);
	SSL_set_accept_state(tls->ssl);
}

struct eio__tls *eio__tls_new(struct eio__tls_context *ctx,
	unsigned max_answers, eio__tls_send send, void *user)
{
	struct eio__tls *tls = calloc(1, sizeof(*tls));

	if (!tls)
		return NULL;
	tls->send = send;
	tls->user = user;
	tls->max_answers = max_answers;
	tls->ctx = eio__tls_context_ref(ctx);
	tls->ssl = SSL_new(eio__tls_context_ssl(ctx));
	if (!tls->ssl) {
		ERR_clear_error();
		eio__tls_free(tls);
		return NULL;
	}
	join_end(tls);
	return tls;
}

void eio__tls_free(struct eio__tls *tls)
{
	if (!tls)
		return;
	SSL_free(tls->ssl);
	eio__certificate_unref(tls->peer);
	eio__tls_context_unref(tls->ctx);
	free(tls);
}
