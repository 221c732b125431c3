/* SPDX-License-Identifier: MIT */
/*
 * recovery_offset.c: which events are kept, and what the offset says that a
 * client comes back with.
 *
 * Wire: every event without ack that is not volatile ends with one more
 * argument, its offset. Beyond the official server an offset need not be kept
 * itself, and a text at the end of a volatile event, which the client takes for
 * an offset, does no harm. Always true: the numbers of events grow, over all
 * namespaces.
 */
#include <config.h>

#include <socketio/recovery.h>
#include <socketio/target.h>

#include <string.h>

bool sio__recovery_takes(const sio_socket *s)
{
	return sio__recovery_is_on(s->nsp) &&
		(sio__recovery_is_local(s->nsp) || s->state == SIO__CONNECTED);
}

bool sio__recovery_keeps(const sio_nsp *nsp, unsigned flags)
{
	return nsp->srv->recovery && sio__recovery_is_local(nsp) &&
		!(flags & SIO_VOLATILE);
}

/* -- offsets --------------------------------------------------------------- */

static const char digits[] =
	"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";

static void write_offset(const struct sio__recovery *r, uint64_t seq,
	char out[SIO__OFFSET_SIZE])
{
	int shift = 60;

	memcpy(out, r->epoch, 4);
	out += 4;
	while (shift > 0 && seq >> shift == 0)
		shift -= 6;
	for (; shift >= 0; shift -= 6)
		*out++ = digits[seq >> shift & 63];
	*out = '\0';
}

/* The number of an offset of this server; 0 for anything else. */
static uint64_t read_offset(const struct sio__recovery *r, const char *text)
{
	size_t i, n = strlen(text);
	const char *digit;
	uint64_t seq = 0;

	if (n < 5 || n > 14 || memcmp(text, r->epoch, 4) != 0)
		return 0;
	for (i = 4; i < n; i++) {
		digit = strchr(digits, text[i]);
		if (!digit)
			return 0;
		seq = seq << 6 | (uint64_t)(digit - digits);
	}
	return seq <= r->seq ? seq : 0;
}

static uint64_t hash_text(const sio_server *srv, const char *text, size_t n)
{
	uint64_t hash = eio__map_hash(srv->seed, text, n);

	return hash ? hash : 1;
}

/* -- sending --------------------------------------------------------------- */

int sio__recovery_broadcast(sio_nsp *nsp, const sio_event_data *packet,
	const sio_selection *selection)
{
	struct sio__recovery *r = nsp->srv->recovery;
	sio_event_data with = *packet;
	char offset[SIO__OFFSET_SIZE];
	struct sio__mark mark = { r->seq + 1, 0 };
	struct sio__message m;
	int err;

	write_offset(r, mark.seq, offset);
	with.offset = offset;
	err = sio__local_encode(&m, nsp, &with, selection->flags, NULL);
	if (err)
		return err;
	r->seq++;
	sio__recovery_keep_event(nsp, mark.seq, selection, &m);
	sio__local_deliver(nsp, &m, selection, &mark);
	sio__message_clear(&m);
	return 0;
}

/* What it has missed comes first, and with that all that was kept. */
static bool is_coming_back(const sio_socket *s)
{
	return s->state == SIO__CONNECTING && sio_socket_recovered(s);
}

/* To the client of s alone, which may be connecting still. */
static int emit_here(sio_socket *s, const sio_event_data *packet,
	const sio_selection *selection)
{
	struct sio__recovery *r = s->nsp->srv->recovery;
	sio_event_data with = *packet;
	char offset[SIO__OFFSET_SIZE];
	struct sio__mark mark = { r->seq + 1, 0 };
	struct sio__message m;
	int err;

	write_offset(r, mark.seq, offset);
	with.offset = offset;
	err = sio__local_encode(&m, s->nsp, &with, 0, NULL);
	if (err)
		return err;
	r->seq++;
	sio__recovery_keep_event(s->nsp, mark.seq, selection, &m);
	if (is_coming_back(s)) {
		sio__record_note(m.record, s);
	} else {
		err = sio__message_send_to(&m, s);
		sio__recovery_mark(s, &mark);
	}
	sio__message_clear(&m);
	return err;
}

int sio__recovery_emit(sio_socket *s, const char *name, json_t *args)
{
	const char *room = s->id;
	sio_selection selection = { &room, 1, NULL, 0, 0, 0 };
	sio_event_data packet = { name, args, NULL };
	int err;

	if (sio__recovery_is_local(s->nsp))
		return emit_here(s, &packet, &selection);
	err = sio__event_error(name, args);
	return err ? err
		   : s->nsp->adapter->broadcast(s->nsp->adapter_state, &packet,
			     &selection);
}

const struct sio__mark *sio__recovery_tail(const sio_nsp *nsp,
	const sio_event_data *packet, struct sio__mark *mark)
{
	size_t n = json_array_size(packet->args);
	const json_t *last = json_array_get(packet->args, n - 1);

	if (!nsp->srv->recovery || packet->offset ||
		(n > 0 && !json_is_string(last)))
		return NULL;
	mark->seq = 0;
	/* Of an event without arguments the last text is its name. */
	if (n == 0)
		mark->tail =
			hash_text(nsp->srv, packet->name, strlen(packet->name));
	else
		mark->tail = hash_text(nsp->srv, json_string_value(last),
			json_string_length(last));
	return mark;
}

void sio__recovery_mark(sio_socket *s, const struct sio__mark *mark)
{
	struct sio__progress *p;
	struct sio__tail *tail;

	if (!s->recoverable)
		return;
	p = &s->recoverable->progress;
	if (mark->seq) {
		p->last = mark->seq;
		return;
	}
	tail = &p->tails[p->tail++ % SIO__TAILS];
	tail->hash = mark->tail;
	tail->seq = p->last;
}

/* -- coming back ----------------------------------------------------------- */

/* Whether a text a client takes for its offset stood behind an event that
 * was not kept; then *seq is how far it had come. */
static bool find_tail(const sio_server *srv, const struct sio__progress *p,
	const char *text, uint64_t *seq)
{
	uint64_t hash = hash_text(srv, text, strlen(text));
	unsigned i;

	for (i = 0; i < SIO__TAILS; i++) {
		if (p->tails[i].hash != hash)
			continue;
		*seq = p->tails[i].seq;
		return true;
	}
	return false;
}

bool sio__recovery_find(const struct sio__recovery *r,
	const struct sio__progress *p, const char *offset, uint64_t *from)
{
	uint64_t seen = offset ? read_offset(r, offset) : 0;

	if (offset && !seen && p->last > 0 &&
		!find_tail(r->srv, p, offset, &seen))
		return false;
	/* An offset from before was not seen in this session. */
	if (seen <= p->first)
		seen = 0;
	if (seen > p->last)
		return false;
	/* Who has got all that was sent has missed what came afterwards. */
	if (seen == p->last)
		*from = p->left;
	else
		*from = seen ? seen : p->first;
	return true;
}
