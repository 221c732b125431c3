/* SPDX-License-Identifier: MIT */
/*
 * net_lws_carrier.c: the contexts of libwebsockets and their side effects.
 *
 * A context keeps a table with a place for every descriptor number the
 * process may have (RLIMIT_NOFILE), and the library as Debian builds it
 * looks through the whole table whenever a connection closes; containers
 * with a limit of a million would pay half a millisecond per connection, and
 * above ten million libwebsockets falls back to 2560. So there are up to
 * six contexts on the same loop, with tables from small to large, each made
 * when the first descriptor needs it: numbers are given out from below, so
 * that the work done depends on how many connections there are and not on how
 * many there might be.
 *
 * The size of the table can only be set through the limit itself (the
 * library's own option turns each lookup into a search), so that is lowered
 * while a context is made. libwebsockets also sets SIGPIPE; that is put back.
 */
#include <config.h>

#include <engineio/net_lws.h>

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

/* A context needs descriptors of its own when it is made. */
#define SPARE 64

static const int sizes[EIO__CARRIERS] = { 1 << 10, 1 << 12, 1 << 14, 1 << 16,
	1 << 18, 1 << 20 };

static const struct lws_protocols protocols[] = {
	{ .name = "eio", .callback = eio__net_callback },
	{ .name = NULL },
};

/* -- the process -------------------------------------------------------- */

static pthread_once_t once = PTHREAD_ONCE_INIT;
/* Two threads that change the limit and put it back would mix it up. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void drop_line(int level, const char *line)
{
}

/* Once, so that a program which uses libwebsockets itself can have its own
 * way afterwards. */
static void set_up_process(void)
{
	struct sigaction old;

	lws_set_log_level(LLL_ERR | LLL_WARN, drop_line);
	if (sigaction(SIGPIPE, NULL, &old) == 0 && old.sa_handler == SIG_DFL)
		signal(SIGPIPE, SIG_IGN);
}

/* -- one context -------------------------------------------------------- */

static struct lws_context *create(struct eio__net *net)
{
	static const lws_retry_bo_t no_timers;
	struct lws_context_creation_info info = { 0 };
	void *loops[] = { net->loop };

	info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
	info.protocols = protocols;
	info.foreign_loops = loops;
	info.retry_and_idle_policy = &no_timers;
	info.options = LWS_SERVER_OPTION_LIBEV |
		LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
		LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME;
	return lws_create_context(&info);
}

static struct lws_vhost *create_vhost(struct lws_context *context)
{
	static const lws_retry_bo_t no_timers;
	struct lws_context_creation_info info = { 0 };

	info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
	info.vhost_name = "eio";
	info.protocols = protocols;
	info.retry_and_idle_policy = &no_timers;
	return lws_create_vhost(context, &info);
}

/* With the limit at *size meanwhile, or *size at the limit if that is lower.
 * Under the lock. */
static struct lws_context *create_sized(struct eio__net *net, int *size)
{
	struct lws_context *context;
	struct sigaction sigpipe;
	struct rlimit limit, low;
	bool lowered = false, handled;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return NULL;
	low = limit;
	if (limit.rlim_cur > (rlim_t)*size) {
		low.rlim_cur = (rlim_t)*size;
		lowered = setrlimit(RLIMIT_NOFILE, &low) == 0;
	} else {
		*size = (int)limit.rlim_cur;
	}
	handled = sigaction(SIGPIPE, NULL, &sigpipe) == 0;
	context = create(net);
	if (handled)
		sigaction(SIGPIPE, &sigpipe, NULL);
	if (lowered)
		setrlimit(RLIMIT_NOFILE, &limit);
	return context;
}

static bool fill(struct eio__net *net, struct eio__carrier *carrier, int size,
	const char **why)
{
	*why = "libwebsockets cannot be set up; is its libev plugin installed?";
	carrier->size = size;
	pthread_mutex_lock(&lock);
	carrier->context = create_sized(net, &carrier->size);
	pthread_mutex_unlock(&lock);
	if (!carrier->context)
		return false;
	*why = "out of memory";
	carrier->vhost = create_vhost(carrier->context);
	if (carrier->vhost)
		return true;
	lws_context_destroy(carrier->context);
	carrier->context = NULL;
	return false;
}

/* -- all of them -------------------------------------------------------- */

const struct eio__carrier *eio__net_carrier(struct eio__net *net, int fd,
	const char **why)
{
	struct eio__carrier *carrier;
	int i;

	pthread_once(&once, set_up_process);
	for (i = 0; i < EIO__CARRIERS; i++) {
		carrier = &net->carriers[i];
		if (carrier->context && fd < carrier->size)
			return carrier;
		if (!carrier->context && fd < sizes[i] - SPARE)
			return fill(net, carrier, sizes[i], why) ? carrier
								 : NULL;
	}
	*why = "too many open files";
	return NULL;
}

void eio__net_carriers_free(struct eio__net *net)
{
	int i;

	for (i = 0; i < EIO__CARRIERS; i++)
		if (net->carriers[i].context)
			lws_context_destroy(net->carriers[i].context);
}
