/* SPDX-License-Identifier: MIT */
/*
 * history_file.c: the messages in a file, with SQLite.
 *
 * A row is a message as JSON text; the history in memory says how many are
 * kept. All that is added between two commits is one transaction, so that a
 * turn of the loop costs one write to the disk however many posts it had.
 *
 * Always true: a file that is not ours, or damaged, is not written to. That
 * is why its header is read before SQLite may touch it.
 */
#include <config.h>

#include <src/history_file.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_SQLITE

#include <errno.h>
#include <sqlite3.h>

#include <socketio/socketio.h>

/* "sioc", in SQLite's header: a chat's history. */
#define APPLICATION_ID 0x73696f63u
#define FILE_VERSION   1

/* The first bytes of every SQLite file, and where numbers stand in it. */
#define MAGIC        "SQLite format 3"
#define HEADER_BYTES 100
#define AT_VERSION   60
#define AT_ID        68

struct history_file {
	sqlite3 *db;
	sqlite3_stmt *insert, *trim;
	bool begun;
	bool failed; /* something that was to be in it is not */
	char error[HISTORY_FILE_ERROR_SIZE];
};

static int fail(struct history_file *f, const char *what)
{
	if (sqlite3_errcode(f->db) == SQLITE_BUSY)
		what = "another process has it";
	snprintf(f->error, sizeof(f->error), "%s: %s", what,
		sqlite3_errmsg(f->db));
	return -1;
}

static int run(struct history_file *f, const char *sql)
{
	return sqlite3_exec(f->db, sql, NULL, NULL, NULL) == SQLITE_OK
		? 0
		: fail(f, "SQLite");
}

/* -- whose file it is ------------------------------------------------------- */

static unsigned long big_endian(const unsigned char *p)
{
	return (unsigned long)p[0] << 24 | (unsigned long)p[1] << 16 |
		(unsigned long)p[2] << 8 | p[3];
}

static int judge(struct history_file *f, const unsigned char *header, size_t n)
{
	const char *why = NULL;

	if (n < HEADER_BYTES || memcmp(header, MAGIC, sizeof(MAGIC)) != 0)
		why = "it is no database";
	else if (big_endian(header + AT_ID) != APPLICATION_ID)
		why = "it is the database of another program";
	else if (big_endian(header + AT_VERSION) != FILE_VERSION)
		why = "it is from another version of this program";
	if (why)
		snprintf(f->error, sizeof(f->error), "%s", why);
	return why ? -1 : 0;
}

/* 1: ours; 0: there is nothing yet; -1: not to be touched. */
static int look(struct history_file *f, const char *path)
{
	unsigned char header[HEADER_BYTES];
	FILE *file = fopen(path, "rb");
	size_t n;

	if (!file && errno == ENOENT)
		return 0;
	if (!file) {
		snprintf(f->error, sizeof(f->error), "%s", strerror(errno));
		return -1;
	}
	n = fread(header, 1, sizeof(header), file);
	if (ferror(file)) {
		snprintf(f->error, sizeof(f->error), "%s", strerror(errno));
		fclose(file);
		return -1;
	}
	fclose(file);
	if (n == 0)
		return 0;
	return judge(f, header, n) < 0 ? -1 : 1;
}

/* -- opening ---------------------------------------------------------------- */

/* The id is written before write-ahead logging begins, so that it stands in
 * the file itself from the first moment on. */
static int create(struct history_file *f)
{
	char sql[200];

	snprintf(sql, sizeof(sql),
		"BEGIN; PRAGMA application_id = %u; PRAGMA user_version = %d;"
		"CREATE TABLE message (id INTEGER PRIMARY KEY, json TEXT);"
		"COMMIT;",
		APPLICATION_ID, FILE_VERSION);
	return run(f, sql);
}

