/* SPDX-License-Identifier: MIT */
/*
 * test_threads.c: sio_server_post() and sio_server_stop() from any thread,
 * everything else on the server's own; on the real network. Worth most under
 * the thread sanitizer: "make check-threads".
 */
#include <config.h>

#include <socketio/socketio.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define DEADLINE 120
#define THREADS  4
#define POSTS    500

static int set_up(void **state)
{
	alarm(DEADLINE);
	*state = NULL;
	return 0;
}

static int tear_down(void **state)
{
	alarm(0);
	return 0;
}

/* -- a client, in a thread of its own ---------------------------------------- */

static bool send_all(int fd, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	for (; len > 0; p += n, len -= (size_t)n) {
		n = write(fd, p, len);
		if (n <= 0)
			return false;
	}
	return true;
}

static bool receive(int fd, void *data, size_t len)
{
	char *p = data;
	ssize_t n;

	for (; len > 0; p += n, len -= (size_t)n) {
		n = read(fd, p, len);
		if (n <= 0)
			return false;
	}
	return true;
}

/* Over the head of the answer. */
static bool skip_head(int fd)
{
	const char *end = "\r\n\r\n";
	size_t at = 0;
	char c;

	while (at < 4 && receive(fd, &c, 1))
		at = c == end[at] ? at + 1 : c == '\r';
	return at == 4;
}

static int connect_to(int port)
{
	static const char request[] =
		"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
		"Host: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
		"Sec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
	struct sockaddr_in address = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_port = htons((uint16_t)port);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
		send_all(fd, request, sizeof(request) - 1) && skip_head(fd))
		return fd;
	close(fd);
	return -1;
}

/* Short ones; the mask is 0. */
static bool say(int fd, const char *text)
{
	size_t n = strlen(text);
	char frame[6 + 125] = { (char)0x81, (char)(0x80 | n) };

	memcpy(frame + 6, text, n);
	return n < 126 && send_all(fd, frame, 6 + n);
}

static bool hear(int fd, char text[200])
{
	unsigned char head[4] = { 0 };
	size_t n;

	if (!receive(fd, head, 2))
		return false;
	n = head[1];
	if (n == 126) {
		if (!receive(fd, head + 2, 2))
			return false;
		n = (size_t)head[2] << 8 | head[3];
	}
	if (n >= 200 || !receive(fd, text, n))
		return false;
	text[n] = '\0';
	return (head[0] & 15) == 1;
}

struct client {
	pthread_t thread;
	int port, heard;
	bool ok;
};

/* Joins "/", and counts the events up to the last. */
static void *listener(void *arg)
{
	struct client *c = arg;
	int fd = connect_to(c->port);
	char text[200];

	c->ok = fd >= 0 && hear(fd, text) && say(fd, "40");
	while (c->ok) {
		c->ok = hear(fd, text);
		if (strncmp(text, "42[\"last\"", 9) == 0)
			break;
		c->heard += strncmp(text, "42[\"news\"", 9) == 0;
		if (strcmp(text, "2") == 0)
			c->ok = say(fd, "3");
	}
	close(fd);
	return NULL;
}

/* -- posts from several threads ----------------------------------------------- */

struct house {
	sio_server *srv;
	sio_nsp *io;
	pthread_t loop_thread;
	int next[THREADS]; /* of each thread: its posts so far */
	int ran, closed;
	bool wrong;
	atomic_int joined;
};

struct note {
	struct house *house;
	int thread, number;
};

static void post_note(struct house *house, int thread, int number,
	void (*fn)(void *arg, int status))
{
	struct note *note = malloc(sizeof(*note));

	note->house = house;
	note->thread = thread;
	note->number = number;
	if (sio_server_post(house->srv, fn, note)) {
		free(note);
		abort();
	}
}

