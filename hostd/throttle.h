/* SPDX-License-Identifier: Apache-2.0 */
/*
 * throttle - failed logins by user and origin: wait, then block. Pure: time comes in.
 *
 * The key is the pair, so that failures from one address lock out neither the console nor others.
 */
#ifndef PALETTE_THROTTLE_H
#define PALETTE_THROTTLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy.h"
#include "sessions.h"

#define THROTTLE_ROWS 1024

struct throttle_row {
	char user[USER_NAME_MAX + 1];
	char origin[ORIGIN_BYTES];
	unsigned failures; /* 0 in a free row */
	bool running;	   /* an attempt is being checked: one at a time after a failure */
	uint64_t last_ms, until_ms;
};

struct throttle {
	struct throttle_row rows[THROTTLE_ROWS];
};

/* 0: go on. Otherwise the milliseconds to wait; UINT64_MAX: an attempt of this pair is running. */
uint64_t throttle_begin(struct throttle *t, const char *user, const char *origin, uint64_t now_ms);

/* What the attempt came to; begin() must have returned 0. Returns the failures in a row. */
unsigned throttle_end(struct throttle *t, const struct login_policy *policy, const char *user,
		      const char *origin, bool good, uint64_t now_ms);

/* The attempt came to nothing (no slot free, the child died): it does not count. */
void throttle_cancel(struct throttle *t, const char *user, const char *origin);

#endif
