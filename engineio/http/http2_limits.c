/* SPDX-License-Identifier: MIT */
/*
 * http2_limits.c: what one connection of HTTP/2 may ask for, and how often.
 *
 * What nghttp2 limits itself is told to it here. It leaves three things to its
 * user: requests that are taken back before they were answered (CVE-2023-44487),
 * or that break the rules so that the server has to take them back (CVE-2025-8671);
 * frames that carry nothing (CVE-2019-9512, 9513, 9515, 9518); and what waits for
 * a client that does not read, see http2_room.c. A stream that is reset after its
 * answer has begun has cost no more than one that was not, and for an answer
 * without an end there is no other way out: those are not counted.
 */
#include <config.h>

#include <engineio/http/http2_state.h>

/* Answers to pings and settings that may wait to be sent. */
#define ACKS_MAX 1000
/* Bytes of bodies that are on their way on the whole connection. A stream has
 * the 65535 of the protocol. */
#define CONNECTION_WINDOW 1048576
/* What is used up comes back in this many seconds. */
#define REFILL_TIME 100
/* Window updates for each frame of data are what the data is worth. */
#define UPDATES_PER_DATA 4

/* Takes one; false: there is none left. */
static bool take(struct eio__bucket *b, uint64_t size, uint64_t now)
{
	uint64_t back = (now - b->at) * size / REFILL_TIME;

	b->at = now;
	b->taken = back < b->taken ? b->taken - back : 0;
	if (b->taken + 1000 > size * 1000)
		return false;
	b->taken += 1000;
	return true;
}

static void complain(struct eio__http2 *h2, enum eio_counter counter,
	const char *what)
{
	if (h2->stopped)
		return;
	eio__http_count(h2->conn->http, counter, ENGINEIO_LOG_WARN,
		"http: connection closed: %s (%s)", what,
		eio_counter_name(counter));
	eio__http2_stop(h2, NGHTTP2_ENHANCE_YOUR_CALM);
}

void eio__http2_count_reset(struct eio__http2 *h2)
{
	if (!take(&h2->resets, h2->conn->http->limits.http2_resets,
		    EIO__HTTP2_NOW(h2)))
		complain(h2, ENGINEIO_COUNT_HTTP2_RESETS,
			"too many requests were taken back");
}

static bool carries_something(const nghttp2_frame_hd *frame)
{
	switch (frame->type) {
	case NGHTTP2_HEADERS:
	case NGHTTP2_CONTINUATION:
	case NGHTTP2_RST_STREAM:
		return true;
	case NGHTTP2_DATA:
		return frame->length || frame->flags & NGHTTP2_FLAG_END_STREAM;
	default:
		return false;
	}
}

void eio__http2_count_frame(struct eio__http2 *h2,
	const nghttp2_frame_hd *frame)
{
	uint64_t credit;

	if (carries_something(frame))
		return;
	credit = (uint64_t)h2->data_frames * UPDATES_PER_DATA * 1000;
	h2->data_frames = 0;
	h2->frames.taken -= credit < h2->frames.taken ? credit
						      : h2->frames.taken;
	if (!take(&h2->frames, h2->conn->http->limits.http2_frames,
		    EIO__HTTP2_NOW(h2)))
		complain(h2, ENGINEIO_COUNT_HTTP2_FRAMES,
			"too many frames carry nothing");
}

/* Resets of ours that are the client's doing. */
static bool is_its_fault(uint32_t error)
{
	return error != NGHTTP2_NO_ERROR && error != NGHTTP2_CANCEL &&
		error != NGHTTP2_INTERNAL_ERROR;
}

void eio__http2_count_sent(struct eio__http2 *h2, const nghttp2_frame *frame)
{
	if (frame->hd.type == NGHTTP2_DATA)
		h2->data_frames++;
	else if (frame->hd.type == NGHTTP2_RST_STREAM &&
		is_its_fault(frame->rst_stream.error_code))
		eio__http2_count_reset(h2);
}

int eio__http2_limits_apply(nghttp2_option *option)
{
	nghttp2_option_set_no_auto_window_update(option, 1);
	nghttp2_option_set_no_closed_streams(option, 1);
	nghttp2_option_set_max_outbound_ack(option, ACKS_MAX);
#ifdef HAVE_NGHTTP2_OPTION_SET_STREAM_RESET_RATE_LIMIT
	/* It would count those too that end an answer without an end. */
	nghttp2_option_set_stream_reset_rate_limit(option, UINT64_MAX, 1);
#endif
	return 0;
}

int eio__http2_limits_tell(struct eio__http2 *h2)
{
	const struct eio__http_limits *l = &h2->conn->http->limits;
	/* The priorities of RFC 9218 are not asked for: nghttp2 would send what
	 * has the same priority one after the other, and 1.52 frees a frame
	 * twice when memory is missing there. As it is, streams take turns. */
	const nghttp2_settings_entry settings[] = {
		{ NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, l->http2_streams },
		{ NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
			(uint32_t)l->max_header },
	};

	if (nghttp2_submit_settings(h2->session, NGHTTP2_FLAG_NONE, settings,
		    sizeof(settings) / sizeof(settings[0])) ||
		nghttp2_session_set_local_window_size(h2->session,
			NGHTTP2_FLAG_NONE, 0, CONNECTION_WINDOW))
		return ENGINEIO_ERR_NOMEM;
	return 0;
}
