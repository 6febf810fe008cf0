/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom Syncthing talks to and what its folder is. Another list of devices has it start the folder anew:
 * what it was hashing is hashed again, so that waits for the folder's rest where it can.
 */
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "sync_engine.h"

#define ANSWER_S    30
#define RETRY_US    UINT64_C(2000000)
#define HOLD_MS	    60000
#define KEEP_MB_MAX 2048

/* As much as palette-hostd leaves to the system; see content_keep_bytes(). */
static uint64_t keep_mb(const char *path)
{
	struct statvfs fs;
	uint64_t mb;

	if (statvfs(path, &fs) < 0)
		return KEEP_MB_MAX;
	mb = (uint64_t)fs.f_blocks * fs.f_frsize / 20 / (1024 * 1024);
	return mb < KEEP_MB_MAX ? mb : KEEP_MB_MAX;
}

static int on_retry(sd_event_source *source, uint64_t usec, void *arg)
{
	(void)source;
	(void)usec;
	sync_setup(arg);
	return 0;
}

static void ended(struct sync *sync, bool good)
{
	sync->configuring = false;
	if (!sync->up || sync->role == SYNC_OFF)
		return;
	if (sync->configure_again) {
		sync_setup(sync);
	} else if (good) {
		sync_engine_look(sync);
	} else {
		sync->setup_timer = sd_event_source_disable_unref(sync->setup_timer);
		(void)sd_event_add_time_relative(sync->event, &sync->setup_timer, CLOCK_MONOTONIC,
						 RETRY_US, 0, on_retry, sync);
	}
}

static void on_folders(long status, json_t *body, void *arg)
{
	struct sync *sync = arg;

	(void)body;
	if (status == 200) {
		sync_folder_id(sync_leader_device(sync), sync->folder_put);
		/* It stands still now: the next one has it start anew. */
		if (sync->restart)
			sync->configure_again = true;
		sync->restart = false;
	}
	ended(sync, status == 200);
}

/* Whether the folder's new list of devices has to wait; how long it does is counted from the first time. */
static bool is_held(struct sync *sync, const char *id)
{
	uint64_t now = sync_now_ms();

	if (sync->restart || strcmp(sync->folder_put, id) != 0 || !sync->folder.known ||
	    !sync_folder_is_busy(sync->folder.state)) {
		sync->held_ms = 0;
		return false;
	}
	if (!sync->held_ms)
		sync->held_ms = now;
	if (now - sync->held_ms < HOLD_MS)
		return true;
	sync->held_ms = 0;
	return false;
}

/* Only now: of a folder's devices, those that are not known would be dropped. */
static void on_devices(long status, json_t *body, void *arg)
{
	char id[SYNC_FOLDER_BYTES], path[320];
	struct sync *sync = arg;

	(void)body;
	/* Those that have moved are paused now, and go on with the next list. */
	if (sync->pausing && status == 200)
		sync->configure_again = true;
	for (size_t i = 0; i < sync->n_peers && sync->pausing && status != 200; i++)
		sync->peers[i].moved = true;
	sync->pausing = false;
	sync_folder_id(sync_leader_device(sync), id);
	if (status != 200 || !id[0] || !sync->up || sync->role == SYNC_OFF || is_held(sync, id)) {
		ended(sync, status == 200);
		return;
	}
	snprintf(path, sizeof(path), "%s" SYNC_CONTENT, sync->root);
	sync_api_ask(sync->api, "PUT", "/rest/config/folders",
		     sync_config_folders(&(struct sync_folder_config){ .id = id,
								       .path = path,
								       .role = sync->role,
								       .self = sync->device,
								       .peers = sync->peers,
								       .n_peers = sync->n_peers,
								       .keep_mb = keep_mb(path),
								       .paused = sync->restart }),
		     ANSWER_S, on_folders, sync);
}

void sync_setup(struct sync *sync)
{
	json_t *devices;

	if (!sync->up || sync->role == SYNC_OFF || !sync->set_done)
		return;
	sync->configure_again = sync->configuring;
	if (sync->configuring)
		return;
	sync->configuring = true;
	devices = sync_config_devices(sync->device, sync->peers, sync->n_peers);
	for (size_t i = 0; i < sync->n_peers; i++) {
		sync->pausing |= sync->peers[i].moved;
		sync->peers[i].moved = false;
	}
	sync_api_ask(sync->api, "PUT", "/rest/config/devices", devices, ANSWER_S, on_devices, sync);
}

void sync_setup_look(struct sync *sync)
{
	if (sync->held_ms &&
	    (!sync_folder_is_busy(sync->folder.state) || sync_now_ms() - sync->held_ms >= HOLD_MS))
		sync_setup(sync);
}

void sync_setup_restart(struct sync *sync)
{
	sync->restart = true;
	sync_setup(sync);
}

void sync_setup_forget(struct sync *sync)
{
	sync->setup_timer = sd_event_source_disable_unref(sync->setup_timer);
	sync->configuring = sync->configure_again = sync->restart = sync->pausing = false;
	sync->folder_put[0] = '\0';
	sync->held_ms = 0;
}
