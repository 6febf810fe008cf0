/* SPDX-License-Identifier: Apache-2.0 */
/* leader.c - what others ask of this host, and its followers. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/text.h"
#include "linkd.h"

#define LOOK_MS 10000

/* The rest of the mesh: while there are few, followers serve each other. */
static void fill_mesh(const struct linkd *l, const struct linked *but, struct wire *wire)
{
	if (l->n_followers > WIRE_PEERS_MAX)
		return;
	for (size_t i = 0; i < l->n_followers; i++) {
		const struct linked *linked = l->followers[i];
		struct sync_peer *peer = &wire->peers[wire->n_peers];

		if (linked == but)
			continue;
		snprintf(peer->name, sizeof(peer->name), "%s", linked->host.name);
		snprintf(peer->address, sizeof(peer->address), "%s", linked->address);
		snprintf(peer->device, sizeof(peer->device), "%s", linked->host.device);
		peer->port = (uint16_t)linked->host.sync_port;
		wire->n_peers++;
	}
}

/* Its leader's probe has a follower ask at once; where it is lost, the next heartbeat does. */
static void probe(struct linkd *l, struct linked *linked)
{
	const struct wire question = { .kind = WIRE_PROBE, .ui_port = l->self.ui_port };
	struct fail why = { 0 };

	if (!linked->nudge)
		(void)channel_ask(&l->channels,
				  &(struct channel_target){ .address = linked->address,
							    .port = linked->host.ui_port,
							    .certificate = linked->id,
							    .timeout_ms = CHANNEL_ASK_MS },
				  &question, NULL, NULL, &linked->nudge, &why);
}

static void nudge(struct linkd *l, struct linked *linked)
{
	if (linked->heard)
		probe(l, linked);
}

/* They may ask at a port that the Local UI has left: nobody tells this daemon when that is another one. */
static void call_silent(struct linkd *l)
{
	bool is_any = false;

	for (size_t i = 0; i < l->n_followers; i++) {
		struct linked *linked = l->followers[i];
		uint64_t since_ms = linked->heard ? linked->heard_ms : linked->since_ms;

		if (linkd_now_ms() - since_ms < RULES_SILENT_MS)
			continue;
		probe(l, linked);
		is_any = true;
	}
	if (is_any)
		host_ask_self(l);
}

void leader_content_changed(struct linkd *l)
{
	if (strcmp(l->told.manifest, sync_manifest(l->sync)) == 0 &&
	    strcmp(l->told_device, sync_device_id(l->sync)) == 0)
		return;
	snprintf(l->told.manifest, sizeof(l->told.manifest), "%s", sync_manifest(l->sync));
	snprintf(l->told_device, sizeof(l->told_device), "%s", sync_device_id(l->sync));
	for (size_t i = 0; i < l->n_followers; i++)
		nudge(l, l->followers[i]);
}

/* They serve each other where there are few: who @linked is now, the others hear at once. */
static void tell_mesh(struct linkd *l, const struct linked *linked)
{
	for (size_t i = 0; i < l->n_followers && l->n_followers <= WIRE_PEERS_MAX; i++)
		if (l->followers[i] != linked)
			nudge(l, l->followers[i]);
}

static void hear(struct linkd *l, struct linked *linked, const struct channel_peer *peer,
		 const struct wire *wire)
{
	bool moved = strcmp(linked->address, peer->address) != 0 ||
		     strcmp(linked->own_address, peer->own_address) != 0;
	bool changed = moved || !wire_same_host(&linked->host, &wire->host);

	if (moved) {
		log_warn("%s was at %s and comes from %s now", linked->host.name, linked->address,
			 peer->address);
		snprintf(linked->address, sizeof(linked->address), "%.15s", peer->address);
		snprintf(linked->own_address, sizeof(linked->own_address), "%.15s",
			 peer->own_address);
	}
	if (moved || linkd_now_ms() - linked->heard_ms >= RULES_SILENT_MS)
		reach_reset(&linked->reach);
	linked->host = wire->host;
	linked->content = wire->sync;
	snprintf(linked->blocked, sizeof(linked->blocked), "%s", wire->blocked);
	linked->heard = true;
	linked->heard_ms = linkd_now_ms();
	linked->heard_s = linkd_now_s();
	if (changed) {
		linkd_links_changed(l);
		tell_mesh(l, linked);
	}
}

