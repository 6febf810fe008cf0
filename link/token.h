/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token - what a person carries from the leader's page to the follower's: Base64 of a small JSON object.
 *
 * Pure. The expiry in it is for whoever reads it; the leader alone decides, by its own clock that
 * never jumps (issuer.h).
 */
#ifndef PALETTE_LINK_TOKEN_H
#define PALETTE_LINK_TOKEN_H

#include <stdint.h>

#include "lib/fail.h"

#define TOKEN_VERSION	     1
#define TOKEN_PASSWORD_BYTES 33	  /* 128 bits in hex and a NUL */
#define TOKEN_ID_BYTES	     65	  /* SHA-256 in hex and a NUL */
#define TOKEN_ADDRESS_BYTES  16	  /* IPv4 in digits and a NUL */
#define TOKEN_TEXT_BYTES     1024 /* the longest that is looked at */

struct token {
	char address[TOKEN_ADDRESS_BYTES];
	unsigned port;
	char password[TOKEN_PASSWORD_BYTES];
	uint64_t expires_s; /* since 1970, by the leader's clock of then */
	char certificate[TOKEN_ID_BYTES];
};

/* Caller frees, and wipes it before. NULL: out of memory. */
char *token_encode(const struct token *token);

/* @text as it was pasted. -EINVAL: no token, or a damaged one. -EPROTO: of another version. */
int token_decode(const char *text, struct token *ret, struct fail *why);

/* Whether @text is @digits lower case hex digits. */
int token_is_hex(const char *text, unsigned digits);

#endif
