/* SPDX-License-Identifier: Apache-2.0 */
/* admit.c - a host wants to follow this one: its token, the rules, whether it is to be reached, its row. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "linkd.h"

/* Guesses of a 128-bit password are hopeless; this keeps them from the log and from the processor. */
static const struct login_policy guesses = { .delay_after = 3,
					     .block_after = 5,
					     .block_seconds = 900 };

static void refuse_join(struct linkd *l, struct channel *c, const struct channel_peer *peer,
			const struct wire *wire, const char *result, const char *message)
{
	struct wire answer = { .kind = WIRE_REFUSED };

	snprintf(answer.message, sizeof(answer.message), "%s", message);
	host_record(l, (struct record){ .user = "link",
					.origin = peer->address,
					.action = "link-join",
					.object = wire->host.name,
					.result = result,
					.reason = message });
	channel_answer(c, &answer);
}

/* A follower that links anew, by its certificate or, after a reset, by its product UUID. */
static struct linked *find_known(struct linkd *l, const struct admission *a)
{
	struct linked *known = linkd_follower(l, a->peer.certificate);

	for (size_t i = 0; !known && i < l->n_followers; i++)
		if (a->wire.host.host_id[0] &&
		    strcmp(l->followers[i]->host.host_id, a->wire.host.host_id) == 0)
			known = l->followers[i];
	return known;
}

static void add_follower(struct linkd *l, const struct admission *a)
{
	struct linked *linked = find_known(l, a);

	if (linked) {
		reach_done(&linked->reach);
		channel_cancel(linked->nudge);
	} else {
		linked = malloc(sizeof(*linked));
		if (!linked)
			abort(); /* systemd starts it again; nothing was promised yet */
		l->followers[l->n_followers++] = linked;
	}
	memset(linked, 0, sizeof(*linked));
	snprintf(linked->id, sizeof(linked->id), "%s", a->peer.certificate);
	snprintf(linked->address, sizeof(linked->address), "%.15s", a->peer.address);
	snprintf(linked->own_address, sizeof(linked->own_address), "%.15s", a->peer.own_address);
	linked->host = a->wire.host;
	linked->joined = true;
	linked->since_ms = linkd_now_ms();
	log_info("%s (%s) is linked", linked->host.name, linked->address);
	linkd_links_changed(l);
}

static void admission_end(struct admission *a)
{
	channel_cancel(a->probe);
	explicit_bzero(a, sizeof(*a));
}

/*
 * What stands against the follower now, after the probe and whatever happened meanwhile: the result for
 * the audit log with the message in @buf. NULL: nothing.
 */
static const char *obstacle(struct linkd *l, const struct admission *a, const struct wire *probe,
			    const struct fail *why, char *buf, size_t size)
{
	if (!probe || probe->kind != WIRE_HERE) {
		snprintf(buf, size,
			 "%s (%s) does not reach %s at %s:%u (%.100s); open TCP %u in that "
			 "direction",
			 l->self.name, a->peer.own_address, a->wire.host.name, a->peer.address,
			 a->wire.host.ui_port, why ? why->msg : "a strange answer",
			 a->wire.host.ui_port);
		return "failed";
	}
	if (linkd_follows(l) || l->joining.status == JOIN_IN_PROGRESS) {
		snprintf(buf, size, "%s is being linked to another host itself", l->self.name);
		return "refused";
	}
	/* The rules saw a place for each of those that are admitted at the same time. */
	if (!find_known(l, a) && l->n_followers >= RULES_FOLLOWERS_MAX) {
		snprintf(buf, size, "%s leads %u hosts already; %d are the most", l->self.name,
			 (unsigned)l->n_followers, RULES_FOLLOWERS_MAX);
		return "refused";
	}
	return NULL;
}

/* The follower was found at the address it comes from, or not. */
static void probed(const struct wire *probe, const struct fail *why, void *admission)
{
	struct admission *a = admission;
	struct linkd *l = a->l;
	struct wire answer = { .kind = WIRE_JOINED };
	char message[WIRE_TEXT_BYTES];
	const char *result;

	a->probe = NULL;
	if (!a->asker) {
		admission_end(a);
		return;
	}
	result = obstacle(l, a, probe, why, message, sizeof(message));
	if (result) {
		refuse_join(l, a->asker, &a->peer, &a->wire, result, message);
		admission_end(a);
		return;
	}
	add_follower(l, a);
	host_record(l, (struct record){ .user = "link",
					.origin = a->peer.address,
					.action = "link-join",
					.object = a->wire.host.name,
					.result = "ok",
					.reason = "" });
	linkd_fill_self(l, &answer);
	channel_answer(a->asker, &answer);
	admission_end(a);
	linkd_news(l);
}

static void probe(struct linkd *l, struct channel *c, const struct channel_peer *peer,
		  const struct wire *wire)
{
	static const struct wire question = { .kind = WIRE_PROBE };
	struct admission *a = NULL;
	struct fail why = { 0 };

	for (size_t i = 0; i < LINKD_JOINS_MAX && !a; i++)
		if (!l->admissions[i].l)
			a = &l->admissions[i];
	if (!a) {
		refuse_join(
			l, c, peer, wire, "failed",
			"The leader is linking other hosts right now; try again in a few seconds");
		return;
	}
	*a = (struct admission){ .l = l, .wire = *wire, .peer = *peer };
	explicit_bzero(a->wire.password, sizeof(a->wire.password));
	channel_hold(c, &a->asker);
	if (channel_ask(&l->channels,
			&(struct channel_target){ .address = a->peer.address,
						  .port = wire->host.ui_port,
						  .certificate = a->peer.certificate,
						  .timeout_ms = CHANNEL_ASK_MS },
			&question, probed, a, &a->probe, &why) < 0)
		probed(NULL, &why, a);
}

void admit_request(struct linkd *l, struct channel *c, const struct channel_peer *peer,
		   const struct wire *wire)
{
	struct rules_self self = linkd_self(l);
	struct rules_join join = { .wire = wire,
				   .certificate = peer->certificate,
				   .address = peer->address,
				   .known = linkd_follower(l, peer->certificate) != NULL,
				   .now_s = linkd_now_s() };
	uint64_t now = linkd_now_ms(),
		 wait = throttle_begin(&l->throttle, "link", peer->address, now);
	struct wire answer = { .kind = WIRE_REFUSED };
	struct fail why = { 0 };

	if (wait) {
		/* Not in the audit log: that has the tries that led to it. */
		snprintf(answer.message, sizeof(answer.message),
			 "Too many wrong tokens came from %s; try again in %llu s", peer->address,
			 (unsigned long long)wait / 1000 + 1);
		channel_answer(c, &answer);
		return;
	}
	/* No other version's message has a password that could be read. */
	join.password = wire->version == WIRE_VERSION
				? issuer_check(&l->issuer, wire->password, wire->nonce, now,
					       &join.expired_ms)
				: ISSUER_UNKNOWN;
	/* Whatever has no good token counts: a former one, a replay, another version of the protocol. */
	(void)throttle_end(&l->throttle, &guesses, "link", peer->address,
			   join.password == ISSUER_GOOD, now);
	if (strchr(peer->address, ':')) {
		refuse_join(l, c, peer, wire, "refused", "Hosts are linked by IPv4 addresses");
		return;
	}
	if (rules_admit(&self, &join, &why) < 0)
		refuse_join(l, c, peer, wire, why.code == EACCES ? "denied" : "refused", why.msg);
	else
		probe(l, c, peer, wire);
}
