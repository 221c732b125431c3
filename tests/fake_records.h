/* SPDX-License-Identifier: MIT */
/*
 * fake_records.h: records of TLS made by hand, under the keys of a client
 * that has shaken hands: what OpenSSL's own client would never send.
 */
#ifndef TESTS_FAKE_RECORDS_H
#define TESTS_FAKE_RECORDS_H

#include "fake_tls.h"

enum {
	RECORD_ALERT = 21,
	RECORD_HANDSHAKE = 22,
	RECORD_DATA = 23,
};

struct fake_records {
	struct fake_tls *t;
	bool is_13;
	unsigned char secret[32]; /* of TLS 1.3 */
	unsigned char key[16], iv[12];
	uint64_t number;
};

/* Before the handshake of `t`: which version it will speak, with the one
 * cipher that is known here. */
void fake_records_prepare(struct fake_records *r, struct fake_tls *t,
	int version);
/* Behind the handshake; from now on the client's own calls say nothing. */
void fake_records_begin(struct fake_records *r);
/* Appends one record to `out`. */
void fake_records_add(struct fake_records *r, struct eio__strbuf *out, int type,
	const void *data, size_t len);
/* Sends one in a piece of its own; one turn. */
void fake_records_send(struct fake_records *r, int type, const void *data,
	size_t len);
/* What is written from now on is under the next keys (RFC 8446, 7.2). */
void fake_records_next_keys(struct fake_records *r);

#endif
