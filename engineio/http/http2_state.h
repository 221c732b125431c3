/* SPDX-License-Identifier: MIT */
/*
 * http2_state.h: what the files of HTTP/2 share: a connection's session and
 * its streams.
 *
 * nghttp2 calls back from within eio__http2_input() and eio__http2_output();
 * what it calls may submit frames, and never calls those two. A stream lives
 * from the first byte of its head until nghttp2 closes it, or the connection
 * is freed; its request goes earlier, when it is answered.
 */
#ifndef ENGINEIO_HTTP_HTTP2_STATE_H
#define ENGINEIO_HTTP_HTTP2_STATE_H

#include <engineio/http/http2.h>
#include <engineio/http/request.h>

#include <nghttp2/nghttp2.h>

/* So many at once, and so many more with each second. */
struct eio__bucket {
	uint64_t taken; /* thousandths */
	uint64_t at;    /* the time of the last look, in milliseconds */
};

struct eio__http2 {
	struct eio__conn *conn;
	nghttp2_session *session;
	struct eio__list streams; /* in the order they came */
	struct eio__list dead;    /* their connection went first */
	unsigned count;           /* of streams */
	size_t waiting;           /* bytes of answers */
	size_t gathered;          /* of unfinished bodies */
	size_t kept;              /* of bodies whose answer is not there yet */
	struct eio__task room;    /* tells those who wait for it, phase WORK */
	struct eio__bucket resets, frames;
	uint32_t data_frames; /* sent since the last look at frames */
	bool stopped;         /* GOAWAY says that nothing more is heard */
	bool closing;         /* it ends with its last stream */
	bool unread;          /* reading was stopped */
	bool blamed;          /* what was wrong is in the log */
};

enum eio__http2_where {
	EIO__HTTP2_AT_HEAD,     /* before the end of the request's head */
	EIO__HTTP2_AT_TURN,     /* it waits until there is room for an answer */
	EIO__HTTP2_AT_DECISION, /* the application is asked about it */
	EIO__HTTP2_AT_BODY,
	EIO__HTTP2_AT_ANSWER, /* the request is complete, or answered */
};

struct eio__http2_stream {
	struct eio__exchange exchange; /* first */
	struct eio__list link;
	struct eio__http2 *h2;
	eio_request *req;         /* with a reference; NULL: answered */
	nghttp2_rcbuf *authority; /* what becomes Host, or NULL */
	struct eio__timer timer;
	struct eio__task task;   /* a decision was taken, phase WORK */
	struct eio__strbuf held; /* body that came before the decision */
	struct eio__strbuf out;  /* body of the answer */
	size_t out_off, piece;   /* taken of it; left of the piece that goes */
	struct eio__file *file;  /* or it is a file */
	uint64_t seen;           /* bytes of the request's body */
	size_t owed;             /* of them, not told to be read yet */
	size_t counted;          /* of them, in h2->gathered, or h2->kept */
	size_t weighed;          /* bytes of out in h2->waiting */
	int32_t id;
	short status;        /* with which the head is refused, or 0 */
	unsigned char where; /* enum eio__http2_where */
	unsigned char limit; /* which time limit runs: enum eio__limit */
	bool complete;       /* all of the request has come */
	bool pieces;         /* the answer's: each begins with its length */
	bool finished;       /* nothing more is appended to out */
	bool torn;           /* it must not look whole */
	bool deferred;       /* nghttp2 waits for more of out */
	bool headed;         /* the answer's head has left */
	bool refused;        /* its body is not worth reading */
	bool kept;           /* its body is complete, and in h2->kept */
	bool ended;          /* the answer has left wholly */
	bool reset;          /* RST_STREAM is on its way */
};

#define EIO__HTTP2_NOW(h2) eio_loop_now((h2)->conn->http->loop)

/* Nothing can be sent any more for lack of memory: the connection ends at the
 * end of the turn. */
void eio__http2_fail(struct eio__http2 *h2);
/* Says GOAWAY and hears nothing more; the connection ends. */
void eio__http2_stop(struct eio__http2 *h2, uint32_t error);

/* Nothing that comes is told to anybody any more. */
bool eio__http2_is_deaf(const struct eio__http2 *h2);
/* A stream has ended: between two requests a connection has its time limit, or
 * ends. */
void eio__http2_await_request(struct eio__http2 *h2);

/* -- http2_frames.c ------------------------------------------------------ */

