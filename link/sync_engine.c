/* SPDX-License-Identifier: Apache-2.0 */
/* Syncthing: finds it, tells it its peers, hears what it does. */
#include "sync_engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"

#define CONNECT_MS_MIN 200
#define CONNECT_MS_MAX 500
#define LOOK_US	       UINT64_C(150000)
#define ANSWER_S       30
/* Syncthing ends a poll after a minute by itself. */
#define POLL_S	  90
#define REVERT_MS 1000
#define EVENTS                                                                                     \
	"StateChanged,ItemFinished,LocalIndexUpdated,RemoteIndexUpdated,DownloadProgress,"         \
	"FolderErrors,DeviceConnected,DeviceDisconnected"
#define END_MS 10000
#define END_US UINT64_C(500000)

static void connect_soon(struct sync *sync);

void sync_folder_path(const struct sync *sync, const char *call, char *buf, size_t size)
{
	char id[SYNC_FOLDER_BYTES];

	sync_folder_id(sync_leader_device(sync), id);
	snprintf(buf, size, "%s?folder=%s", call, id);
}

const char *sync_leader_device(const struct sync *sync)
{
	return sync->role == SYNC_LEADER ? sync->device : sync->peers[0].device;
}

static void lost(struct sync *sync)
{
	if (sync->up)
		log_warn("Syncthing does not answer any more");
	if (sync->up || !sync->down_ms)
		sync->down_ms = sync_now_ms();
	sync->apart_ms = 0;
	sync->up = false;
	sync_setup_forget(sync);
	sync->folder.known = false;
	connect_soon(sync);
	sync_update(sync);
}

/* A file of ours that Syncthing has other bytes of, or one too many: the leader's counts. */
static void revert_changes(struct sync *sync)
{
	uint64_t now = sync_now_ms();
	char path[128];

	if (sync->role != SYNC_FOLLOWER || sync->folder.local_changes == 0 ||
	    strcmp(sync->folder.state, "idle") != 0 || now - sync->reverted_ms < REVERT_MS)
		return;
	/*
	 * Before the leader's list is here, all that this host has would count as one too many. A
	 * damaged one was the leader's too.
	 */
	if (!sync->list_damaged &&
	    (!sync->manifest[0] || strcmp(sync->facts.manifest, sync->manifest) != 0))
		return;
	sync->list_damaged = false;
	sync->reverted_ms = now;
	sync_folder_path(sync, "/rest/db/revert", path, sizeof(path));
	sync_api_ask(sync->api, "POST", path, NULL, ANSWER_S, NULL, NULL);
}

static uint64_t number(const json_t *of, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(of, key));

	return value > 0 ? (uint64_t)value : 0;
}

static void on_folder(long status, json_t *body, void *arg)
{
	struct sync *sync = arg;
	struct sync_folder *folder = &sync->folder;
	const char *state = json_string_value(json_object_get(body, "state"));
	const char *error = json_string_value(json_object_get(body, "error"));

	sync->looking = false;
	if (status == 200 && body) {
		snprintf(folder->state, sizeof(folder->state), "%s", state ? state : "");
		folder->global_bytes = number(body, "globalBytes");
		folder->need_bytes = number(body, "needBytes");
		folder->sequence = number(body, "sequence");
		folder->local_changes = number(body, "receiveOnlyTotalItems");
		folder->pull_errors = number(body, "pullErrors");
		snprintf(folder->error, sizeof(folder->error), "%s", error ? error : "");
		folder->known = true;
		if (folder->need_bytes == 0)
			folder->under_way_bytes = 0;
		revert_changes(sync);
		sync_setup_look(sync);
		sync_host_check(sync);
		sync_update(sync);
		sync_why(sync);
	}
	if (sync->look_again && sync->up)
		sync_engine_look(sync);
}

static int on_look_time(sd_event_source *source, uint64_t usec, void *arg)
{
	struct sync *sync = arg;
	char path[128];

	(void)source;
	(void)usec;
	if (!sync->up || sync->looking || !sync->folder_put[0])
		return 0;
	sync->looking = true;
	sync->look_again = false;
	sync_folder_path(sync, "/rest/db/status", path, sizeof(path));
	sync_api_ask(sync->api, "GET", path, NULL, ANSWER_S, on_folder, sync);
	return 0;
}

/* Many events, one look. */
void sync_engine_look(struct sync *sync)
{
	int on = SD_EVENT_OFF;

	if (sync->looking) {
		sync->look_again = true;
		return;
	}
	if (sync->look_timer)
		(void)sd_event_source_get_enabled(sync->look_timer, &on);
	if (on != SD_EVENT_OFF)
		return;
	sync->look_timer = sd_event_source_disable_unref(sync->look_timer);
	(void)sd_event_add_time_relative(sync->event, &sync->look_timer, CLOCK_MONOTONIC, LOOK_US,
					 0, on_look_time, sync);
}

static void take_progress(struct sync *sync, const json_t *data)
{
	const char *folder, *file;
	json_t *files, *facts;
	uint64_t bytes = 0;

	json_object_foreach((json_t *)data, folder, files) json_object_foreach(files, file, facts)
		bytes += number(facts, "bytesDone");
	sync->folder.under_way_bytes = bytes;
	sync_update(sync);
}

static void poll_events(struct sync *sync);

static void on_events(long status, json_t *body, void *arg)
{
	struct sync *sync = arg;
	const json_t *event;
	size_t i;

	if (sync->ending)
		return;
	if (status != 200 || !json_is_array(body)) {
		lost(sync);
		return;
	}
	json_array_foreach(body, i, event)
	{
		const char *type = json_string_value(json_object_get(event, "type"));
		uint64_t id = number(event, "id");

		if (id > sync->last_event)
			sync->last_event = id;
		if (type && strcmp(type, "DownloadProgress") == 0)
			take_progress(sync, json_object_get(event, "data"));
		else
			sync_engine_look(sync);
	}
	poll_events(sync);
}

