/* SPDX-License-Identifier: Apache-2.0 */
/* follower.c - this host's leader: joining it, asking it every few seconds, leaving it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/log.h"
#include "linkd.h"

#define FAREWELL_MS 15000
#define PROGRESS_MS 1000

static void record_follow(struct linkd *l, const char *result)
{
	host_record(l, (struct record){ .user = l->joining.who.user,
					.origin = l->joining.who.origin,
					.action = "link-follow",
					.object = l->joining.token.address,
					.result = result,
					.reason = l->joining.error });
}

static void join_failed(struct linkd *l, const char *result)
{
	l->joining.status = JOIN_FAILED;
	log_warn("not linked to %s: %s", l->joining.token.address, l->joining.error);
	record_follow(l, result);
	explicit_bzero(l->joining.token.password, sizeof(l->joining.token.password));
	linkd_news(l);
}

/* What the connection came to, for whoever pasted the token. */
static void explain(const struct fail *why, const struct token *token, char *buf, size_t size)
{
	if (why->code == EKEYREJECTED)
		snprintf(buf, size,
			 "Another host answers at %s:%u: its certificate is not the one in the "
			 "token. "
			 "Generate a new token on the leader and look at the address in it",
			 token->address, token->port);
	else
		snprintf(buf, size,
			 "The leader at %s:%u does not answer (%s): is it on, and is TCP %u open "
			 "from "
			 "this host to it?",
			 token->address, token->port, why->msg, token->port);
}

static void forget_goodbye(struct linkd *l, size_t i)
{
	/* An answer under way is the first one's, which may be another one now. */
	channel_cancel(l->farewell);
	l->goodbyes[i] = l->goodbyes[--l->n_goodbyes];
}

static void follow(struct linkd *l, const struct wire *answer)
{
	struct linked *leader = &l->leader;

	memset(leader, 0, sizeof(*leader));
	snprintf(leader->id, sizeof(leader->id), "%s", l->joining.token.certificate);
	snprintf(leader->address, sizeof(leader->address), "%s", l->joining.token.address);
	snprintf(leader->own_address, sizeof(leader->own_address), "%.15s",
		 l->channels.own_address);
	leader->host = answer->host;
	/* As it was reached, whatever it says. */
	leader->host.ui_port = l->joining.token.port;
	leader->joined = true;
	leader->since_ms = linkd_now_ms();
	l->n_mesh = 0;
	/* It has this host back: an old farewell would undo that. */
	for (size_t i = l->n_goodbyes; i-- > 0;)
		if (strcmp(l->goodbyes[i].id, leader->id) == 0)
			forget_goodbye(l, i);
	linkd_links_changed(l);
}

static void joined(const struct wire *answer, const struct fail *why, void *linkd)
{
	struct linkd *l = linkd;
	struct joining *joining = &l->joining;

	if (why) {
		explain(why, &joining->token, joining->error, sizeof(joining->error));
		join_failed(l, "failed");
		return;
	}
	if (answer->kind == WIRE_REFUSED) {
		snprintf(joining->error, sizeof(joining->error), "%s", answer->message);
		join_failed(l, "refused");
		return;
	}
	if (answer->kind != WIRE_JOINED || answer->version != WIRE_VERSION) {
		snprintf(joining->error, sizeof(joining->error),
			 "The leader at %s:%u gave a strange answer; install the same version of "
			 "Palette Edge on both hosts",
			 joining->token.address, joining->token.port);
		join_failed(l, "failed");
		return;
	}
	follow(l, answer);
	joining->status = JOIN_COMPLETED;
	joining->error[0] = '\0';
	log_info("linked to %s (%s)", l->leader.host.name, l->leader.address);
	record_follow(l, "ok");
	explicit_bzero(joining->token.password, sizeof(joining->token.password));
	l->next_beat_ms = 0;
	follower_tick(l, linkd_now_ms());
	linkd_news(l);
}

int follower_join(struct linkd *l, const char *token, const struct who *who, struct fail *why)
{
	struct joining *joining = &l->joining;
	struct rules_self self = linkd_self(l);
	struct wire wire = { .kind = WIRE_JOIN, .time_s = linkd_now_s() };
	struct token parsed;
	int r = token_decode(token, &parsed, why);

	if (r == 0)
		r = rules_follow(&self, &parsed, why);
	if (r < 0) {
		explicit_bzero(&parsed, sizeof(parsed));
		return r;
	}
	channel_cancel(l->farewell);
	*joining = (struct joining){ .status = JOIN_IN_PROGRESS, .token = parsed, .who = *who };
	linkd_fill_self(l, &wire);
	memcpy(wire.password, parsed.password, sizeof(wire.password));
	identity_random_hex(wire.nonce, (ISSUER_NONCE_BYTES - 1) / 2);
	r = channel_ask(&l->channels,
			&(struct channel_target){ .address = joining->token.address,
						  .port = joining->token.port,
						  .certificate = joining->token.certificate,
						  .timeout_ms = LINKD_JOIN_MS },
			&wire, joined, l, &joining->channel, why);
	explicit_bzero(&wire, sizeof(wire));
	explicit_bzero(&parsed, sizeof(parsed));
	if (r < 0) {
		explain(why, &joining->token, joining->error, sizeof(joining->error));
		join_failed(l, "failed");
	}
	linkd_wake(l);
	linkd_news(l);
	return 0;
}

