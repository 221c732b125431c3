/* SPDX-License-Identifier: MIT */
#ifndef SRC_HISTORY_FILE_H
#define SRC_HISTORY_FILE_H

#include <stdbool.h>

#include <src/history.h>

#define HISTORY_FILE_ERROR_SIZE 512

struct history_file;

/*
 * Opens the file, or makes it, and puts its messages into the history. NULL,
 * and a sentence in error about why: it cannot be opened, is no chat's
 * history, is damaged, or another process has it. Then it was not changed.
 */
struct history_file *history_file_open(const char *path, struct history *h,
	char error[HISTORY_FILE_ERROR_SIZE]);
/* Commits what was not; NULL is allowed. */
void history_file_close(struct history_file *f);
/* Adds a message (lent). 0, or -1: it cannot be written, and is not there;
 * from then on nothing can be added or committed. */
int history_file_add(struct history_file *f, const json_t *message);
/* What was added survives a kill from here on. 0, or -1: all that was added
 * since the last time is lost. Keeps no more messages than the history
 * has (`count`). */
int history_file_commit(struct history_file *f, size_t count);
/* Why the last call failed. */
const char *history_file_error(const struct history_file *f);

/* Whether the program was built with SQLite. */
bool history_file_supported(void);

#endif
