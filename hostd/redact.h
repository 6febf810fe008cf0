/* SPDX-License-Identifier: Apache-2.0 */
/*
 * redact - makes secrets unreadable in text that leaves the host. Pure.
 *
 * What nobody should have logged is masked all the same: users and passwords in URLs, crypt(5) hashes,
 * private keys in PEM, and what follows "password", "token" and the like with '=' or ':'.
 */
#ifndef PALETTE_REDACT_H
#define PALETTE_REDACT_H

#include <stdbool.h>

#define REDACTED "***"

struct redactor {
	bool in_key; /* between the first and the last line of a private key */
};

/* Masks in one line (or a whole text of several) in place; it never grows. */
void redact(struct redactor *redactor, char *line);

#endif