/* Has nghttp2 tell what it finds. */
void eio__http2_hear(nghttp2_session_callbacks *c);

/* -- http2_head.c -------------------------------------------------------- */

/* One field of a request's head; what is wrong with it is kept in
 * s->status. */
void eio__http2_head_add(struct eio__http2_stream *s, nghttp2_rcbuf *name,
	nghttp2_rcbuf *value);
/* The head is complete: 0, or the status with which it is refused. */
int eio__http2_head_check(struct eio__http2_stream *s);

/* -- http2_stream.c ------------------------------------------------------ */

/* NULL: out of memory. */
struct eio__http2_stream *eio__http2_stream_new(struct eio__http2 *h2,
	int32_t id);
/* nghttp2 has closed it, or will not any more: tells who waits. */
void eio__http2_stream_gone(struct eio__http2_stream *s, const char *why);
void eio__http2_stream_free(struct eio__http2_stream *s);
void eio__http2_stream_head(struct eio__http2_stream *s);
/* Offers a request with a good head to the handlers. */
void eio__http2_stream_begin(struct eio__http2_stream *s);
/* Whether its body may not be handled yet, see eio__http2_hold(). */
bool eio__http2_stream_is_early(const struct eio__http2_stream *s);
void eio__http2_stream_body(struct eio__http2_stream *s, const void *data,
	size_t len);
/* The request has come wholly. */
void eio__http2_stream_complete(struct eio__http2_stream *s);
/* The answer has left wholly. */
void eio__http2_stream_answered(struct eio__http2_stream *s);
void eio__http2_stream_reset(struct eio__http2_stream *s, uint32_t error);
/* Starts the time limit in place of the one that runs. */
void eio__http2_stream_limit(struct eio__http2_stream *s, enum eio__limit limit,
	unsigned ms);
/* It has no request any more. */
void eio__http2_stream_drop(struct eio__http2_stream *s);

/* -- http2_reply.c ------------------------------------------------------- */

extern const struct eio__exchange_ops eio__http2_exchange_ops;

/* Answers "100 Continue". */
void eio__http2_say_continue(struct eio__http2_stream *s);
/* An answer in pieces ends in order, and its owner hears that it is gone when
 * that has left. */
void eio__http2_reply_end(struct eio__http2_stream *s);

/* -- http2_room.c -------------------------------------------------------- */

void eio__http2_room_init(struct eio__http2 *h2);
/* Whether a request may be offered to the handlers now; if not, it will be when
 * there is room: where is EIO__HTTP2_AT_TURN. */
bool eio__http2_may_begin(struct eio__http2_stream *s);
/* Whether len bytes of an answer may wait, too. */
bool eio__http2_has_room(const struct eio__http2_stream *s, size_t len);
/* What waits in s->out is more or less than before. */
void eio__http2_weigh(struct eio__http2_stream *s);
/* So much more of the body has come, and is kept. */
void eio__http2_count_body(struct eio__http2_stream *s, size_t len);
/* It is complete, and kept until the answer. */
void eio__http2_keep_body(struct eio__http2_stream *s);
/* It is not kept any more. */
void eio__http2_uncount_body(struct eio__http2_stream *s);
/* Lets the client send on what was sent of the body, if its turn has come. */
void eio__http2_read_on(struct eio__http2_stream *s);
/* The same at once. */
void eio__http2_tell_read(struct eio__http2_stream *s);
/* The client has sent more of a body than may be handled now. False: there is
 * no memory. */
bool eio__http2_hold(struct eio__http2_stream *s, const void *data, size_t len);
/* What was held is handed out, or not needed. The caller clears it. */
struct eio__strbuf eio__http2_unhold(struct eio__http2_stream *s);
/* Whether it is we who do not let the client send more. */
bool eio__http2_is_held_back(const struct eio__http2_stream *s);

/* -- http2_limits.c ------------------------------------------------------ */

/* Options, SETTINGS and the like. */
int eio__http2_limits_apply(nghttp2_option *option);
int eio__http2_limits_tell(struct eio__http2 *h2);
/* A frame begins to come; a frame was sent. */
void eio__http2_count_frame(struct eio__http2 *h2,
	const nghttp2_frame_hd *frame);
void eio__http2_count_sent(struct eio__http2 *h2, const nghttp2_frame *frame);
/* The client takes a request back. */
void eio__http2_count_reset(struct eio__http2 *h2);

#endif
