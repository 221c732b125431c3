/* SPDX-License-Identifier: MIT */
/*
 * test_chat_history_file.c: what is in the file after a restart, and which
 * files are left alone.
 */
#include <config.h>

#include <src/chat.h>
#include <src/history_file.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <socketio/socketio.h>

#ifdef HAVE_SQLITE
#include <sqlite3.h>
#if SQLITE_VERSION_NUMBER >= 3031000
#define CAN_FAIL
#endif
#endif

static char folder[] = "/tmp/history-XXXXXX";
static char path[64], copy[64];

static int make_folder(void **state)
{
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	return rmdir(folder);
}

static int setup(void **state)
{
	snprintf(path, sizeof(path), "%s/chat", folder);
	snprintf(copy, sizeof(copy), "%s/copy", folder);
	return 0;
}

static void remove_file(const char *name)
{
	char also[80];

	unlink(name);
	snprintf(also, sizeof(also), "%s-wal", name);
	unlink(also);
	snprintf(also, sizeof(also), "%s-shm", name);
	unlink(also);
	snprintf(also, sizeof(also), "%s-journal", name);
	unlink(also);
}

static int teardown(void **state)
{
	remove_file(path);
	remove_file(copy);
	return 0;
}

static int64_t five(void *user)
{
	return 5;
}

static struct chat *open_chat(void)
{
	char error[CHAT_ERROR_SIZE];
	struct chat *chat = chat_open(five, NULL, path, error);

	if (!chat)
		fail_msg("%s", error);
	return chat;
}

static void post(struct chat *chat, const char *text)
{
	json_t *value = json_loads(text, 0, NULL);

	assert_int_equal(chat_post(chat, value), 0);
	json_decref(value);
}

static void assert_text(struct chat *chat, const char *expected)
{
	size_t len;
	const char *text = chat_text(chat, &len);

	assert_non_null(text);
	assert_string_equal(text, expected);
	assert_int_equal(len, strlen(expected));
}

#define FIRST "{\"user\":\"brian\",\"text\":\"hi\",\"time\":5}"

static void assert_refused(const char *name, const char *why)
{
	struct history *h = history_new();
	char error[HISTORY_FILE_ERROR_SIZE];

	assert_null(history_file_open(name, h, error));
	assert_non_null(strstr(error, why));
	assert_int_equal(json_array_size(history_messages(h)), 0);
	history_free(h);
}

static void write_file(const char *name, const void *p, size_t n)
{
	FILE *f = fopen(name, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	fclose(f);
}

static size_t read_file(const char *name, char *p, size_t size)
{
	FILE *f = fopen(name, "rb");
	size_t n;

	assert_non_null(f);
	n = fread(p, 1, size, f);
	fclose(f);
	return n;
}

static void history_file__opened_again__has_what_was_posted(void **state)
{
	struct chat *chat = open_chat();

	assert_text(chat, "{\"msg\":[" FIRST "]}");
	post(chat, "{\"user\":1,\"text\":0.1}");
	chat_free(chat);
	chat = open_chat();
	assert_text(chat,
		"{\"msg\":[{\"user\":1,\"text\":0.1,\"time\":5}," FIRST "]}");
	chat_free(chat);
}

/* A process that is killed leaves its files as they are at that moment. */
static void history_file__killed_after_a_commit__lost_nothing(void **state)
{
	struct chat *chat = open_chat();
	static char bytes[1 << 20];
	char wal[80], copied[80];
	struct history *h = history_new();
	char error[HISTORY_FILE_ERROR_SIZE];
	struct history_file *f;

	post(chat, "{\"user\":\"ann\"}");
	assert_int_equal(chat_commit(chat), 0);
	snprintf(wal, sizeof(wal), "%s-wal", path);
	snprintf(copied, sizeof(copied), "%s-wal", copy);
	write_file(copy, bytes, read_file(path, bytes, sizeof(bytes)));
	write_file(copied, bytes, read_file(wal, bytes, sizeof(bytes)));
	chat_free(chat);
	f = history_file_open(copy, h, error);
	assert_non_null(f);
	assert_int_equal(json_array_size(history_messages(h)), 2);
	history_file_close(f);
	history_free(h);
}

static void history_file__more_than_fit__the_newest_are_kept(void **state)
{
	struct chat *chat = open_chat();
	json_t *all;
	char text[32];
	int i, round;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < 40; i++) {
			snprintf(text, sizeof(text), "{\"user\":%d}",
				round * 40 + i);
			post(chat, text);
		}
		assert_int_equal(chat_commit(chat), 0);
	}
	chat_free(chat);
	chat = open_chat();
	all = chat_state(chat);
	assert_int_equal(json_array_size(json_object_get(all, "msg")), 50);
	assert_int_equal(json_integer_value(json_object_get(
				 json_array_get(json_object_get(all, "msg"),
					 49),
				 "user")),
		70);
	json_decref(all);
	chat_free(chat);
}