static void on_heartbeat(struct linkd *l, struct channel *c, const struct channel_peer *peer,
			 const struct wire *wire)
{
	struct linked *linked = linkd_follower(l, peer->certificate);
	struct wire answer = { .kind = linked ? WIRE_ALIVE : WIRE_UNLINKED };

	if (!linked) {
		snprintf(answer.message, sizeof(answer.message), "%s has unlinked this host",
			 l->self.name);
		channel_answer(c, &answer);
		return;
	}
	hear(l, linked, peer, wire);
	linkd_fill_self(l, &answer);
	fill_mesh(l, linked, &answer);
	snprintf(answer.manifest, sizeof(answer.manifest), "%s", sync_manifest(l->sync));
	if (!linked->reach.good)
		snprintf(answer.blocked, sizeof(answer.blocked), "%s", linked->reach.error);
	channel_answer(c, &answer);
	linkd_news(l);
}

static void remove_follower(struct linkd *l, struct linked *linked)
{
	for (size_t i = 0; i < l->n_followers; i++) {
		if (l->followers[i] != linked)
			continue;
		l->followers[i] = l->followers[--l->n_followers];
		linked_free(linked);
		break;
	}
	linkd_links_changed(l);
	linkd_news(l);
}

/* A follower has left, perhaps a while ago. */
static void on_unlink(struct linkd *l, struct channel *c, const struct channel_peer *peer)
{
	struct linked *linked = linkd_follower(l, peer->certificate);
	struct wire answer = { .kind = WIRE_UNLINKED };

	if (linked) {
		host_record(l, (struct record){ .user = "link",
						.origin = peer->address,
						.action = "link-unlinked",
						.object = linked->host.name,
						.result = "ok",
						.reason = "" });
		log_info("%s (%s) has unlinked itself", linked->host.name, linked->address);
		remove_follower(l, linked);
	}
	channel_answer(c, &answer);
}

void leader_request(struct channel *c, const struct channel_peer *peer, const struct wire *wire,
		    void *linkd)
{
	struct linkd *l = linkd;
	struct wire answer = { .kind = WIRE_HERE };

	/* A join alone is answered whatever its version: a person waits for the reason. */
	if (wire->version != WIRE_VERSION && wire->kind != WIRE_JOIN) {
		answer.kind = WIRE_REFUSED;
		snprintf(answer.message, sizeof(answer.message),
			 "%s links by version %d of the protocol", l->self.name, WIRE_VERSION);
		channel_answer(c, &answer);
		return;
	}
	switch (wire->kind) {
	case WIRE_JOIN:
		admit_request(l, c, peer, wire);
		break;
	case WIRE_HEARTBEAT:
		on_heartbeat(l, c, peer, wire);
		break;
	case WIRE_UNLINK:
		on_unlink(l, c, peer);
		break;
	case WIRE_PROBE:
		follower_probed(l, peer->certificate, wire->ui_port);
		channel_answer(c, &answer);
		break;
	default:
		channel_cancel(c);
	}
}

static void make_password(struct linkd *l)
{
	char password[TOKEN_PASSWORD_BYTES];

	identity_random_hex(password, (TOKEN_PASSWORD_BYTES - 1) / 2);
	issuer_put(&l->issuer, password, linkd_now_ms());
	l->token_expires_s = linkd_now_s() + l->issuer.interval_s;
	explicit_bzero(password, sizeof(password));
}

int leader_generate(struct linkd *l, const char *address, struct fail *why)
{
	struct rules_self self = linkd_self(l);
	char own[TOKEN_ADDRESS_BYTES];

	if (rules_lead(&self, why) < 0)
		return -why->code;
	if (*address && !own_address_exists(address))
		return fail_with(why, EINVAL, "address: %.*s is no IPv4 address of this host",
				 text_cut(address, 40), address);
	if (!*address && !own_address_first(own))
		return fail_with(why, EINVAL,
				 "This host has no IPv4 address yet; give an adapter one first");
	snprintf(l->token_address, sizeof(l->token_address), "%s", *address ? address : own);
	l->issuer.interval_s = l->config.token_s;
	l->issuer.on = true;
	if (issuer_wants(&l->issuer, linkd_now_ms()))
		make_password(l);
	linkd_tell_sync(l);
	linkd_wake(l);
	return 0;
}

