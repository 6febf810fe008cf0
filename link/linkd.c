/* SPDX-License-Identifier: Apache-2.0 */
/* linkd.c - what leader and follower share: the tick, the news, what follows from a changed link. */
#include "linkd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/file.h"
#include "lib/log.h"

#define TICK_MS 1000

uint64_t linkd_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t linkd_now_s(void)
{
	return (uint64_t)time(NULL);
}

struct path linkd_path(const struct linkd *l, const char *path)
{
	struct path full;

	snprintf(full.s, sizeof(full.s), "%s%s", l->config.root, path);
	return full;
}

struct rules_self linkd_self(const struct linkd *l)
{
	return (struct rules_self){
		.name = l->self.name,
		.host_id = l->self.host_id,
		.certificate = l->identity.id,
		.n_followers = l->n_followers,
		.generating = l->issuer.on,
		.joining = l->joining.status == JOIN_IN_PROGRESS,
		.leader_name = linkd_follows(l) ? l->leader.host.name : NULL,
		.leader_address = linkd_follows(l) ? l->leader.address : NULL,
	};
}

void linkd_fill_self(const struct linkd *l, struct wire *wire)
{
	wire->host = l->self;
	snprintf(wire->host.device, sizeof(wire->host.device), "%s", sync_device_id(l->sync));
}

struct linked *linkd_follower(struct linkd *l, const char *certificate)
{
	for (size_t i = 0; i < l->n_followers; i++)
		if (strcmp(l->followers[i]->id, certificate) == 0)
			return l->followers[i];
	return NULL;
}

void linked_free(struct linked *linked)
{
	reach_done(&linked->reach);
	channel_cancel(linked->nudge);
	free(linked);
}

static void add_to_hash(uint64_t *hash, const char *text)
{
	/* FNV-1a; the NUL too, so that two texts do not run into each other. */
	do {
		*hash = (*hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	} while (*text++);
}

static void add_link(uint64_t *hash, const struct linkd *l, const struct linked *linked,
		     bool is_leader)
{
	struct view view;
	char count[40];

	view_of(l, linked, is_leader, &view);
	/* The seconds of silence go on by themselves; a page need not hear of each. */
	snprintf(count, sizeof(count), "%llu",
		 view.health_reason[0] ? (unsigned long long)view.silent_s / 10 : 0ULL);
	add_to_hash(hash, linked->id);
	add_to_hash(hash, linked->host.name);
	add_to_hash(hash, linked->address);
	add_to_hash(hash, view.status);
	add_to_hash(hash, view.status_reason);
	add_to_hash(hash, view.health);
	add_to_hash(hash, count);
	add_to_hash(hash, view.content);
	add_to_hash(hash, view.content_reason);
}

void linkd_news(struct linkd *l)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	char token[24];

	snprintf(token, sizeof(token), "%d %u", l->issuer.on, l->issuer.at);
	add_to_hash(&hash, view_role(l));
	add_to_hash(&hash, view_join(l));
	add_to_hash(&hash, l->joining.error);
	add_to_hash(&hash, view_warning(l));
	add_to_hash(&hash, token);
	if (linkd_follows(l))
		add_link(&hash, l, &l->leader, true);
	for (size_t i = 0; i < l->n_followers; i++)
		add_link(&hash, l, l->followers[i], false);
	if (hash == l->shown)
		return;
	l->shown = hash;
	/* Once a turn of the loop, however much has changed in it. */
	(void)sd_event_source_set_enabled(l->news, SD_EVENT_ONESHOT);
}

void linkd_wake_at(struct linkd *l, uint64_t when_ms)
{
	uint64_t set_us = 0, at_us = when_ms * 1000;
	int on = SD_EVENT_OFF;

	if (!l->tick || (sd_event_source_get_enabled(l->tick, &on) >= 0 && on != SD_EVENT_OFF &&
			 sd_event_source_get_time(l->tick, &set_us) >= 0 && set_us <= at_us))
		return;
	(void)sd_event_source_set_time(l->tick, at_us);
	(void)sd_event_source_set_enabled(l->tick, SD_EVENT_ONESHOT);
}