static void history_file__binary_values__come_back(void **state)
{
	struct chat *chat = open_chat();
	json_t *value = json_pack("{s:[o, s]}", "text",
		sio_binary("\0\x7f\xff", 3), "x");
	json_t *all, *text;
	size_t n;

	assert_int_equal(chat_post(chat, value), 0);
	json_decref(value);
	chat_free(chat);
	chat = open_chat();
	all = chat_state(chat);
	text = json_object_get(json_array_get(json_object_get(all, "msg"), 0),
		"text");
	assert_memory_equal(sio_binary_data(json_array_get(text, 0), &n),
		"\0\x7f\xff", 3);
	assert_int_equal(n, 3);
	json_decref(all);
	chat_free(chat);
}

static void history_file__foreign__is_not_touched(void **state)
{
	static const char text[] = "dear diary, today I have seen a database";
	char sqlite[100] = "SQLite format 3";
	char now[200];

	write_file(path, text, sizeof(text));
	assert_refused(path, "no database");
	assert_int_equal(read_file(path, now, sizeof(now)), sizeof(text));
	assert_memory_equal(now, text, sizeof(text));
	write_file(path, sqlite, sizeof(sqlite));
	assert_refused(path, "another program");
	memcpy(sqlite + 68, "sioc", 4);
	sqlite[63] = 2;
	write_file(path, sqlite, sizeof(sqlite));
	assert_refused(path, "another version");
	assert_int_equal(read_file(path, now, sizeof(now)), sizeof(sqlite));
	assert_memory_equal(now, sqlite, sizeof(sqlite));
}

static void history_file__damaged__is_refused(void **state)
{
	struct chat *chat = open_chat();
	static char bytes[1 << 20], now[1 << 20];
	size_t n;

	chat_free(chat);
	n = read_file(path, bytes, sizeof(bytes));
	write_file(path, bytes, n - 3000);
	assert_refused(path, "damaged");
	assert_int_equal(read_file(path, now, sizeof(now)), n - 3000);
	assert_memory_equal(now, bytes, n - 3000);
}

/* The files of a chat that was killed, here as bytes. */
struct remains {
	char bytes[2][1 << 17];
	size_t len[2];
};

static const char *name_of(int which)
{
	static char wal[80];

	snprintf(wal, sizeof(wal), "%s-wal", copy);
	return which == 0 ? copy : wal;
}

static void kill_a_chat(struct remains *r)
{
	struct chat *chat = open_chat();
	char wal[80];
	int i;

	snprintf(wal, sizeof(wal), "%s-wal", path);
	for (i = 0; i < 20; i++)
		post(chat, "{\"user\":\"ann\",\"text\":\"hello again\"}");
	assert_int_equal(chat_commit(chat), 0);
	r->len[0] = read_file(path, r->bytes[0], sizeof(r->bytes[0]));
	r->len[1] = read_file(wal, r->bytes[1], sizeof(r->bytes[1]));
	assert_true(r->len[1] > 4096);
	chat_free(chat);
}

