/* SPDX-License-Identifier: Apache-2.0 */
/* policy - /etc/palette/policy.conf: passwords, failed logins, sessions. Pure. */
#ifndef PALETTE_POLICY_H
#define PALETTE_POLICY_H

#include "account_check.h"
#include "lib/fail.h"

struct login_policy {
	unsigned delay_after; /* failures; from then on 1 s, doubling */
	unsigned block_after; /* failures; 0: never block nor delay */
	unsigned block_seconds;
};

struct policy {
	struct password_policy password;
	struct login_policy login;
	unsigned session_seconds;
	unsigned extended_seconds;
};

void policy_default(struct policy *ret);

/*
 * Reads @text (changed) over the defaults. An unknown key or a value out of range is refused by its
 * line, and @ret is left as it was: half a policy is none.
 */
int policy_read(char *text, struct policy *ret, struct fail *why);

/* The password rules as sentences; returns how many of @buf are filled. */
#define POLICY_RULES_MAX 8
typedef char policy_rule[96];
unsigned policy_rules(const struct password_policy *policy, policy_rule buf[POLICY_RULES_MAX]);

#endif