/* What is posted may do all that a callback may. */
static void on_note(void *arg, int status)
{
	struct note *note = arg;
	struct house *house = note->house;

	if (status == SIO_ERR_CLOSED) {
		house->closed++;
	} else {
		house->ran++;
		if (!pthread_equal(pthread_self(), house->loop_thread) ||
			house->next[note->thread]++ != note->number)
			house->wrong = true;
		sio_nsp_emit(house->io, "news", "i, i", note->thread,
			note->number);
	}
	free(note);
}

static void on_last(void *arg, int status)
{
	struct note *note = arg;

	sio_nsp_emit(note->house->io, "last", NULL);
	free(note);
}

struct poster {
	pthread_t thread;
	struct house *house;
	int number;
};

static void *post_many(void *arg)
{
	struct poster *p = arg;
	int i;

	while (atomic_load(&p->house->joined) < 2)
		usleep(1000);
	for (i = 0; i < POSTS; i++)
		post_note(p->house, p->number, i, on_note);
	return NULL;
}

static void on_connection(sio_socket *s, sio_event *ev, void *user)
{
	struct house *house = user;

	atomic_fetch_add(&house->joined, 1);
}

static void house_open(struct house *house)
{
	memset(house, 0, sizeof(*house));
	house->srv = sio_server_new();
	house->io = sio_server_of(house->srv, "/");
	house->loop_thread = pthread_self();
	sio_server_set_option(house->srv, SIO_SERVE_CLIENT, 0);
	sio_nsp_on_connection(house->io, on_connection, house);
	if (sio_server_listen(house->srv, "127.0.0.1", 0))
		abort();
}

struct conductor {
	pthread_t thread;
	struct house *house;
	struct poster posters[THREADS];
	struct client clients[2];
};

/* Lets the posters and the clients come to their end, then the server. */
static void *conduct(void *arg)
{
	struct conductor *c = arg;
	int i;

	for (i = 0; i < THREADS; i++)
		pthread_join(c->posters[i].thread, NULL);
	post_note(c->house, 0, 0, on_last);
	for (i = 0; i < 2; i++)
		pthread_join(c->clients[i].thread, NULL);
	sio_server_stop(c->house->srv);
	return NULL;
}

/* Runs a server to the end of its conductor. */
static void perform(struct house *house, struct conductor *c)
{
	int i;

	memset(c, 0, sizeof(*c));
	c->house = house;
	for (i = 0; i < 2; i++) {
		c->clients[i].port = sio_server_port(house->srv);
		pthread_create(&c->clients[i].thread, NULL, listener,
			&c->clients[i]);
	}
	for (i = 0; i < THREADS; i++) {
		c->posters[i].house = house;
		c->posters[i].number = i;
		pthread_create(&c->posters[i].thread, NULL, post_many,
			&c->posters[i]);
	}
	pthread_create(&c->thread, NULL, conduct, c);
	if (sio_server_run(house->srv))
		house->wrong = true;
	pthread_join(c->thread, NULL);
}

static void assert_performed(const struct house *house,
	const struct conductor *c)
{
	int i;

	assert_false(house->wrong);
	assert_int_equal(house->ran, THREADS * POSTS);
	assert_int_equal(house->closed, 0);
	for (i = 0; i < 2; i++) {
		assert_true(c->clients[i].ok);
		assert_int_equal(c->clients[i].heard, THREADS * POSTS);
	}
}

static void post__from_several_threads__runs_in_order_on_the_loop(void **state)
{
	struct house house;
	struct conductor conductor;

	house_open(&house);
	perform(&house, &conductor);
	sio_server_free(house.srv);
	assert_performed(&house, &conductor);
}

/* -- what is left when the server goes ----------------------------------------- */

static void *post_some(void *arg)
{
	struct poster *p = arg;
	int i;

	for (i = 0; i < POSTS; i++)
		post_note(p->house, p->number, i, on_note);
	return NULL;
}

static void *post_and_stop(void *arg)
{
	struct poster *p = arg;

	post_some(arg);
	sio_server_stop(p->house->srv);
	return NULL;
}