char *leader_token(struct linkd *l, unsigned *ret_left_s)
{
	struct token token = { .port = l->self.ui_port };
	uint64_t left_ms;
	const char *password;
	char *text;

	/* The tick is up to a second late. */
	if (issuer_wants(&l->issuer, linkd_now_ms()))
		make_password(l);
	password = issuer_current(&l->issuer, linkd_now_ms(), &left_ms);
	if (!password)
		return NULL;
	snprintf(token.address, sizeof(token.address), "%s", l->token_address);
	snprintf(token.password, sizeof(token.password), "%s", password);
	snprintf(token.certificate, sizeof(token.certificate), "%s", l->identity.id);
	token.expires_s = l->token_expires_s;
	*ret_left_s = (unsigned)((left_ms + 999) / 1000);
	text = token_encode(&token);
	explicit_bzero(&token, sizeof(token));
	return text;
}

/* By its id, or by its name or address where one host alone has it. */
static struct linked *find_named(struct linkd *l, const char *peer)
{
	struct linked *found = linkd_follower(l, peer);
	unsigned n = 0;

	for (size_t i = 0; !found && i < l->n_followers; i++)
		n += strcmp(l->followers[i]->host.name, peer) == 0 ||
		     strcmp(l->followers[i]->address, peer) == 0;
	for (size_t i = 0; !found && n == 1 && i < l->n_followers; i++)
		if (strcmp(l->followers[i]->host.name, peer) == 0 ||
		    strcmp(l->followers[i]->address, peer) == 0)
			found = l->followers[i];
	return found;
}

int leader_unlink(struct linkd *l, const char *peer, const struct who *who, struct fail *why)
{
	struct linked *linked = find_named(l, peer);

	if (!linked)
		return fail_with(why, ENODEV, "No host called \"%.*s\" is linked to this one",
				 text_cut(peer, 64), peer);
	if (store_unlink(l, linked, why) < 0)
		return -why->code;
	host_record(l, (struct record){ .user = who->user,
					.origin = who->origin,
					.action = "link-unlink",
					.object = linked->host.name,
					.result = "ok",
					.reason = "" });
	log_info("%s (%s) is unlinked", linked->host.name, linked->address);
	/* It hears of it as the answer to its next heartbeat, whenever that is. */
	remove_follower(l, linked);
	return 0;
}

/* A join whose answer the follower never got. */
static void drop_unheard(struct linkd *l, uint64_t now_ms)
{
	for (size_t i = 0; i < l->n_followers; i++) {
		struct linked *linked = l->followers[i];

		if (!rules_is_given_up(linked->joined, linked->heard, now_ms - linked->since_ms))
			continue;
		log_warn("%s (%s) did not finish its link", linked->host.name, linked->address);
		remove_follower(l, linked);
		return;
	}
}

static void look_at_addresses(struct linkd *l)
{
	l->warning[0] = '\0';
	for (size_t i = 0; i < l->n_followers; i++) {
		const struct linked *linked = l->followers[i];

		if (own_address_exists(linked->own_address))
			continue;
		snprintf(l->warning, sizeof(l->warning),
			 "This leader's address %s, by which %s knows it, is on no adapter any "
			 "more. "
			 "A changed address is not supported: set it back, or unlink the hosts and "
			 "link them again with a new token",
			 linked->own_address, linked->host.name);
		return;
	}
}

void leader_tick(struct linkd *l, uint64_t now_ms)
{
	if (issuer_wants(&l->issuer, now_ms))
		make_password(l);
	drop_unheard(l, now_ms);
	for (size_t i = 0; i < l->n_followers; i++) {
		struct linked *linked = l->followers[i];

		if (linked->heard)
			reach_tick(&linked->reach, l->event, linked->address,
				   linked->host.sync_port, now_ms);
	}
	if (now_ms >= l->next_look_ms) {
		l->next_look_ms = now_ms + LOOK_MS;
		look_at_addresses(l);
		call_silent(l);
	}
}
