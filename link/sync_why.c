/* SPDX-License-Identifier: Apache-2.0 */
/* Why a follower's content does not go on, as far as Syncthing knows: no connection, a file's error. */
#include <stdio.h>

#include "sync_engine.h"

#define ANSWER_S 30

static void on_connections(long status, json_t *body, void *arg)
{
	struct sync *sync = arg;
	const json_t *leader =
		json_object_get(json_object_get(body, "connections"), sync_leader_device(sync));

	if (status != 200)
		return;
	if (json_is_true(json_object_get(leader, "connected")))
		sync->apart_ms = 0;
	else if (!sync->apart_ms)
		sync->apart_ms = sync_now_ms();
	sync_update(sync);
}

static void on_errors(long status, json_t *body, void *arg)
{
	struct sync *sync = arg;
	const char *text = json_string_value(
		json_object_get(json_array_get(json_object_get(body, "errors"), 0), "error"));

	if (status == 200)
		snprintf(sync->folder.pull_error, sizeof(sync->folder.pull_error), "%s",
			 text ? text : "");
	sync_update(sync);
}

void sync_why(struct sync *sync)
{
	char path[128];

	if (sync->role != SYNC_FOLLOWER || sync->status.synced) {
		sync->apart_ms = sync->folder.pull_error_ms = 0;
		return;
	}
	sync_api_ask(sync->api, "GET", "/rest/system/connections", NULL, ANSWER_S, on_connections,
		     sync);
	if (sync->folder.pull_errors == 0) {
		sync->folder.pull_error[0] = '\0';
		sync->folder.pull_error_ms = 0;
		return;
	}
	if (!sync->folder.pull_error_ms)
		sync->folder.pull_error_ms = sync_now_ms();
	sync_folder_path(sync, "/rest/folder/errors", path, sizeof(path));
	sync_api_ask(sync->api, "GET", path, NULL, ANSWER_S, on_errors, sync);
}
