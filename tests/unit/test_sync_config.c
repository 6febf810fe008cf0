/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "link/sync_config.h"
#include "test.h"

#define SELF  "AAAAAAA-AAAAAAA-AAAAAAA-AAAAAAA-AAAAAAA-AAAAAAA-AAAAAAA-AAAAAAA"
#define OTHER "BBBBBBB-BBBBBBB-BBBBBBB-BBBBBBB-BBBBBBB-BBBBBBB-BBBBBBB-BBBBBBB"

static const struct sync_peer peers[] = {
	{ .name = "edge-2", .address = "192.0.2.2", .port = 22000, .device = OTHER },
	{ .name = "edge-3", .address = "192.0.2.3", .port = 22000, .device = "" },
};

TEST(a_folder_is_of_one_leader)
{
	char id[SYNC_FOLDER_BYTES];

	sync_folder_id(OTHER, id);
	CHECK_STR(id, "palette-BBBBBBB");
	sync_folder_id("", id);
	CHECK_STR(id, "");
}

TEST(syncthing_talks_to_linked_hosts_alone_and_at_their_addresses)
{
	json_t *devices = sync_config_devices(SELF, peers, 2);
	const json_t *other = json_array_get(devices, 1);

	CHECK_INT(json_array_size(devices), 2);
	CHECK_STR(json_string_value(json_object_get(other, "deviceID")), OTHER);
	CHECK_STR(json_string_value(json_array_get(json_object_get(other, "addresses"), 0)),
		  "tcp4://192.0.2.2:22000");
	CHECK_STR(json_string_value(json_array_get(json_object_get(other, "allowedNetworks"), 0)),
		  "192.0.2.2/32");
	CHECK(json_is_false(json_object_get(other, "introducer")));
	json_decref(devices);
}

TEST(one_that_has_moved_is_paused_once)
{
	struct sync_peer moved = peers[0];
	json_t *devices;

	moved.moved = true;
	devices = sync_config_devices(SELF, &moved, 1);
	CHECK(json_is_true(json_object_get(json_array_get(devices, 1), "paused")));
	json_decref(devices);
	moved.moved = false;
	devices = sync_config_devices(SELF, &moved, 1);
	CHECK(json_is_false(json_object_get(json_array_get(devices, 1), "paused")));
	json_decref(devices);
}

TEST(a_leader_sends_and_a_follower_receives)
{
	static const struct {
		enum sync_role role;
		const char *type;
	} cases[] = { { SYNC_LEADER, "sendonly" }, { SYNC_FOLLOWER, "receiveonly" } };

	for (size_t i = 0; i < 2; i++) {
		json_t *folders = sync_config_folders(
			&(struct sync_folder_config){ .id = "palette-B",
						      .path = "/srv/content/sync",
						      .role = cases[i].role,
						      .self = SELF,
						      .peers = peers,
						      .n_peers = 2,
						      .keep_mb = 2000 });
		const json_t *folder = json_array_get(folders, 0);

		CHECK_STR(json_string_value(json_object_get(folder, "type")), cases[i].type);
		CHECK_INT(json_array_size(json_object_get(folder, "devices")), 2);
		CHECK_INT(json_integer_value(json_object_get(folder, "maxConflicts")), 0);
		CHECK(json_is_true(json_object_get(folder, "disableFsync")));
		CHECK_STR(json_string_value(json_object_get(folder, "order")), "smallestFirst");
		CHECK(json_is_false(json_object_get(folder, "paused")));
		json_decref(folders);
	}
}

TEST(a_folder_that_hashes_or_fetches_is_not_interrupted)
{
	static const struct {
		const char *state;
		bool busy;
	} cases[] = { { "scanning", true }, { "scan-waiting", true },
		      { "syncing", true },  { "sync-preparing", true },
		      { "idle", false },    { "error", false },
		      { "", false } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_INT(sync_folder_is_busy(cases[i].state), cases[i].busy);
}

TEST(what_is_missing_is_said_with_numbers)
{
	static const struct {
		const char *manifest;
		struct sync_status status;
		bool synced;
		const char *says;
	} cases[] = {
		{ "",
		  { .manifest = "", .synced = true },
		  false,
		  "the leader is looking at its content; it tells its followers what it has when "
		  "that is done" },
		{ "m", { .manifest = "m", .synced = true }, true, "" },
		{ "m",
		  { .manifest = "old", .synced = true },
		  false,
		  "waiting for the list of files, which comes from the leader in the first "
		  "seconds" },
		{ "m",
		  { .manifest = "" },
		  false,
		  "waiting for the list of files, which comes from the leader in the first "
		  "seconds" },
		{ "m",
		  { .manifest = "", .apart = true },
		  false,
		  "Syncthing has no connection to the leader's: is the sync port open between "
		  "them?" },
		{ "m",
		  { .manifest = "m",
		    .done_bytes = 3199999999,
		    .total_bytes = 12400000000,
		    .seconds_left = 130 },
		  false,
		  "3.1 of 12.4 GB, 2 min left" },
		{ "m",
		  { .manifest = "m", .done_bytes = 999, .total_bytes = 1000 },
		  false,
		  "0.9 of 1.0 kB" },
		{ "m",
		  { .manifest = "m", .done_bytes = 7, .total_bytes = 7 },
		  false,
		  "7 of 7 bytes, being verified: each file is read once more" },
		{ "m",
		  { .manifest = "m",
		    .total_bytes = 7,
		    .trouble = "the disk is full",
		    .apart = true },
		  false,
		  "the disk is full" },
		{ "m",
		  { .manifest = "m", .total_bytes = 5000000, .seconds_left = 59 },
		  false,
		  "0.0 of 5.0 MB, 59 s left" },
		{ "m",
		  { .manifest = "m", .total_bytes = 5000000, .seconds_left = 20000 },
		  false,
		  "0.0 of 5.0 MB, 6 h left" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[240];

		CHECK_INT(sync_status_text(cases[i].manifest, &cases[i].status, text, sizeof(text)),
			  cases[i].synced);
		CHECK_STR(text, cases[i].says);
	}
}