static void assert_untouched(const struct remains *r, int which)
{
	static char now[1 << 17];

	assert_int_equal(read_file(name_of(which), now, sizeof(now)),
		r->len[which]);
	assert_memory_equal(now, r->bytes[which], r->len[which]);
}

/* Whatever is in them: they are taken, or left as they are. */
static bool open_remains(const struct remains *r)
{
	struct history *h = history_new();
	char error[HISTORY_FILE_ERROR_SIZE] = "";
	struct history_file *f;

	remove_file(copy);
	write_file(name_of(0), r->bytes[0], r->len[0]);
	write_file(name_of(1), r->bytes[1], r->len[1]);
	f = history_file_open(copy, h, error);
	if (!f) {
		assert_true(strlen(error) > 5);
		assert_untouched(r, 0);
		assert_untouched(r, 1);
	}
	history_file_close(f);
	history_free(h);
	return f != NULL;
}

static void history_file__any_byte_wrong__is_taken_or_not_touched(void **state)
{
	static struct remains r;
	unsigned taken = 0, refused = 0;
	size_t i;
	int which;

	kill_a_chat(&r);
	assert_true(open_remains(&r));
	for (which = 0; which < 2; which++)
		for (i = 0; i < r.len[which]; i += 97) {
			r.bytes[which][i] ^= 0x55;
			if (open_remains(&r))
				taken++;
			else
				refused++;
			r.bytes[which][i] ^= 0x55;
		}
	assert_true(taken > 0);
	assert_true(refused > 0);
}

static void history_file__a_row_that_is_no_message__is_not_touched(void **state)
{
	static struct remains r;
	char *text;

	chat_free(open_chat());
	r.len[0] = read_file(path, r.bytes[0], sizeof(r.bytes[0]));
	text = memmem(r.bytes[0], r.len[0], "{\"user\"", 7);
	assert_non_null(text);
	*text = 'x';
	write_file(copy, r.bytes[0], r.len[0]);
	assert_refused(copy, "something in it is no message");
	assert_untouched(&r, 0);
}

static void history_file__in_use__is_refused(void **state)
{
	struct chat *chat = open_chat();

	assert_refused(path, "another process has it");
	chat_free(chat);
}

static void history_file__no_folder__is_refused(void **state)
{
	assert_refused("/nonexistent/folder/file", "cannot be opened");
}

#ifdef CAN_FAIL
/* What is in memory and not in the file may be seen by nobody: the program
 * ends. */
static void history_file__post_not_written__cannot_be_committed(void **state)
{
	struct chat *chat = open_chat();
	json_t *value = json_loads("{\"user\":1}", 0, NULL);

	assert_int_equal(chat_commit(chat), 0);
	sqlite3_hard_heap_limit64(1);
	assert_int_equal(chat_post(chat, value), CHAT_NOT_KEPT);
	sqlite3_hard_heap_limit64(0);
	assert_int_equal(chat_commit(chat), -1);
	assert_non_null(strstr(chat_error(chat), "memory"));
	assert_int_equal(chat_commit(chat), -1);
	json_decref(value);
	chat_free(chat);
}
#endif

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(history_file__opened_again__has_what_was_posted),
		TEST(history_file__killed_after_a_commit__lost_nothing),
		TEST(history_file__more_than_fit__the_newest_are_kept),
		TEST(history_file__binary_values__come_back),
		TEST(history_file__foreign__is_not_touched),
		TEST(history_file__damaged__is_refused),
		TEST(history_file__any_byte_wrong__is_taken_or_not_touched),
		TEST(history_file__a_row_that_is_no_message__is_not_touched),
		TEST(history_file__in_use__is_refused),
		TEST(history_file__no_folder__is_refused),
#ifdef CAN_FAIL
		TEST(history_file__post_not_written__cannot_be_committed),
#endif
	};

	if (!history_file_supported()) {
		puts("1..0 # SKIP built without SQLite");
		return 0;
	}
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
