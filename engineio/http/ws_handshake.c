/* SPDX-License-Identifier: MIT */
/*
 * ws_handshake.c: whether a request may become a WebSocket (RFC 6455,
 * section 4.2), and what is answered.
 *
 * Extensions are ws_extension.c's. Origin, path and session
 * are the caller's affair, and are checked before. All lists are read in one
 * pass.
 */
#include <config.h>

/* The SHA-1 of OpenSSL 1.1.1 may be used: see set_accept(). */
#define OPENSSL_API_COMPAT 10101

#include <engineio/http/ws_handshake.h>

#include <engineio/base/base64.h>
#include <engineio/http/field.h>

#include <openssl/sha.h>

#include <string.h>

#define BLANKS "\t "

#define KEY_LEN 24
#define GUID    "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

/* 16 bytes in base64, in their only form. */
static bool key_valid(const char *key)
{
	char bytes[KEY_LEN];

	return strlen(key) == KEY_LEN &&
		eio__base64_decode(bytes, key, KEY_LEN) == 16;
}

/* By the plain functions: SHA1() looks for a provider each time, and the first
 * time sets all of OpenSSL up, for 2 MB and some milliseconds. */
static void set_accept(char out[EIO__WS_ACCEPT_LEN + 1], const char *key)
{
	unsigned char hash[SHA_DIGEST_LENGTH];
	SHA_CTX sha;

	SHA1_Init(&sha);
	SHA1_Update(&sha, key, KEY_LEN);
	SHA1_Update(&sha, GUID, sizeof(GUID) - 1);
	SHA1_Final(hash, &sha);
	eio__base64_encode(out, hash, sizeof(hash));
	out[EIO__WS_ACCEPT_LEN] = '\0';
}

/* Whether the token is the chosen one once more (RFC 6455, section 4.1: all
 * must be unique; only this one matters to us). */
static bool is_chosen_again(const struct eio__ws_handshake *hs,
	const char *token, size_t len)
{
	return token != hs->protocol && len == hs->protocol_len &&
		memcmp(token, hs->protocol, len) == 0;
}

/* The list must be tokens between commas; the first is chosen, which is what
 * clients of Socket.IO expect. */
static bool choose_protocol(struct eio__ws_handshake *hs, const char *list)
{
	size_t len;

	hs->protocol = list + strspn(list, BLANKS);
	hs->protocol_len = strspn(hs->protocol, EIO__TOKEN_CHARS);
	for (;;) {
		list += strspn(list, BLANKS);
		len = strspn(list, EIO__TOKEN_CHARS);
		if (!len || is_chosen_again(hs, list, len))
			return false;
		list += len;
		list += strspn(list, BLANKS);
		if (!*list)
			return true;
		if (*list++ != ',')
			return false;
	}
}

static bool refuse(struct eio__ws_handshake *hs, int status, const char *text)
{
	memset(hs, 0, sizeof(*hs));
	hs->status = status;
	hs->text = text;
	return false;
}

bool eio__ws_handshake_check(const struct eio__ws_headers *h,
	struct eio__ws_handshake *hs)
{
	memset(hs, 0, sizeof(*hs));
	if (strcmp(h->method, "GET") != 0)
		return refuse(hs, 405, "Invalid HTTP method");
	if (h->minor < 1)
		return refuse(hs, 400, "Invalid HTTP version");
	if (!h->connection || !eio__header_lists(h->connection, "upgrade"))
		return refuse(hs, 400, "Invalid Connection header");
	if (!h->upgrade || !eio__header_lists(h->upgrade, "websocket"))
		return refuse(hs, 400, "Invalid Upgrade header");
	if (!h->key || !key_valid(h->key))
		return refuse(hs, 400,
			"Missing or invalid Sec-WebSocket-Key header");
	if (!h->version ||
		(strcmp(h->version, "13") != 0 &&
			strcmp(h->version, "8") != 0)) {
		refuse(hs, 400,
			"Missing or invalid Sec-WebSocket-Version header");
		hs->version_header = "13, 8";
		return false;
	}
	if (h->protocol && !choose_protocol(hs, h->protocol))
		return refuse(hs, 400, "Invalid Sec-WebSocket-Protocol header");
	if (h->deflate) {
		int result = eio__deflate_negotiate(h->extensions, h->deflate,
			&hs->params);

		if (result < 0)
			return refuse(hs, 400,
				"Invalid or unacceptable "
				"Sec-WebSocket-Extensions header");
		hs->deflate = result > 0;
	}
	hs->status = 101;
	set_accept(hs->accept, h->key);
	return true;
}