static void poll_events(struct sync *sync)
{
	char path[256];

	snprintf(path, sizeof(path), "/rest/events?since=%llu&timeout=60&events=" EVENTS,
		 (unsigned long long)sync->last_event);
	sync_api_ask(sync->api, "GET", path, NULL, POLL_S, on_events, sync);
}

static void scan(struct sync *sync, const char *name, sync_api_done done)
{
	char path[256];
	size_t n;

	if (!sync->up)
		return;
	sync_folder_path(sync, "/rest/db/scan", path, sizeof(path));
	n = strlen(path);
	if (*name)
		snprintf(path + n, sizeof(path) - n, "&sub=%s", name);
	sync_api_ask(sync->api, "POST", path, NULL, ANSWER_S, done, sync);
}

void sync_engine_scan(struct sync *sync, const char *name)
{
	scan(sync, name, NULL);
}

static void on_manifest_scanned(long status, json_t *body, void *arg)
{
	(void)status;
	(void)body;
	scan(arg, "", NULL);
}

void sync_engine_scan_all(struct sync *sync)
{
	scan(sync, "manifest", on_manifest_scanned);
}

static void on_status(long status, json_t *body, void *arg)
{
	const char *id = json_string_value(json_object_get(body, "myID"));
	struct sync *sync = arg;

	if (sync->ending)
		return;
	if (status != 200 || !id) {
		connect_soon(sync);
		sync_update(sync);
		return;
	}
	log_info("Syncthing runs as %s", id);
	sync->up = true;
	sync->down_ms = 0;
	sync->last_event = 0;
	sync->connect_ms = CONNECT_MS_MIN;
	snprintf(sync->device, sizeof(sync->device), "%s", id);
	sync_want(sync);
	sync_setup(sync);
	poll_events(sync);
	sync_tell(sync);
}

static int on_connect_time(sd_event_source *source, uint64_t usec, void *arg)
{
	struct sync *sync = arg;

	(void)source;
	(void)usec;
	sync_api_ask(sync->api, "GET", "/rest/system/status", NULL, ANSWER_S, on_status, sync);
	return 0;
}

/* It needs a second to start, or is started again by systemd. */
static void connect_soon(struct sync *sync)
{
	sync->connect_timer = sd_event_source_disable_unref(sync->connect_timer);
	(void)sd_event_add_time_relative(sync->event, &sync->connect_timer, CLOCK_MONOTONIC,
					 (uint64_t)sync->connect_ms * 1000, 0, on_connect_time,
					 sync);
	sync->connect_ms =
		sync->connect_ms * 2 > CONNECT_MS_MAX ? CONNECT_MS_MAX : sync->connect_ms * 2;
}

static void open_api(struct sync *sync)
{
	struct fail why = { 0 };
	char path[320];

	snprintf(path, sizeof(path), "%s" SYNC_SOCKET, sync->root);
	if (sync_api_new(sync->event, path, sync->key, &sync->api, &why) < 0)
		log_error("%s", why.msg);
}

void sync_engine_start(struct sync *sync)
{
	if (sync->api)
		return;
	open_api(sync);
	if (!sync->api)
		return;
	sync->connect_ms = CONNECT_MS_MIN;
	sync->down_ms = sync_now_ms();
	connect_soon(sync);
}

static void forget(struct sync *sync)
{
	sync->connect_timer = sd_event_source_disable_unref(sync->connect_timer);
	sync->look_timer = sd_event_source_disable_unref(sync->look_timer);
	sync->up = sync->looking = sync->look_again = sync->ending = false;
	sync_setup_forget(sync);
	sync->apart_ms = sync->down_ms = 0;
	memset(&sync->folder, 0, sizeof(sync->folder));
	sync_api_free(sync->api);
	sync->api = NULL;
}

static void on_shutdown(long status, json_t *body, void *arg);

static int on_end_time(sd_event_source *source, uint64_t usec, void *arg)
{
	struct sync *sync = arg;

	(void)source;
	(void)usec;
	sync_api_ask(sync->api, "POST", "/rest/system/shutdown", NULL, 5, on_shutdown, sync);
	return 0;
}

/*
 * One that is just being started does not listen yet, and one that ends still answers: it is asked until
 * nobody has been there for a while.
 */
static void on_shutdown(long status, json_t *body, void *arg)
{
	struct sync *sync = arg;
	bool is_over = status == 0 && sync_now_ms() - sync->ended_ms >= END_MS;

	(void)body;
	if (sync->role == SYNC_OFF && !is_over) {
		sync->connect_timer = sd_event_source_disable_unref(sync->connect_timer);
		(void)sd_event_add_time_relative(sync->event, &sync->connect_timer, CLOCK_MONOTONIC,
						 END_US, 0, on_end_time, sync);
		return;
	}
	forget(sync);
	/* Linked again meanwhile. */
	if (sync->role != SYNC_OFF)
		sync_engine_start(sync);
	else
		log_info("Syncthing does not run any more");
}

void sync_engine_stop(struct sync *sync)
{
	/* One that this daemon's predecessor has left behind, too. */
	if (!sync->api && sync->may_run)
		open_api(sync);
	sync->may_run = false;
	if (!sync->api || sync->ending)
		return;
	sync->ending = true;
	sync->up = false;
	sync->ended_ms = sync_now_ms();
	sync->connect_timer = sd_event_source_disable_unref(sync->connect_timer);
	sync_api_ask(sync->api, "POST", "/rest/system/shutdown", NULL, 5, on_shutdown, sync);
}

void sync_engine_leave(struct sync *sync)
{
	forget(sync);
}
