/* SPDX-License-Identifier: MIT */
/*
 * ask.c: questions about a request that the application answers, now or
 * later.
 *
 * While an answer is awaited the request waits, with its body unread, for no
 * longer than a time limit. Always true: a question has at most one answer, and
 * the loop goes on with it; a request that was answered over HTTP in between,
 * or whose client has gone, has no question any more.
 */
#include <config.h>

#include <engineio/http/request.h>

#include <stdlib.h>
#include <string.h>

enum {
	UNDECIDED,
	ALLOWED,
	DENIED,
};

void eio__request_forget_question(eio_request *req)
{
	req->asker = NULL;
	eio__list_del(&req->asked);
}

static void begin(eio_request *req, const struct eio__asker *asker, void *user,
	struct eio__list *list)
{
	req->asker = asker;
	req->asker_user = user;
	req->decision = UNDECIDED;
	free(req->decision_text);
	req->decision_text = NULL;
	eio__list_add_tail(list, &req->asked);
}

enum eio__step eio__request_ask(eio_request *req, eio_request_cb fn,
	void *fn_user, const struct eio__asker *asker, void *user,
	struct eio__list *list)
{
	enum eio_verdict verdict;

	begin(req, asker, user, list);
	verdict = fn(req, fn_user);
	/* Answered, or the server was freed: whatever was said. */
	if (!req->asker || req->answered || !req->exchange)
		verdict = ENGINEIO_TAKEN;
	else if (req->decision != UNDECIDED)
		verdict = req->decision == ALLOWED ? ENGINEIO_PASS
						   : ENGINEIO_REFUSE;
	if (verdict == ENGINEIO_LATER)
		return EIO__HELD;
	eio__request_forget_question(req);
	if (verdict == ENGINEIO_TAKEN)
		return EIO__TAKEN;
	return asker->on_decided(req, user, verdict == ENGINEIO_PASS);
}

int eio_request_decide(eio_request *req, bool allow, const char *text)
{
	if (!req)
		return ENGINEIO_ERR_INVALID;
	if (!req->exchange)
		return ENGINEIO_ERR_CLOSED;
	if (!eio__request_is_undecided(req))
		return ENGINEIO_ERR_STATE;
	/* Without memory for the text the decision counts all the same. */
	req->decision_text = text ? strdup(text) : NULL;
	req->decision = allow ? ALLOWED : DENIED;
	req->exchange->ops->decided(req->exchange);
	return 0;
}

bool eio__request_is_undecided(const eio_request *req)
{
	return req->asker && req->decision == UNDECIDED && !req->answered;
}

enum eio__step eio__request_go_on(eio_request *req)
{
	const struct eio__asker *asker = req->asker;

	eio__request_forget_question(req);
	if (!asker || req->answered)
		return EIO__TAKEN;
	return asker->on_decided(req, req->asker_user,
		req->decision == ALLOWED);
}

void eio__request_cancel_questions(struct eio__list *list)
{
	struct eio__list *link;
	eio_request *req;

	for (link = eio__list_pop(list); link; link = eio__list_pop(list)) {
		req = eio__list_entry(link, eio_request, asked);
		eio__request_forget_question(req);
		eio_request_set_header(req, "Retry-After", "5");
		req->keep_alive = false;
		eio_request_respond(req, 503, NULL, NULL, 0);
	}
}