/* Nobody runs the loop any more when some of them post. */
static void post__not_run_when_the_server_goes__is_told_so(void **state)
{
	struct poster posters[THREADS];
	struct house house;
	int i;

	house_open(&house);
	for (i = 0; i < THREADS; i++) {
		posters[i].house = &house;
		posters[i].number = i;
		pthread_create(&posters[i].thread, NULL,
			i == 0 ? post_and_stop : post_some, &posters[i]);
	}
	assert_int_equal(sio_server_run(house.srv), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(posters[i].thread, NULL);
	post_note(&house, 0, 0, on_note);
	sio_server_free(house.srv);
	assert_false(house.wrong);
	assert_true(house.closed > 0);
	assert_int_equal(house.ran + house.closed, THREADS * POSTS + 1);
}

/* -- stopping ------------------------------------------------------------------- */

static void *stop_often(void *arg)
{
	struct house *house = arg;
	int i;

	for (i = 0; i < 50; i++) {
		sio_server_stop(house->srv);
		usleep(200);
	}
	return NULL;
}

static void stop__from_several_threads__ends_the_run(void **state)
{
	pthread_t threads[THREADS];
	struct house house;
	int i;

	house_open(&house);
	for (i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, stop_often, &house);
	assert_int_equal(sio_server_run(house.srv), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	/* A stop that came when nothing ran is for the next run. */
	sio_server_stop(house.srv);
	assert_int_equal(sio_server_run(house.srv), 0);
	sio_server_free(house.srv);
}

static void free_it(void *arg, int status)
{
	sio_server_free(arg);
}

static void *stop_once(void *srv)
{
	sio_server_stop(srv);
	return NULL;
}

/* The server may be gone before the call that stopped it has returned. */
static void free__after_a_stop_from_a_thread__waits_for_it(void **state)
{
	struct house house;
	pthread_t threads[20];
	int i;

	for (i = 0; i < 20; i++) {
		house_open(&house);
		pthread_create(&threads[i], NULL, stop_once, house.srv);
		assert_int_equal(sio_server_run(house.srv), 0);
		sio_server_free(house.srv);
	}
	for (i = 0; i < 20; i++)
		pthread_join(threads[i], NULL);
}

static void *post_the_end(void *srv)
{
	sio_server_post(srv, free_it, srv);
	return NULL;
}

static void free__posted_from_a_thread__ends_the_run(void **state)
{
	struct house house;
	pthread_t thread;

	house_open(&house);
	pthread_create(&thread, NULL, post_the_end, house.srv);
	assert_int_equal(sio_server_run(house.srv), 0);
	pthread_join(thread, NULL);
}

/* -- servers of several threads -------------------------------------------------- */

struct stage {
	pthread_t thread;
	struct house house;
	struct conductor conductor;
};

static void *act(void *arg)
{
	struct stage *stage = arg;

	house_open(&stage->house);
	perform(&stage->house, &stage->conductor);
	sio_server_free(stage->house.srv);
	return NULL;
}

/* No state is shared between servers. */
static void servers__in_threads_of_their_own__do_not_meet(void **state)
{
	static struct stage stages[3];
	int i;

	for (i = 0; i < 3; i++)
		pthread_create(&stages[i].thread, NULL, act, &stages[i]);
	for (i = 0; i < 3; i++)
		pthread_join(stages[i].thread, NULL);
	for (i = 0; i < 3; i++)
		assert_performed(&stages[i].house, &stages[i].conductor);
}

#define timed(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		timed(post__from_several_threads__runs_in_order_on_the_loop),
		timed(post__not_run_when_the_server_goes__is_told_so),
		timed(stop__from_several_threads__ends_the_run),
		timed(free__after_a_stop_from_a_thread__waits_for_it),
		timed(free__posted_from_a_thread__ends_the_run),
		timed(servers__in_threads_of_their_own__do_not_meet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