void linkd_wake(struct linkd *l)
{
	linkd_wake_at(l, linkd_now_ms() + TICK_MS);
}

static void fill_peer(struct sync_peer *peer, const struct linked *linked)
{
	snprintf(peer->name, sizeof(peer->name), "%s", linked->host.name);
	snprintf(peer->address, sizeof(peer->address), "%s", linked->address);
	snprintf(peer->own_address, sizeof(peer->own_address), "%s", linked->own_address);
	snprintf(peer->device, sizeof(peer->device), "%s", linked->host.device);
	peer->port = (uint16_t)linked->host.sync_port;
}

void linkd_tell_sync(struct linkd *l)
{
	static struct sync_peer peers[SYNC_PEERS_MAX];
	enum sync_role role = SYNC_OFF;
	size_t n = 0;

	memset(peers, 0, sizeof(peers));
	if (linkd_follows(l)) {
		role = SYNC_FOLLOWER;
		fill_peer(&peers[n++], &l->leader);
		memcpy(peers + 1, l->mesh, l->n_mesh * sizeof(*peers));
		n += l->n_mesh;
	} else if (l->n_followers || l->issuer.on) {
		/* From the first token on: the engine is there when the first follower is. */
		role = SYNC_LEADER;
		for (size_t i = 0; i < l->n_followers; i++)
			fill_peer(&peers[n++], l->followers[i]);
	}
	sync_set(l->sync, role, peers, n);
}

void linkd_links_changed(struct linkd *l)
{
	l->next_look_ms = 0; /* a warning may be about one that is gone */
	store_save(l);
	linkd_tell_sync(l);
	linkd_wake(l);
}

static void forget_links(struct linkd *l)
{
	channel_cancel(l->beat);
	reach_done(&l->leader.reach);
	memset(&l->leader, 0, sizeof(l->leader));
	while (l->n_followers)
		linked_free(l->followers[--l->n_followers]);
	l->n_goodbyes = 0;
	issuer_stop(&l->issuer);
}

/* The machine is a copy of another one: the links and the key are that one's. */
static void become_new(struct linkd *l, const char *host_id)
{
	struct path path = linkd_path(l, LINKD_STATE "/identity.pem");
	struct fail why = { 0 };

	log_warn("this machine has the product UUID %s, its links were made by %s: it is a copy, "
		 "and starts without links and with a key of its own",
		 host_id, l->stored_host_id);
	host_record(l,
		    (struct record){ .user = "link",
				     .origin = "local",
				     .action = "link-copied-host",
				     .object = l->stored_host_id,
				     .result = "ok",
				     .reason = "the machine is a copy; its links were dropped" });
	/* The UUID last: until that is stored, the next start finds a copy again and does the same. */
	if (file_remove(path.s, &why) == 0) {
		forget_links(l);
		snprintf(l->stored_host_id, sizeof(l->stored_host_id), "%s", host_id);
		store_save(l);
	} else {
		log_error("this copy still has the key of its original: %s", why.msg);
	}
	/* systemd starts it again, with a new key; that one has the time to end Syncthing. */
	sd_event_exit(l->event, 0);
}

void linkd_know_self(struct linkd *l, const char *name, const char *host_id, unsigned ui_port)
{
	snprintf(l->self.name, sizeof(l->self.name), "%s", name);
	snprintf(l->self.host_id, sizeof(l->self.host_id), "%s", host_id);
	/* Silent followers do not know it yet. */
	if (l->self.ui_port != ui_port)
		l->next_look_ms = 0;
	l->self.ui_port = ui_port;
	if (*host_id && l->stored_host_id[0] && strcmp(host_id, l->stored_host_id) != 0) {
		become_new(l, host_id);
		return;
	}
	if (*host_id && !l->stored_host_id[0]) {
		snprintf(l->stored_host_id, sizeof(l->stored_host_id), "%s", host_id);
		store_save(l);
	}
	linkd_news(l);
}