static int check(struct history_file *f)
{
	sqlite3_stmt *s = NULL;
	const char *text = NULL;
	int ok = -1;

	if (sqlite3_prepare_v2(f->db, "PRAGMA quick_check(1)", -1, &s, NULL) ==
			SQLITE_OK &&
		sqlite3_step(s) == SQLITE_ROW)
		text = (const char *)sqlite3_column_text(s, 0);
	if (text && strcmp(text, "ok") == 0)
		ok = 0;
	else if (text)
		snprintf(f->error, sizeof(f->error), "it is damaged");
	else
		fail(f, "it cannot be read");
	sqlite3_finalize(s);
	return ok;
}

static int prepare(struct history_file *f)
{
	int a = sqlite3_prepare_v2(f->db,
		"INSERT INTO message (json) VALUES (?)", -1, &f->insert, NULL);
	int b = sqlite3_prepare_v2(f->db,
		"DELETE FROM message WHERE id <= (SELECT id FROM message "
		"ORDER BY id DESC LIMIT 1 OFFSET ?)",
		-1, &f->trim, NULL);

	return a == SQLITE_OK && b == SQLITE_OK ? 0 : fail(f, "SQLite");
}

/* FULL: a commit is on the disk, also when the power fails. What a killed
 * program left in the log stays there until the file was found good. */
