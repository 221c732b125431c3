/* SPDX-License-Identifier: MIT */
/*
 * request.h: a request from the side of the server's own code.
 *
 * The life of a request: http1.c, or http2_head.c, fills in the head and asks
 * the handlers; one of them takes it (eio__request_take) or answers at once;
 * the body is gathered for whoever took it; somebody answers, now or later,
 * through its exchange. A request outlives its connection as long as somebody
 * holds a reference.
 */
#ifndef ENGINEIO_HTTP_REQUEST_H
#define ENGINEIO_HTTP_REQUEST_H

#include <engineio/http.h>
#include <engineio/http/conn.h>
#include <engineio/http/exchange.h>
#include <engineio/http/field.h>
#include <engineio/http/params.h>
#include <engineio/base/query.h>

struct eio__taker {
	/* The body has come wholly; called once, also for an empty one. The
	 * bytes are lent and may be changed. NULL: a body is of no interest,
	 * and not kept. */
	void (*on_body)(eio_request *req, char *data, size_t len);
	/* Some of the body came. May be NULL. */
	void (*on_progress)(eio_request *req);
	/* The body broke a limit or the rules: may answer with this status and
	 * a body in words of its own, else there is none. May be NULL. */
	void (*refuse)(eio_request *req, int status);
	/* The body broke a limit or the rules, and the request was answered
	 * with this status (413, 408, 400, 500). */
	void (*on_refused)(eio_request *req, int status);
	/* The connection went away before the answer; called once. */
	void (*on_gone)(eio_request *req, const char *why);
	/* There may be room for its answer again, see eio__reply_has_room().
	 * May be NULL. */
	void (*on_room)(eio_request *req);
};

/* What a handler, or a question's asker, made of a request. */
enum eio__step {
	EIO__PASS,  /* it is offered to the next handler */
	EIO__TAKEN, /* it was taken or answered */
	EIO__HELD,  /* the application will decide on it */
};

/* Who asks the application about a request, see eio__request_ask(). */
struct eio__asker {
	/* It has decided; from the loop. */
	enum eio__step (*on_decided)(eio_request *req, void *user, bool allow);
};

/* A header, where the value follows the name, or a parameter of the query. */
struct eio__header {
	uint32_t name, value; /* offsets in the request's text */
};

/* What was made of the head when somebody asked: joined headers. */
struct eio__text {
	struct eio__text *next;
	char *name, *value; /* in the same piece of memory */
};

struct eio_request {
	unsigned refs;
	struct eio__exchange *exchange; /* NULL: answered, or the peer left */
	struct eio__http *http;
	const char *method; /* static text */
	char *text;         /* target, names and values; each ends in 0 */
	struct eio__header *headers; /* and behind them the parameters */
	unsigned count, params;
	uint32_t lengths; /* of the headers' names: a bit for each */
	struct eio__text *texts;
	struct eio__params
		*decoded; /* of a query with escapes, once asked for */
	struct eio__strbuf body;
	char *whole; /* the body, when it lies in one piece of input */
	size_t whole_len;
	uint64_t length; /* Content-Length, or 0 */
	size_t max_body;
	const struct eio__taker *taker;
	void *user;
	void (*gone)(eio_request *req,
		void *user); /* of eio_request_on_gone(), or NULL */
	void *gone_user;
	struct eio__drain *drain; /* of eio_request_on_drain(), or NULL */
	struct eio__strbuf extra; /* headers of the answer, lines with CRLF */
	int rank;                 /* of the last handler it was offered to, */
	uint32_t seq;             /* and its number */
	const struct eio__asker *asker; /* of the open question, or NULL */
	void *asker_user;
	struct eio__list asked; /* in the asker's list */
	char *decision_text;    /* said with the last decision, or NULL */
	unsigned char decision; /* see ask.c */
	struct eio__certificate *certificate; /* or NULL */
	char address[EIO__ADDRESS_MAX];
	bool http11, secure;
	bool chunked;
	bool keep_alive; /* what the request asks for */
	bool upgrade;    /* to a WebSocket, says its head */
	bool expects;    /* "Expect: 100-continue" is not served yet */
	bool origin_ok;  /* it has an Origin, and cors.c allows that */
	bool complete;   /* the body has come wholly */
	bool no_store;   /* the answer is not to be cached, besides extra */
	bool answered;
	bool at_once;      /* its answer need not wait for the turn's end */
	bool streaming;    /* and more of the body follows */
	bool lacks_memory; /* a header or parameter was asked for in vain */
	bool is_draft;     /* its head is not complete, see draft.h */
	bool plain_query;  /* its parameters are in text, as they are meant */
};

/* -- request.c ----------------------------------------------------------- */

/* For draft.c: it has one reference and no head. */
void eio__request_init(eio_request *req, struct eio__conn *conn,
	struct eio__exchange *x);
/* Offers it to the handlers; when this returns, somebody has taken or
 * answered it, or the application is asked about it. */
void eio__request_dispatch(eio_request *req);
/* The same from where it stopped, for a request whose question was decided,
 * or that was answered in place of a decision. */
