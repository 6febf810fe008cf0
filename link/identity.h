/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity - this host's own key and certificate among linked hosts.
 *
 * Apart from the Local UI's certificate, so that an owner's own page certificate, or a new one, leaves
 * the links as they are. Others know it by its SHA-256 alone: names and dates in it mean nothing.
 */
#ifndef PALETTE_LINK_IDENTITY_H
#define PALETTE_LINK_IDENTITY_H

#include <gnutls/gnutls.h>
#include <stdbool.h>

#include "lib/fail.h"
#include "token.h"

struct identity {
	gnutls_certificate_credentials_t credentials;
	char id[TOKEN_ID_BYTES]; /* SHA-256 of the certificate */
};

/* Reads @path, or makes it where it is missing or damaged; then *@ret_made. */
int identity_load(struct identity *ret, const char *path, bool *ret_made, struct fail *why);
void identity_done(struct identity *identity);

/* The SHA-256 of a certificate's DER in hex. Returns @buf. */
const char *identity_hash(const gnutls_datum_t *certificate, char buf[TOKEN_ID_BYTES]);

/* @bytes random bytes in lower case hex; @buf holds 2 * @bytes + 1. */
void identity_random_hex(char *buf, unsigned bytes);

#endif
