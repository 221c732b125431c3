/* SPDX-License-Identifier: MIT */
/*
 * The headers of a request to a server that tells other origins something.
 * Whatever they are, nothing is said of them but origins and names, in their
 * places, and a cookie is the one that was set.
 *
 * The first byte chooses the settings, the second the request.
 */
#include <config.h>

#include <tests/fuzz/fuzz.h>

#include <tests/fake_client.h>

#include <stdlib.h>
#include <string.h>

#define TOKENS \
	"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz" \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define ORIGINS \
	"!$%&'()*+-.:=[]^_`{|}~0123456789/" \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

enum {
	ANY = 0,
	FIXED = 1,
	LISTED = 2,
	REFLECTED = 3,
	CREDENTIALS = 4,
	LISTS = 8,
	REJECT = 16,
	COOKIE = 32,
};

static void check(int holds)
{
	if (!holds)
		abort();
}

static void set_origins(eio_server *srv, int kind)
{
	if (kind == ANY)
		eio_server_set_cors(srv, "*");
	if (kind == FIXED)
		eio_server_set_cors(srv, "http://fixed.example");
	if (kind == LISTED) {
		eio_server_add_cors_origin(srv, "http://a.example");
		eio_server_add_cors_pattern(srv,
			"https?://([a-z0-9-]+\\.)+example(:[0-9]+)?");
	}
	if (kind == REFLECTED)
		eio_server_add_cors_origin(srv, "*");
}

static void set_all(eio_server *srv, int settings)
{
	set_origins(srv, settings & 3);
	if (settings & CREDENTIALS)
		eio_server_set_option(srv, ENGINEIO_CORS_CREDENTIALS, 1);
	if (settings & REJECT)
		eio_server_set_option(srv, ENGINEIO_CORS_REJECT, 1);
	if (settings & COOKIE)
		eio_server_set_cookie(srv, "io", NULL);
	if (!(settings & LISTS))
		return;
	eio_server_set_cors_list(srv, ENGINEIO_CORS_METHODS, "GET,POST");
	eio_server_set_cors_list(srv, ENGINEIO_CORS_ALLOWED_HEADERS, "X-One");
	eio_server_set_cors_list(srv, ENGINEIO_CORS_EXPOSED_HEADERS, "X-Out");
}

/* -- what comes back ------------------------------------------------------ */

/* Each value of the header consists of these characters. */
static void check_values(const char *answer, const char *name, const char *set)
{
	const char *value;
	size_t len;

	for (value = strstr(answer, name); value; value = strstr(value, name)) {
		value += strlen(name);
		len = strcspn(value, "\r");
		check(strspn(value, set) == len && value[len + 1] == '\n');
	}
}

static void check_origin(const char *answer, int kind)
{
	static const char name[] = "Access-Control-Allow-Origin: ";
	const char *value = strstr(answer, name);

	check_values(answer, name, ORIGINS);
	if (!value)
		return;
	value += strlen(name);
	if (kind == ANY)
		check(strncmp(value, "*\r\n", 3) == 0);
	else if (kind == FIXED)
		check(strncmp(value, "http://fixed.example\r\n", 22) == 0);
	else
		check(*value != '*');
}

static void check_cookie(const char *answer, int settings)
{
	static const char name[] = "Set-Cookie: ";
	const char *value = strstr(answer, name);

	if (!value)
		return;
	check(settings & COOKIE);
	value += strlen(name);
	check(strncmp(value, "io=", 3) == 0);
	value += 3;
	check(strspn(value, TOKENS) == 20);
	check(strncmp(value + 20, "; Path=/; HttpOnly; SameSite=Lax\r\n", 34) ==
		0);
}

static void check_answer(const char *answer, int settings)
{
	check_origin(answer, settings & 3);
	check_values(answer, "Access-Control-Allow-Headers: ", TOKENS ", \t");
	check_values(answer, "Access-Control-Allow-Credentials: ", "true");
	check_values(answer, "Access-Control-Expose-Headers: ", "X-Out");
	check_values(answer, "Access-Control-Allow-Methods: ", "GETHADPUCOSL,");
	check_values(answer, "Vary: ", TOKENS ", ");
	check_cookie(answer, settings);
}

/* -- the request --------------------------------------------------------- */

static void send_request(struct fake_conn *c, int which, const uint8_t *headers,
	size_t size)
{
	static const char *const methods[] = { "GET", "OPTIONS", "POST",
		"GET" };
	struct eio__strbuf b;

	eio__strbuf_init(&b, 0);
	eio__strbuf_printf(&b,
		"%s /engine.io/?EIO=4&transport=%s HTTP/1.1\r\n"
		"Host: own.example\r\n%s",
		methods[which & 3], which & 3 ? "polling" : "websocket",
		which & 3 ? "" : fake_ws_headers);
	eio__strbuf_add(&b, headers, size);
	eio__strbuf_adds(&b, "\r\n\r\n");
	check(!b.error);
	fake_send(c, b.data, b.len);
	eio__strbuf_clear(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	eio_loop *loop;
	eio_server *srv;
	struct fake_conn *c;
	struct eio__strbuf *got;

	if (size < 2)
		return 0;
	loop = eio_loop_new();
	srv = eio_server_new(loop);
	check(srv && !eio_server_listen(srv, NULL, 0));
	set_all(srv, data[0]);
	c = fake_connect(loop);
	send_request(c, data[1], data + 2, size - 2);
	got = fake_received(c);
	/* What is behind a NUL is frames. */
	if (got->len)
		check_answer(got->data, data[0]);
	fake_free(c);
	eio_server_free(srv);
	eio_loop_free(loop);
	return 0;
}