static void leave(struct linkd *l)
{
	channel_cancel(l->beat);
	reach_done(&l->leader.reach);
	memset(&l->leader, 0, sizeof(l->leader));
	l->joining.status = JOIN_NONE;
	l->n_mesh = 0;
	linkd_links_changed(l);
	linkd_news(l);
}

static void unlinked(struct linkd *l)
{
	log_info("%s (%s) has unlinked this host", l->leader.host.name, l->leader.address);
	host_record(l, (struct record){ .user = "link",
					.origin = l->leader.address,
					.action = "link-unlinked",
					.object = l->leader.host.name,
					.result = "ok",
					.reason = "" });
	leave(l);
}

static void hear(struct linkd *l, const struct wire *answer)
{
	struct linked *leader = &l->leader;
	unsigned port = leader->host.ui_port;
	struct wire_host host = answer->host;
	bool changed = strcmp(leader->own_address, l->channels.own_address) != 0;

	/* As it was reached, whatever it says: another one is taken when this one does not answer. */
	host.ui_port = port;
	if (linkd_now_ms() - leader->heard_ms >= RULES_SILENT_MS)
		reach_reset(&leader->reach);
	leader->heard = true;
	leader->heard_ms = linkd_now_ms();
	leader->heard_s = linkd_now_s();
	leader->error[0] = '\0';
	leader->other_answers = false;
	snprintf(leader->own_address, sizeof(leader->own_address), "%.15s",
		 l->channels.own_address);
	snprintf(leader->blocked, sizeof(leader->blocked), "%s", answer->blocked);
	changed |= !wire_same_host(&leader->host, &host) ||
		   !wire_same_peers(l->mesh, l->n_mesh, answer->peers, answer->n_peers);
	leader->host = host;
	memcpy(l->mesh, answer->peers, sizeof(l->mesh));
	l->n_mesh = answer->n_peers;
	sync_expect(l->sync, answer->manifest);
	if (changed)
		linkd_links_changed(l);
}

static void beaten(const struct wire *answer, const struct fail *why, void *linkd)
{
	struct linkd *l = linkd;

	if (answer && answer->kind == WIRE_UNLINKED) {
		unlinked(l);
		return;
	}
	if (answer && answer->kind == WIRE_ALIVE && answer->version == WIRE_VERSION) {
		hear(l, answer);
	} else {
		l->leader.other_answers = why && why->code == EKEYREJECTED;
		snprintf(l->leader.error, sizeof(l->leader.error), "%.190s",
			 why ? why->msg : answer->message);
	}
	/* Something happened while it was under way. */
	linkd_wake_at(l, l->next_beat_ms);
	linkd_news(l);
}

static void beat(struct linkd *l, uint64_t now_ms)
{
	struct wire wire = { .kind = WIRE_HEARTBEAT, .sync = *sync_status(l->sync) };
	struct fail why = { 0 };

	l->next_beat_ms = now_ms + LINKD_BEAT_MS;
	linkd_fill_self(l, &wire);
	l->told = wire.sync;
	memcpy(l->told_device, wire.host.device, sizeof(l->told_device));
	if (!l->leader.reach.good)
		snprintf(wire.blocked, sizeof(wire.blocked), "%s", l->leader.reach.error);
	if (channel_ask(&l->channels,
			&(struct channel_target){ .address = l->leader.address,
						  .port = l->leader.host.ui_port,
						  .certificate = l->leader.id,
						  .timeout_ms = CHANNEL_ASK_MS },
			&wire, beaten, l, &l->beat, &why) < 0)
		beaten(NULL, &why, l);
}

static void beat_at(struct linkd *l, uint64_t when_ms)
{
	if (when_ms < l->next_beat_ms)
		l->next_beat_ms = when_ms;
	linkd_wake_at(l, l->next_beat_ms);
}