void eio__request_resume(eio_request *req);
/* Makes the request the taker's: its body, of at most max_body bytes, is
 * gathered for it. */
void eio__request_take(eio_request *req, const struct eio__taker *taker,
	void *user, size_t max_body);
/* For on_body: lets a body that is only lent live as long as the request. 0 or
 * ENGINEIO_ERR_NOMEM. */
int eio__request_keep_body(eio_request *req);
/* What it holds for an answer is given back. */
void eio__request_settle(eio_request *req);
/* Whether somebody still waits for its body. */
bool eio__request_wants_body(const eio_request *req);
/* Some of the body came. */
void eio__request_progress(eio_request *req);
/* Hands the body to whoever took the request; from then on only what was
 * kept of it is there. */
void eio__request_body_done(eio_request *req);
/* Answers with the status and tells whoever took the request. */
void eio__request_refuse(eio_request *req, int status);
/* Counts, under the name of the limit that the status stands for, that a
 * request (NULL: there was no memory for it) is refused, maybe before its head
 * was complete. */
void eio__request_count_refusal(struct eio__http *http, const eio_request *req,
	int status, bool at_head);
/* The peer is gone, or its connection was given up. */
void eio__request_gone(eio_request *req, const char *why);

/* -- request_head.c ------------------------------------------------------ */

/* For draft.c: it has a header with a name of that length; others need not be
 * looked for. */
void eio__request_note_length(eio_request *req, size_t len);
/* Keeps a text as long as the request, under a name to find it by: that of a
 * header, or one with a blank in it, which is none. Takes the buffer's error for
 * its own. NULL: out of memory, and req->lacks_memory says so. */
const char *eio__request_keep_text(eio_request *req, const char *name,
	const struct eio__strbuf *value);
/* Forgets those, and what was made of the query. */
void eio__request_forget_texts(eio_request *req);
/* How many headers of that name there are. */
unsigned eio__request_header_count(const eio_request *req, const char *name);
/* Whether one of the headers of that name, lists, names this token, in any
 * case. */
bool eio__request_lists(const eio_request *req, const char *name,
	const char *token);
bool eio__request_is(const eio_request *req, const char *method);
/* The path: the target without its query; *len is its length. */
const char *eio__request_path(const eio_request *req, size_t *len);
/* To walk over the parameters of the query. */
void eio__request_query_begin(const eio_request *req, struct eio__query *q);

/* -- ask.c --------------------------------------------------------------- */

/*
 * Asks the application about the request: fn says so now, or is answered with
 * eio_request_decide() later; the result is what a handler may return. Then
 * req->decision_text is the text that was said with it. While the question
 * is open the request is in the list; whoever frees the list's owner cancels
 * them (503).
 */
enum eio__step eio__request_ask(eio_request *req, eio_request_cb fn,
	void *fn_user, const struct eio__asker *asker, void *user,
	struct eio__list *list);
void eio__request_cancel_questions(struct eio__list *list);
/* For the protocols and request.c: whether a decision is missing; hands the
 * decision to the asker; there is nobody to decide for any more. */
bool eio__request_is_undecided(const eio_request *req);
enum eio__step eio__request_go_on(eio_request *req);
void eio__request_forget_question(eio_request *req);

/* -- stream.c ------------------------------------------------------------ */

/* Some bytes of a stream have left. The application may be told. */
void eio__stream_left(eio_request *req);
/* A stream whose last reference goes without its end, so that it must not
 * look whole. */
void eio__stream_abandon(eio_request *req);

/* -- reply.c, reply_headers.c -------------------------------------------- */

/*
 * Answers: the head goes to the output; what the caller appends behind it
 * is the body, of exactly len bytes. NULL when there is nobody to answer.
 * eio__reply_done() must follow.
 */
struct eio__strbuf *eio__reply_head(eio_request *req, int status,
	const char *type, uint64_t len);
void eio__reply_done(eio_request *req);
/* Answers 200 with the bytes of a packet, which others may be answered with,
 * too. Where answers of one connection are counted together (HTTP/2) it is a
 * copy. */
int eio__reply_share(eio_request *req, const char *type, eio_buf *body);
/* Whether an answer, or a piece of it, of so many bytes may wait for its client:
 * too much may wait already, for other requests of the same connection. */
bool eio__reply_has_room(const eio_request *req, size_t len);
/* Whether the answer has a header of that name already. */
bool eio__reply_has(const eio_request *req, const char *name);
/* The answer is another one than its headers are for: they go. */
void eio__reply_forget(eio_request *req);
/* Gives the answer the header, unless it has one of that name. */
void eio__reply_default(eio_request *req, const char *name, const char *value);
/* The same for "Cache-Control: no-store", which costs no memory. */
void eio__reply_no_store(eio_request *req);
/* The answer depends on this header of the request: adds it to Vary. */
void eio__reply_vary(eio_request *req, const char *field);
/* The official phrase of a status. */
const char *eio__reply_phrase(int status);
/* Whether an answer of that status has neither a body nor its length. */
bool eio__reply_has_no_length(int status);

#endif
