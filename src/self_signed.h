/* SPDX-License-Identifier: MIT */
#ifndef SRC_SELF_SIGNED_H
#define SRC_SELF_SIGNED_H

/* A certificate for this machine alone that nobody else has signed. Browsers
 * warn of it. */
struct self_signed {
	char cert[64], key[64]; /* names under which both can be read */
	int cert_fd, key_fd;
};

/* Makes one, which is good for a month. 0, or -1: OpenSSL or the system
 * cannot. To be cleared in any case. */
int self_signed_make(struct self_signed *s);
void self_signed_clear(struct self_signed *s);

#endif
