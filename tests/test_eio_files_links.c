/* SPDX-License-Identifier: MIT */
/*
 * test_eio_files_links.c: files of a folder: nothing outside of it is served,
 * and nothing that is no file.
 */
#include <config.h>

#include "fake_site.h"

#include <engineio/http.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void traversal__in_any_spelling__is_404(void **state)
{
	static const char *const targets[] = { "/../secret.txt",
		"/..%2fsecret.txt", "/..%2Fsecret.txt", "/%2e%2e/secret.txt",
		"/%2e./secret.txt", "/.%2E/secret.txt", "/%2e%2e%2fsecret.txt",
		"/%252e%252e/secret.txt", "/..\\secret.txt", "/..%5csecret.txt",
		"/%2e%2e%5Csecret.txt", "/sub/../a.txt",
		"/sub/../../secret.txt", "/sub/%2e%2e/%2e%2e/secret.txt",
		"/./a.txt", "/%2e/a.txt", "/sub/./b.txt", "/sub/%2e/b.txt",
		"/..", "/../", "/%2e%2e", "/sub/..", "/sub/../", "/.", "/%2e",
		"/..;/secret.txt", "/..%00/secret.txt", "/..%0d/secret.txt",
		"/%c0%ae%c0%ae/secret.txt", "/%e0%80%ae%e0%80%ae/secret.txt",
		"/%ef%bc%8e%ef%bc%8e/secret.txt", "/%uff0e%uff0e/secret.txt",
		"/a.txt%00.html", "/a.txt%00", "/%00", "/a.txt%", "/a.txt%2",
		"/a.txt%zz", "/a.txt%0a", "/a.txt%ff", "/sub%2fb.txt",
		"/sub//b.txt", "/sub%2f/b.txt", "/www-secret/a.txt",
		"/../www-secret/a.txt", "/-secret/a.txt", "//etc/passwd",
		"///etc/passwd", "/%2fetc/passwd", "/%2Fetc%2Fpasswd",
		"/etc/passwd", "/~root/", "/a.txt/../../secret.txt",
		"/file:///etc/passwd", "http://h/../secret.txt",
		"http://h/%2e%2e/secret.txt", "http://h/..%2fsecret.txt",
		"/?/../secret.txt", "/#/../secret.txt" };
	struct site *site = *state;
	size_t i;

	add_file(site, "www/a.txt", "a");
	add_folder(site, "www/sub");
	add_file(site, "www/sub/b.txt", "b");
	for (i = 0; i < COUNT(targets); i++)
		site_expect(site, targets[i], 404, "not found");
	site_expect(site, "/a.txt", 200, "a");
	site_expect(site, "/sub/b.txt", 200, "b");
}

static void dot_files__in_any_spelling__are_404(void **state)
{
	static const char *const targets[] = { "/.env", "/%2eenv", "/.git/",
		"/.git", "/.git/config", "/%2egit/config", "/sub/.env",
		"/sub/%2Eenv" };
	struct site *site = *state;
	size_t i;

	add_file(site, "www/.env", "secret");
	add_folder(site, "www/.git");
	add_file(site, "www/.git/config", "secret");
	add_file(site, "www/.git/index.html", "secret");
	add_folder(site, "www/sub");
	add_file(site, "www/sub/.env", "secret");
	for (i = 0; i < COUNT(targets); i++)
		site_expect(site, targets[i], 404, "not found");
}

static void links__that_stay_inside__are_followed(void **state)
{
	struct site *site = *state;

	add_folder(site, "www/sub");
	add_file(site, "www/sub/b.txt", "b");
	add_file(site, "www/sub/index.html", "sub");
	add_link(site, "www/near.txt", "sub/b.txt");
	add_link(site, "www/around.txt", "../www/sub/b.txt");
	add_link(site, "www/there", "sub");
	add_link(site, "www/self", ".");
	site_expect(site, "/near.txt", 200, "b");
	site_expect(site, "/around.txt", 200, "b");
	site_expect(site, "/there/b.txt", 200, "b");
	site_expect(site, "/there/", 200, "sub");
	site_expect(site, "/there", 301, "");
	site_expect(site, "/self/self/near.txt", 200, "b");
}

static void links__that_lead_out__are_404(void **state)
{
	struct site *site = *state;

	add_link(site, "www/out.txt", "../secret.txt");
	add_link(site, "www/passwd", "/etc/passwd");
	add_link(site, "www/up", "..");
	add_link(site, "www/beside", "../www-secret");
	add_link(site, "www/root", "/");
	add_link(site, "www/twice.txt", "out.txt");
	add_link(site, "www/loop", "loop");
	add_link(site, "www/gone", "nothing");
	add_folder(site, "www/sub");
	add_link(site, "www/sub/index.html", "../../secret.txt");
	site_expect(site, "/out.txt", 404, "not found");
	site_expect(site, "/passwd", 404, "not found");
	site_expect(site, "/up/secret.txt", 404, "not found");
	site_expect(site, "/up", 404, "not found");
	site_expect(site, "/up/", 404, "not found");
	site_expect(site, "/up/www/sub", 301, "");
	site_expect(site, "/beside/a.txt", 404, "not found");
	site_expect(site, "/beside", 404, "not found");
	site_expect(site, "/root/etc/passwd", 404, "not found");
	site_expect(site, "/root", 404, "not found");
	site_expect(site, "/twice.txt", 404, "not found");
	site_expect(site, "/loop", 404, "not found");
	site_expect(site, "/loop/x", 404, "not found");
	site_expect(site, "/gone", 404, "not found");
	site_expect(site, "/sub/", 404, "not found");
}

static void mount__through_a_link__serves_what_it_leads_to(void **state)
{
	struct site *site = *state;

	add_link(site, "link", "www");
	add_file(site, "www/a.txt", "a");
	add_link(site, "www/out.txt", "../secret.txt");
	assert_int_equal(eio_server_mount(site->app->srv, "/l/",
				 name_of(site, "link/")),
		0);
	site_expect(site, "/l/a.txt", 200, "a");
	site_expect(site, "/l/out.txt", 404, "not found");
}

static void odd_things__in_the_folder__are_404(void **state)
{
	struct site *site = *state;

	/* A pipe nobody writes to must not hold the server up. */
	assert_int_equal(mkfifo(name_of(site, "www/fifo"), 0600), 0);
	site_expect(site, "/fifo", 404, "not found");
	add_link(site, "www/null", "/dev/null");
	site_expect(site, "/null", 404, "not found");
	add_folder(site, "www/index.html");
	site_expect(site, "/", 404, "not found");
}

static void name__too_long__is_404(void **state)
{
	struct site *site = *state;
	struct eio__strbuf b;
	unsigned i;

	eio__strbuf_init(&b, 0);
	eio__strbuf_adds(&b, "/");
	for (i = 0; i < 8000; i++)
		eio__strbuf_adds(&b, i % 100 == 99 ? "/" : "a");
	site_expect(site, b.data, 404, "not found");
	eio__strbuf_clear(&b);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, site_setup, site_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(traversal__in_any_spelling__is_404),
		TEST(dot_files__in_any_spelling__are_404),
		TEST(links__that_stay_inside__are_followed),
		TEST(links__that_lead_out__are_404),
		TEST(mount__through_a_link__serves_what_it_leads_to),
		TEST(odd_things__in_the_folder__are_404),
		TEST(name__too_long__is_404),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
