/* SPDX-License-Identifier: Apache-2.0 */
/* rules - who may link to whom, and when a linked host counts as healthy. Pure. */
#ifndef PALETTE_LINK_RULES_H
#define PALETTE_LINK_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "issuer.h"
#include "lib/fail.h"
#include "wire.h"

#define RULES_FOLLOWERS_MAX SYNC_PEERS_MAX
#define RULES_CLOCK_APART_S 3600  /* more between two hosts is a wrong clock */
#define RULES_SILENT_MS	    15000 /* three heartbeats without an answer: unhealthy */
#define RULES_ADVICE_MS	    60000 /* silent for longer: say what may be the cause */
#define RULES_FIRST_BEAT_MS 60000 /* a joined follower that never says a word is dropped */

/* What this host is now. */
struct rules_self {
	const char *name, *host_id, *certificate;
	size_t n_followers;
	bool generating, joining;
	const char *leader_name, *leader_address; /* NULL: it follows nobody */
};

/* The follower, before it asks the leader of @token. -EINVAL, -EBUSY. */
int rules_follow(const struct rules_self *self, const struct token *token, struct fail *why);

/* The leader's side: may it make tokens? */
int rules_lead(const struct rules_self *self, struct fail *why);

struct rules_join {
	const struct wire *wire;
	const char *certificate, *address; /* of whoever asks */
	bool known;			   /* a follower already: it links anew */
	enum issuer_result password;
	uint64_t expired_ms;
	uint64_t now_s; /* since 1970 */
};

/* Whether the leader takes the follower; the message is the follower's to show. */
int rules_admit(const struct rules_self *self, const struct rules_join *join, struct fail *why);

/*
 * Whether a follower that @joined in this run of the leader and was not @heard in the @ms since is given
 * up. By no clock that can be set: a link of before a restart is kept, whenever it was made.
 */
bool rules_is_given_up(bool joined, bool heard, uint64_t ms);

/* The clocks' difference as a person says it: "5 h 12 min ahead of". Returns @buf. */
const char *rules_clock_text(uint64_t theirs_s, uint64_t ours_s, char buf[48]);

struct rules_silence {
	uint64_t ms;
	const char *address;
	unsigned port;
	bool is_leader;	    /* the silent one */
	bool other_answers; /* another host than the linked one, by its certificate */
	const char *error;  /* what the last attempt came to; "" none */
};

/* Why a host that was silent is unhealthy and what to do, "" where it is not. */
void rules_health(const struct rules_silence *silence, char *buf, size_t size);

#endif
