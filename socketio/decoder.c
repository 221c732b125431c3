/* SPDX-License-Identifier: MIT */
/*
 * decoder.c: puts text and attachments of one packet together.
 *
 * A text without attachments is a packet at once, without any copy. One
 * with attachments is copied and kept until the last of them has come; only
 * then its values are decoded and the placeholders looked up, which is also
 * when a wrong placeholder is found (as upstream).
 *
 * Always true: what waits is bounded by limits->attachments and
 * limits->pending_bytes; nothing waits unless a text announced it.
 */
#include <config.h>

#include <socketio/decoder.h>

#include <socketio/binary.h>
#include <socketio/json.h>

#include <stdlib.h>

struct sio__pending {
	struct sio__packet packet; /* points into text */
	char *text;
	size_t length; /* of the text */
	size_t bytes;  /* of the attachments so far */
	unsigned have;
	json_t *binaries[]; /* packet.attachments of them */
};

void sio__decoder_init(struct sio__decoder *d)
{
	d->pending = NULL;
}

void sio__decoder_clear(struct sio__decoder *d)
{
	struct sio__pending *pending = d->pending;
	unsigned i;

	if (!pending)
		return;
	for (i = 0; i < pending->have; i++)
		json_decref(pending->binaries[i]);
	free(pending->text);
	free(pending);
	d->pending = NULL;
}

void sio__incoming_clear(struct sio__incoming *in)
{
	json_decref(in->values);
	free(in->text);
	in->values = NULL;
	in->text = NULL;
}

static enum sio__decoded refuse(struct sio__incoming *in, const char *why)
{
	in->why = why;
	return SIO__REFUSED;
}

/* Keeps the text and the room for what it announces. */
static enum sio__decoded await(struct sio__decoder *d, const char *p, size_t n,
	const struct sio__limits *limits, unsigned attachments)
{
	struct sio__pending *pending;

	pending = calloc(1,
		sizeof(*pending) + attachments * sizeof(*pending->binaries));
	if (!pending)
		return SIO__NOMEM;
	pending->text = malloc(n);
	if (!pending->text) {
		free(pending);
		return SIO__NOMEM;
	}
	pending->length = n;
	memcpy(pending->text, p, n);
	/* It was decoded before; once more, to point into the copy. */
	sio__packet_decode(&pending->packet, pending->text, n, limits);
	d->pending = pending;
	return SIO__MORE;
}

enum sio__decoded sio__decoder_text(struct sio__decoder *d, const char *p,
	size_t n, const struct sio__limits *limits, struct sio__incoming *in)
{
	in->values = NULL;
	in->text = NULL;
	in->bytes = n;
	if (d->pending)
		return refuse(in, "text while attachments are awaited");
	in->why = sio__packet_decode(&in->packet, p, n, limits);
	if (in->why)
		return SIO__REFUSED;
	if (in->packet.attachments > 0)
		return await(d, p, n, limits, in->packet.attachments);
	return SIO__DECODED;
}

/* All attachments are there. */
static enum sio__decoded complete(struct sio__pending *pending,
	struct sio__incoming *in)
{
	struct sio__span data = pending->packet.data;
	int err;

	in->packet = pending->packet;
	if (data.n == 0)
		return SIO__DECODED;
	in->values = sio__json_decode(data.p, data.n);
	if (!in->values)
		return SIO__NOMEM;
	err = sio__binary_restore(in->values, pending->binaries,
		pending->packet.attachments);
	if (!err)
		return SIO__DECODED;
	json_decref(in->values);
	in->values = NULL;
	return err == SIO_ERR_NOMEM ? SIO__NOMEM
				    : refuse(in, "illegal attachments");
}

enum sio__decoded sio__decoder_binary(struct sio__decoder *d, const void *p,
	size_t n, const struct sio__limits *limits, struct sio__incoming *in)
{
	struct sio__pending *pending = d->pending;
	enum sio__decoded result;
	json_t *binary;

	in->values = NULL;
	in->text = NULL;
	if (!pending)
		return refuse(in, "binary while none is awaited");
	if (pending->bytes > limits->pending_bytes ||
		n > limits->pending_bytes - pending->bytes)
		return refuse(in,
			"attachments too large (MAX_ATTACHMENT_BYTES)");
	binary = sio_binary(p, n);
	if (!binary)
		return SIO__NOMEM;
	pending->bytes += n;
	pending->binaries[pending->have++] = binary;
	if (pending->have < pending->packet.attachments)
		return SIO__MORE;
	result = complete(pending, in);
	if (result == SIO__DECODED) {
		in->text = pending->text;
		in->bytes = pending->length + pending->bytes;
		pending->text = NULL;
	}
	sio__decoder_clear(d);
	return result;
}
