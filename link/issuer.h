/* SPDX-License-Identifier: Apache-2.0 */
/*
 * issuer - the leader's one-time passwords: a new one every interval until it is stopped. Pure: time
 * and randomness come in.
 *
 * A password is shown for one interval and lives for an eighth of it longer: whoever copied it in its
 * last second still has time to paste it. It serves any number of followers, each handshake once. What
 * has ended is remembered for a while, so that its refusal can say "expired".
 */
#ifndef PALETTE_LINK_ISSUER_H
#define PALETTE_LINK_ISSUER_H

#include <stdbool.h>
#include <stdint.h>

#include "token.h"

#define ISSUER_INTERVAL_S  120
#define ISSUER_ROWS	   16
#define ISSUER_NONCES	   128 /* handshakes a password */
#define ISSUER_NONCE_BYTES 33

struct issued {
	char password[TOKEN_PASSWORD_BYTES]; /* "" a free row */
	uint64_t until_ms;		     /* it is shown */
	unsigned n_nonces;
	char nonces[ISSUER_NONCES][ISSUER_NONCE_BYTES];
};

struct issuer {
	bool on;
	unsigned interval_s;
	struct issued rows[ISSUER_ROWS]; /* a ring; rows[at] is the one shown */
	unsigned at;
};

enum issuer_result {
	ISSUER_GOOD,
	ISSUER_UNKNOWN,
	ISSUER_EXPIRED,
	ISSUER_REPLAYED,
	ISSUER_USED_UP, /* ISSUER_NONCES handshakes */
};

/* Whether a password has to be made: it is on, and there is none or the last one's time is over. */
bool issuer_wants(const struct issuer *issuer, uint64_t now_ms);

/* @password, fresh random hex, is the one shown from now on. */
void issuer_put(struct issuer *issuer, const char *password, uint64_t now_ms);

/* The password shown, NULL where there is none; @ret_left_ms of its life. */
const char *issuer_current(const struct issuer *issuer, uint64_t now_ms, uint64_t *ret_left_ms);

/* Ends it: every password is unknown from now on. */
void issuer_stop(struct issuer *issuer);

/*
 * A handshake with @password; a good one uses @nonce up. @ret_expired_ms: since when an expired one
 * is not shown any more.
 */
enum issuer_result issuer_check(struct issuer *issuer, const char *password, const char *nonce,
				uint64_t now_ms, uint64_t *ret_expired_ms);

#endif
