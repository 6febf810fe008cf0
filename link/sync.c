/* SPDX-License-Identifier: Apache-2.0 */
/* The engine as others see it: role and peers in, how far it is out. */
#include "sync.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "hostd/encode.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/text.h"
#include "sync_engine.h"

#define KEY_LINE     "STGUIAPIKEY="
#define RATE_MS	     5000
#define DOWN_MS	     20000
#define CARE_US	     UINT64_C(5000000)
#define REREAD_AGE_S (UINT64_C(24) * 3600)
#define REREAD_S     60

uint64_t sync_now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int on_tell(sd_event_source *source, void *arg)
{
	struct sync *sync = arg;

	(void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
	sync->changed(sync->arg);
	return 0;
}

void sync_tell(struct sync *sync)
{
	(void)sd_event_source_set_enabled(sync->tell_source, SD_EVENT_ON);
}

/* While something is missing nothing is waited for: a call may be lost, a disk may have room again. */
static bool is_well(const struct sync *sync)
{
	if (sync->role == SYNC_FOLLOWER)
		return sync->up && sync->status.synced;
	return sync->up && sync->manifest[0] && !sync->held_ms && !sync->status.trouble[0];
}

static int on_care(sd_event_source *source, uint64_t usec, void *arg)
{
	struct sync *sync = arg;

	(void)usec;
	if (sync->role != SYNC_OFF && !is_well(sync)) {
		sync_engine_look(sync);
		sync_host_check(sync);
		sync_update(sync);
	}
	(void)sd_event_source_set_time_relative(source, CARE_US);
	return sd_event_source_set_enabled(source, sync->role == SYNC_OFF ? SD_EVENT_OFF
									  : SD_EVENT_ONESHOT);
}

/* A Syncthing that runs already has the key it was started with. */
static void find_key(struct sync *sync, const char *path)
{
	autofree char *text = NULL;
	const char *line;
	uint8_t random[16];

	if (file_read(path, 4096, &text, NULL, NULL) == 0 &&
	    (line = strstr(text, KEY_LINE)) != NULL && strlen(line) > sizeof(KEY_LINE) + 31) {
		snprintf(sync->key, sizeof(sync->key), "%.32s", line + sizeof(KEY_LINE) - 1);
		sync->may_run = true;
		return;
	}
	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		abort();
	hex_encode(random, sizeof(random), sync->key);
}

void sync_want(struct sync *sync)
{
	char path[320], text[320], id[SYNC_FOLDER_BYTES];
	struct fail why = { 0 };
	int n;

	snprintf(path, sizeof(path), "%s" SYNC_WANTED, sync->root);
	sync_folder_id(sync_leader_device(sync), id);
	n = snprintf(text, sizeof(text),
		     KEY_LINE "%s\nPALETTE_SYNC_PORT=%u\nPALETTE_SYNC_FOLDER=%s\n"
			      "PALETTE_SYNC_OWNER=%s\n",
		     sync->key, sync->port, id, sync->owner);
	if (file_write_atomic(path, text, (size_t)n, 0600, &why) < 0)
		log_error("Syncthing cannot be started: %s", why.msg);
}

static void no_more_wanted(const struct sync *sync)
{
	char path[320];

	snprintf(path, sizeof(path), "%s" SYNC_WANTED, sync->root);
	(void)unlink(path);
}

int sync_new(sd_event *event, sd_bus *bus, const char *root, uint16_t port, sync_changed changed,
	     void *arg, struct sync **ret, struct fail *why)
{
	struct sync *sync = calloc(1, sizeof(*sync));
	const char *every = getenv("PALETTE_SYNC_REREAD_S");
	char path[320];
	int r;

	if (!sync)
		return fail_errno(why, ENOMEM, "prepare the content's synchronisation");
	sync->event = event;
	sync->bus = bus;
	sync->port = port;
	sync->changed = changed;
	sync->arg = arg;
	sync->reread_age_s = every ? strtoull(every, NULL, 10) : REREAD_AGE_S;
	sync->reread_every_s = every ? 1 : REREAD_S;
	snprintf(sync->root, sizeof(sync->root), "%s", root);
	snprintf(path, sizeof(path), "%s" SYNC_WANTED, root);
	find_key(sync, path);
	r = sd_event_add_defer(event, &sync->tell_source, on_tell, sync);
	if (r >= 0)
		r = sd_event_source_set_enabled(sync->tell_source, SD_EVENT_OFF);
	if (r >= 0)
		r = sd_event_add_time_relative(event, &sync->care_timer, CLOCK_MONOTONIC, CARE_US,
					       0, on_care, sync);
	if (r >= 0)
		r = sync_host_start(sync);
	if (r < 0) {
		sync_free(sync);
		return fail_errno(why, -r, "prepare the content's synchronisation");
	}
	*ret = sync;
	return 0;
}

void sync_free(struct sync *sync)
{
	if (!sync)
		return;
	sync_engine_leave(sync);
	sync_host_stop(sync);
	sd_event_source_disable_unref(sync->tell_source);
	sd_event_source_disable_unref(sync->care_timer);
	explicit_bzero(sync->key, sizeof(sync->key));
	free(sync);
}

void sync_own(struct sync *sync, const char *certificate)
{
	snprintf(sync->owner, sizeof(sync->owner), "%s", certificate);
}

static bool same_peers(const struct sync *sync, const struct sync_peer *peers, size_t n)
{
	for (size_t i = 0; i < n && n == sync->n_peers; i++) {
		const struct sync_peer *a = &sync->peers[i], *b = &peers[i];

		if (strcmp(a->name, b->name) != 0 || strcmp(a->address, b->address) != 0 ||
		    strcmp(a->own_address, b->own_address) != 0 ||
		    strcmp(a->device, b->device) != 0 || a->port != b->port)
			return false;
	}
	return n == sync->n_peers;
}

/*
 * Syncthing keeps a connection whose other end is gone for five minutes, and takes no other one meanwhile.
 * An address of ours that was changed has cut those to the other followers too.
 */
static void mark_moved(const struct sync *sync, struct sync_peer *peers, size_t n)
{
	bool we_moved = false;

	for (size_t i = 0; i < n; i++) {
		const struct sync_peer *old = NULL;

		for (size_t j = 0; j < sync->n_peers && !old; j++)
			if (peers[i].device[0] && !strcmp(sync->peers[j].device, peers[i].device))
				old = &sync->peers[j];
		if (!old)
			continue;
		if (old->own_address[0] && strcmp(old->own_address, peers[i].own_address) != 0)
			we_moved = true;
		peers[i].moved = old->moved || strcmp(old->address, peers[i].address) != 0;
	}
	for (size_t i = 0; i < n && we_moved; i++)
		peers[i].moved = true;
}

void sync_set(struct sync *sync, enum sync_role role, struct sync_peer *peers, size_t n)
{
	if (n > SYNC_PEERS_MAX)
		n = SYNC_PEERS_MAX;
	if (sync->told && sync->role == role && same_peers(sync, peers, n))
		return;
	if (sync->role != role || !sync->told) {
		sync->manifest[0] = '\0';
		memset(&sync->facts, 0, sizeof(sync->facts));
		memset(&sync->status, 0, sizeof(sync->status));
	}
	sync->told = true;
	sync->role = role;
	mark_moved(sync, peers, n);
	sync->n_peers = n;
	if (n)
		memcpy(sync->peers, peers, n * sizeof(*peers));
	sync->set_done = false;
	sync_host_set(sync);
	if (role == SYNC_OFF) {
		no_more_wanted(sync);
		sync_engine_stop(sync);
		return;
	}
	sync_engine_start(sync);
	(void)sd_event_source_set_enabled(sync->care_timer, SD_EVENT_ONESHOT);
}

const char *sync_device_id(const struct sync *sync)
{
	return sync->device;
}

const char *sync_manifest(const struct sync *sync)
{
	return sync->role == SYNC_LEADER ? sync->manifest : "";
}

void sync_expect(struct sync *sync, const char *manifest)
{
	if (sync->role != SYNC_FOLLOWER || strcmp(sync->manifest, manifest) == 0)
		return;
	snprintf(sync->manifest, sizeof(sync->manifest), "%s", manifest);
	sync_host_check(sync);
	sync_update(sync);
}

const struct sync_status *sync_status(const struct sync *sync)
{
	return &sync->status;
}

bool sync_peer_text(const struct sync *sync, const struct sync_status *status, char *buf,
		    size_t size)
{
	return sync_status_text(sync->manifest, status, buf, size);
}

/* Over at least five seconds, so that a number is worth saying. */
static uint64_t seconds_left(struct sync *sync, uint64_t done, uint64_t total)
{
	uint64_t now = sync_now_ms();

	if (done < sync->rate_done || sync->rate_ms == 0 || done >= total) {
		sync->rate_ms = now;
		sync->rate_done = done;
		sync->bytes_per_s = 0;
		return 0;
	}
	if (now - sync->rate_ms >= RATE_MS) {
		double speed =
			(double)(done - sync->rate_done) * 1000 / (double)(now - sync->rate_ms);

		sync->bytes_per_s = sync->bytes_per_s > 0 ? (sync->bytes_per_s + speed) / 2 : speed;
		sync->rate_ms = now;
		sync->rate_done = done;
	}
	return sync->bytes_per_s < 1 ? 0
				     : (uint64_t)((double)(total - done) / sync->bytes_per_s) + 1;
}

const char *sync_role_name(enum sync_role role)
{
	return role == SYNC_LEADER ? "leader" : role == SYNC_FOLLOWER ? "follower" : "";
}

static bool is_long(uint64_t since_ms)
{
	return since_ms && sync_now_ms() - since_ms > DOWN_MS;
}

static void say_trouble(const struct sync *sync, struct sync_status *status)
{
	const struct sync_folder *folder = &sync->folder;
	/* A file that is tried again and comes is no trouble; a full disk palette-hostd puts better. */
	const char *error = folder->error[0]		     ? folder->error
			    : is_long(folder->pull_error_ms) ? folder->pull_error
							     : "";

	status->apart = sync->up && is_long(sync->apart_ms);
	if (sync->facts.trouble[0])
		snprintf(status->trouble, sizeof(status->trouble), "%s", sync->facts.trouble);
	else if (!sync->up && is_long(sync->down_ms))
		snprintf(status->trouble, sizeof(status->trouble),
			 "Syncthing does not run on the %s; \"journalctl -u palette-sync\" there "
			 "says why",
			 sync_role_name(sync->role));
	else if (sync->up && error[0] && !status->apart)
		snprintf(status->trouble, sizeof(status->trouble),
			 "Syncthing on the %s cannot go on: %.*s; it tries again by itself, "
			 "\"journalctl -u palette-sync\" there says more",
			 sync_role_name(sync->role), text_cut(error, 120), error);
}

static void follow(struct sync *sync, struct sync_status *status)
{
	const struct sync_folder *folder = &sync->folder;
	const struct sync_facts *facts = &sync->facts;
	bool is_it = sync->manifest[0] && strcmp(facts->manifest, sync->manifest) == 0;
	uint64_t missing;

	snprintf(status->manifest, sizeof(status->manifest), "%s", facts->manifest);
	status->total_bytes = is_it ? facts->total_bytes : folder->global_bytes;
	status->synced = is_it && facts->verified == facts->files &&
			 (!folder->known || (folder->sequence > 0 && folder->need_bytes == 0));
	if (status->synced) {
		status->done_bytes = status->total_bytes;
		return;
	}
	/* Syncthing needs nothing as long as it has not heard of a file. */
	missing = folder->need_bytes;
	if (folder->global_bytes < status->total_bytes)
		missing += status->total_bytes - folder->global_bytes;
	if (folder->known && missing < status->total_bytes)
		status->done_bytes = status->total_bytes - missing;
	else if (is_it && !folder->known)
		status->done_bytes = facts->verified_bytes;
	status->done_bytes += folder->under_way_bytes;
	if (status->done_bytes > status->total_bytes)
		status->done_bytes = status->total_bytes;
	status->seconds_left = seconds_left(sync, status->done_bytes, status->total_bytes);
	say_trouble(sync, status);
}

static bool same_status(const struct sync_status *a, const struct sync_status *b)
{
	return a->synced == b->synced && a->done_bytes == b->done_bytes &&
	       a->total_bytes == b->total_bytes && a->seconds_left == b->seconds_left &&
	       a->apart == b->apart && strcmp(a->manifest, b->manifest) == 0 &&
	       strcmp(a->trouble, b->trouble) == 0;
}

void sync_update(struct sync *sync)
{
	struct sync_status status = { 0 };

	if (sync->role == SYNC_FOLLOWER) {
		follow(sync, &status);
	} else if (sync->role == SYNC_LEADER) {
		memcpy(status.manifest, sync->manifest, sizeof(status.manifest));
		status.synced = sync->manifest[0] != '\0';
		status.total_bytes = status.done_bytes = sync->facts.total_bytes;
		say_trouble(sync, &status);
	}
	if (same_status(&status, &sync->status))
		return;
	sync->status = status;
	sync_tell(sync);
}
