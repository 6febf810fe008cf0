/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int check_not_following(const struct rules_self *self, struct fail *why)
{
	if (!self->leader_name)
		return 0;
	return fail_with(why, EINVAL, "This host is linked to %s (%s) already; unlink it first",
			 self->leader_name, self->leader_address);
}

int rules_lead(const struct rules_self *self, struct fail *why)
{
	if (self->joining)
		return fail_with(why, EBUSY, "This host is being linked to another one right now");
	return check_not_following(self, why);
}

int rules_follow(const struct rules_self *self, const struct token *token, struct fail *why)
{
	if (self->joining)
		return fail_with(why, EBUSY, "This host is being linked already; wait for its end");
	if (strcmp(token->certificate, self->certificate) == 0)
		return fail_with(
			why, EINVAL,
			"token: it is this host's own; paste it on the host that is to follow");
	if (check_not_following(self, why) < 0)
		return -why->code;
	if (self->n_followers)
		return fail_with(why, EINVAL,
				 "This host leads %zu linked host%s; unlink %s before it follows "
				 "another one",
				 self->n_followers, self->n_followers == 1 ? "" : "s",
				 self->n_followers == 1 ? "it" : "them");
	if (self->generating)
		return fail_with(
			why, EINVAL,
			"This host generates tokens, so others may link to it; stop the token "
			"generation before it follows another one");
	return 0;
}

static int check_password(const struct rules_self *self, const struct rules_join *join,
			  struct fail *why)
{
	switch (join->password) {
	case ISSUER_GOOD:
		return 0;
	case ISSUER_EXPIRED:
		return fail_with(why, EACCES,
				 "The token expired %llu s ago: it is good for two minutes; copy "
				 "the one that %s shows now",
				 (unsigned long long)join->expired_ms / 1000, self->name);
	case ISSUER_REPLAYED:
		return fail_with(why, EACCES,
				 "This handshake was seen before and is not taken a second time; "
				 "paste the token again");
	case ISSUER_USED_UP:
		return fail_with(why, EACCES,
				 "The token was used %d times, which is its limit; copy the next "
				 "one that %s shows",
				 ISSUER_NONCES, self->name);
	case ISSUER_UNKNOWN:
		break;
	}
	return self->generating
		       ? fail_with(why, EACCES,
				   "%s does not know the token: it is a former one, from before a "
				   "restart or a stop; copy the one that it shows now",
				   self->name)
		       : fail_with(why, EACCES,
				   "%s takes no links now: its tokens were stopped or it was "
				   "restarted; generate a token there and copy that",
				   self->name);
}

const char *rules_clock_text(uint64_t theirs_s, uint64_t ours_s, char buf[48])
{
	uint64_t apart = theirs_s > ours_s ? theirs_s - ours_s : ours_s - theirs_s;

	if (apart >= 172800)
		snprintf(buf, 48, "%llu days %s", (unsigned long long)apart / 86400,
			 theirs_s > ours_s ? "ahead of" : "behind");
	else
		snprintf(buf, 48, "%llu h %llu min %s", (unsigned long long)apart / 3600,
			 (unsigned long long)apart / 60 % 60,
			 theirs_s > ours_s ? "ahead of" : "behind");
	return buf;
}

int rules_admit(const struct rules_self *self, const struct rules_join *join, struct fail *why)
{
	const struct wire *wire = join->wire;
	uint64_t theirs = wire->time_s, ours = join->now_s;
	char clock[48];

	if (wire->version != WIRE_VERSION)
		return fail_with(why, EPROTO,
				 "%s links by version %d of the protocol, this host by version %u; "
				 "install the same version of Palette Edge on both",
				 self->name, WIRE_VERSION, wire->version);
	if (check_password(self, join, why) < 0)
		return -why->code;
	if (self->leader_name)
		return fail_with(why, EINVAL, "%s follows %s itself; link to that one", self->name,
				 self->leader_name);
	if (strcmp(join->certificate, self->certificate) == 0)
		return fail_with(why, EINVAL, "%s cannot be linked to itself", self->name);
	if (wire->host.host_id[0] && strcmp(wire->host.host_id, self->host_id) == 0)
		return fail_with(why, EINVAL,
				 "%s and %s have the same product UUID (%s): one is a copy of the "
				 "other; give the copy a UUID of its own",
				 wire->host.name, self->name, self->host_id);
	if ((theirs > ours ? theirs - ours : ours - theirs) > RULES_CLOCK_APART_S)
		return fail_with(why, EINVAL,
				 "The clock of %s is %s that of %s; set the time servers of both "
				 "hosts",
				 wire->host.name, rules_clock_text(theirs, ours, clock),
				 self->name);
	if (!join->known && self->n_followers >= RULES_FOLLOWERS_MAX)
		return fail_with(why, EINVAL, "%s has %zu linked hosts and may have %d; unlink one",
				 self->name, self->n_followers, RULES_FOLLOWERS_MAX);
	return 0;
}

bool rules_is_given_up(bool joined, bool heard, uint64_t ms)
{
	return joined && !heard && ms >= RULES_FIRST_BEAT_MS;
}

void rules_health(const struct rules_silence *silence, char *buf, size_t size)
{
	bool is_long = silence->ms >= RULES_ADVICE_MS;
	const char *advice = "";
	char error[220] = "";

	buf[0] = '\0';
	if (silence->ms < RULES_SILENT_MS)
		return;
	if (silence->other_answers)
		/* Of no use to wait for. */
		advice = ". The leader was reset, or another host has its address now: unlink "
			 "here, then "
			 "link again with a new token of the leader";
	else if (is_long && silence->is_leader)
		advice = ". If the leader was reset, or its address was changed, which is not "
			 "supported: "
			 "unlink here, then link again with a new token of it";
	else if (is_long)
		advice = ". If it was reset or its address changed: unlink it here and link it "
			 "again";
	if (*silence->error)
		snprintf(error, sizeof(error), " (%s)", silence->error);
	snprintf(buf, size, "no answer from %s:%u for %llu s%s%s", silence->address, silence->port,
		 (unsigned long long)silence->ms / 1000, error, advice);
}