static int begin(struct history_file *f, bool is_new)
{
	sqlite3_db_config(f->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (run(f, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL"))
		return -1;
	return is_new ? create(f) : check(f);
}

/* From here on it is written to. */
static int approve(struct history_file *f)
{
	sqlite3_db_config(f->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
	return run(f, "PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; COMMIT");
}

/* -- messages --------------------------------------------------------------- */

static json_t *bytes_of(const json_t *list)
{
	size_t i, n = json_array_size(list);
	unsigned char *p = malloc(n + 1);
	json_t *binary = NULL, *byte;

	if (!p)
		return NULL;
	for (i = 0; i < n; i++) {
		byte = json_array_get(list, i);
		if (!json_is_integer(byte) || json_integer_value(byte) < 0 ||
			json_integer_value(byte) > 255)
			break;
		p[i] = (unsigned char)json_integer_value(byte);
	}
	if (i == n)
		binary = sio_binary(p, n);
	free(p);
	return binary;
}

/* What a binary value was written as becomes one again. */
static json_t *revived(json_t *value)
{
	const char *type = NULL;
	json_t *list = NULL, *binary = NULL;

	if (json_object_size(value) == 2 &&
		json_unpack(value, "{s:s, s:o}", "type", &type, "data",
			&list) == 0 &&
		strcmp(type, "Buffer") == 0 && json_is_array(list))
		binary = bytes_of(list);
	return binary;
}

static void revive(json_t *value)
{
	json_t *member, *binary;
	const char *key;
	size_t i;
	void *next;

	json_array_foreach(value, i, member) {
		binary = revived(member);
		if (binary)
			json_array_set_new(value, i, binary);
		else
			revive(member);
	}
	json_object_foreach_safe(value, next, key, member)
	{
		binary = revived(member);
		if (binary)
			json_object_set_new(value, key, binary);
		else
			revive(member);
	}
}

static int load_row(struct history_file *f, sqlite3_stmt *s, struct history *h)
{
	const char *text = (const char *)sqlite3_column_text(s, 0);
	json_t *message =
		sio_json_parse(text, (size_t)sqlite3_column_bytes(s, 0));

	revive(message);
	if (message && history_add(h, message) == 0)
		return 0;
	snprintf(f->error, sizeof(f->error),
		"it is damaged: something in it is no message");
	return -1;
}

static int load(struct history_file *f, struct history *h)
{
	sqlite3_stmt *s = NULL;
	int got, err = 0;

	if (sqlite3_prepare_v2(f->db,
		    "SELECT json FROM (SELECT id, json FROM message "
		    "ORDER BY id DESC LIMIT ?) ORDER BY id",
		    -1, &s, NULL) != SQLITE_OK)
		return fail(f, "it cannot be read");
	sqlite3_bind_int(s, 1, HISTORY_MESSAGES);
	for (got = sqlite3_step(s); got == SQLITE_ROW && !err;
		got = err ? got : sqlite3_step(s))
		err = load_row(f, s, h);
	if (!err && got != SQLITE_DONE)
		err = fail(f, "it cannot be read");
	sqlite3_finalize(s);
	return err;
}

static int open_file(struct history_file *f, const char *path,
	struct history *h)
{
	int ours = look(f, path);
	int flags = SQLITE_OPEN_READWRITE | (ours ? 0 : SQLITE_OPEN_CREATE);

	if (ours < 0)
		return -1;
	if (sqlite3_open_v2(path, &f->db, flags, NULL) != SQLITE_OK)
		return fail(f, "it cannot be opened");
	if (begin(f, ours == 0) || load(f, h) || prepare(f))
		return -1;
	return approve(f);
}

struct history_file *history_file_open(const char *path, struct history *h,
	char error[HISTORY_FILE_ERROR_SIZE])
{
	struct history_file *f = calloc(1, sizeof(*f));

	if (!f) {
		snprintf(error, HISTORY_FILE_ERROR_SIZE, "out of memory");
		return NULL;
	}
	if (open_file(f, path, h) == 0)
		return f;
	snprintf(error, HISTORY_FILE_ERROR_SIZE, "%s", f->error);
	history_file_close(f);
	return NULL;
}

void history_file_close(struct history_file *f)
{
	if (!f)
		return;
	if (f->begun)
		run(f, "COMMIT");
	sqlite3_finalize(f->insert);
	sqlite3_finalize(f->trim);
	sqlite3_close(f->db);
	free(f);
}

static int insert(struct history_file *f, const char *text, size_t n)
{
	int got;

	sqlite3_bind_text(f->insert, 1, text, (int)n, SQLITE_STATIC);
	got = sqlite3_step(f->insert);
	sqlite3_reset(f->insert);
	sqlite3_clear_bindings(f->insert);
	return got == SQLITE_DONE ? 0 : fail(f, "cannot write");
}

static int add(struct history_file *f, const json_t *message)
{
	size_t n;
	char *text = sio_json_stringify(message, &n);
	int err = 0;

	if (!text) {
		snprintf(f->error, sizeof(f->error), "out of memory");
		return -1;
	}
	if (!f->begun)
		err = run(f, "BEGIN IMMEDIATE");
	f->begun |= !err;
	if (!err)
		err = insert(f, text, n);
	free(text);
	return err;
}

int history_file_add(struct history_file *f, const json_t *message)
{
	int err = f->failed ? -1 : add(f, message);

	if (err)
		f->failed = true;
	return err;
}

int history_file_commit(struct history_file *f, size_t count)
{
	int got;

	if (f->failed)
		return -1;
	if (!f->begun)
		return 0;
	f->begun = false;
	sqlite3_bind_int(f->trim, 1, (int)count);
	got = sqlite3_step(f->trim);
	sqlite3_reset(f->trim);
	if (got == SQLITE_DONE && run(f, "COMMIT") == 0)
		return 0;
	fail(f, "cannot write");
	sqlite3_exec(f->db, "ROLLBACK", NULL, NULL, NULL);
	return -1;
}

const char *history_file_error(const struct history_file *f)
{
	return f->error;
}

bool history_file_supported(void)
{
	return true;
}

#else

struct history_file *history_file_open(const char *path, struct history *h,
	char error[HISTORY_FILE_ERROR_SIZE])
{
	snprintf(error, HISTORY_FILE_ERROR_SIZE,
		"this program was built without SQLite");
	return NULL;
}

void history_file_close(struct history_file *f)
{
}

int history_file_add(struct history_file *f, const json_t *message)
{
	return -1;
}

int history_file_commit(struct history_file *f, size_t count)
{
	return -1;
}

const char *history_file_error(const struct history_file *f)
{
	return "";
}

bool history_file_supported(void)
{
	return false;
}

#endif