/* What others wait for is said at once; how far it is, once a second. */
void follower_content_changed(struct linkd *l)
{
	const struct sync_status *now = sync_status(l->sync), *told = &l->told;
	bool waited_for = now->synced != told->synced || !now->trouble[0] != !told->trouble[0] ||
			  strcmp(now->manifest, told->manifest) != 0 ||
			  strcmp(sync_device_id(l->sync), l->told_device) != 0;

	beat_at(l, linkd_now_ms() + (waited_for ? 0 : PROGRESS_MS));
}

void follower_probed(struct linkd *l, const char *certificate, unsigned ui_port)
{
	struct linked *leader = &l->leader;

	if (strcmp(leader->id, certificate) != 0)
		return;
	/* A port that answers is not given up: the leader may only be about to take the other one. */
	if (ui_port && ui_port != leader->host.ui_port && leader->error[0]) {
		log_info("%s (%s) has its Local UI on port %u now, not %u", leader->host.name,
			 leader->address, ui_port, leader->host.ui_port);
		leader->host.ui_port = ui_port;
		linkd_links_changed(l);
	}
	beat_at(l, linkd_now_ms());
}

/* Told, or nobody is there any more who would have to be. */
static void farewelled(const struct wire *answer, const struct fail *why, void *linkd)
{
	struct linkd *l = linkd;

	if (l->n_goodbyes == 0)
		return;
	/* A sum, not a difference: the clock may have been set back since. */
	if ((answer && answer->kind == WIRE_UNLINKED) || (why && why->code == EKEYREJECTED) ||
	    linkd_now_s() > l->goodbyes[0].since_s + LINKD_GOODBYE_S) {
		forget_goodbye(l, 0);
		store_save(l);
	}
}

/* Moves the one that has waited longest to the front, which is where the one being told is. */
static void next_goodbye(struct linkd *l)
{
	struct goodbye first = l->goodbyes[0];
	size_t next = 0;

	for (size_t i = 1; i < l->n_goodbyes; i++)
		if (l->goodbyes[i].next_ms < l->goodbyes[next].next_ms)
			next = i;
	l->goodbyes[0] = l->goodbyes[next];
	l->goodbyes[next] = first;
}

static void say_goodbye(struct linkd *l, uint64_t now_ms)
{
	static const struct wire wire = { .kind = WIRE_UNLINK };
	struct goodbye *goodbye = &l->goodbyes[0];
	struct fail why = { 0 };

	next_goodbye(l);
	if (now_ms < goodbye->next_ms)
		return;
	goodbye->next_ms = now_ms + FAREWELL_MS;
	if (channel_ask(&l->channels,
			&(struct channel_target){ .address = goodbye->address,
						  .port = goodbye->port,
						  .certificate = goodbye->id,
						  .timeout_ms = CHANNEL_ASK_MS },
			&wire, farewelled, l, &l->farewell, &why) < 0)
		farewelled(NULL, &why, l);
}

static void add_goodbye(struct linkd *l, const struct linked *leader)
{
	struct goodbye goodbye = { .port = leader->host.ui_port, .since_s = linkd_now_s() };

	/* Of the oldest ones the leader would have been told long ago, were it still there. */
	if (l->n_goodbyes == LINKD_GOODBYES)
		forget_goodbye(l, 0);
	memcpy(goodbye.id, leader->id, sizeof(leader->id));
	memcpy(goodbye.address, leader->address, sizeof(leader->address));
	l->goodbyes[l->n_goodbyes++] = goodbye;
}

int follower_unlink(struct linkd *l, const struct who *who, struct fail *why)
{
	const struct linked *leader = &l->leader;

	if (!linkd_follows(l))
		return fail_with(why, ENODEV, "This host is not linked to another one");
	add_goodbye(l, leader);
	if (store_unlink(l, leader, why) < 0) {
		l->n_goodbyes--;
		return -why->code;
	}
	host_record(l, (struct record){ .user = who->user,
					.origin = who->origin,
					.action = "link-unlink",
					.object = leader->host.name,
					.result = "ok",
					.reason = "" });
	log_info("unlinked from %s (%s)", leader->host.name, leader->address);
	leave(l);
	follower_tick(l, linkd_now_ms());
	return 0;
}

void follower_tick(struct linkd *l, uint64_t now_ms)
{
	if (linkd_follows(l) && !l->beat && now_ms >= l->next_beat_ms)
		beat(l, now_ms);
	if (linkd_follows(l) && l->leader.heard)
		reach_tick(&l->leader.reach, l->event, l->leader.address, l->leader.host.sync_port,
			   now_ms);
	/* Not while a link is made: where that is with a host left before, it would end at once. */
	if (l->n_goodbyes && !l->farewell && l->joining.status != JOIN_IN_PROGRESS)
		say_goodbye(l, now_ms);
}
