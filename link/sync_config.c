/* SPDX-License-Identifier: Apache-2.0 */
#include "sync_config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void sync_folder_id(const char *leader_device, char buf[SYNC_FOLDER_BYTES])
{
	if (*leader_device)
		snprintf(buf, SYNC_FOLDER_BYTES, "palette-%.7s", leader_device);
	else
		buf[0] = '\0';
}

static json_t *device(const struct sync_peer *peer)
{
	char at[80], network[64];

	snprintf(at, sizeof(at), "tcp4://%s:%u", peer->address, peer->port);
	snprintf(network, sizeof(network), "%s/32", peer->address);
	/* What bundles hold is compressed already. Pausing ends the connection. */
	return json_pack("{s:s, s:s, s:[s], s:[s], s:s, s:b, s:b, s:b}", "deviceID", peer->device,
			 "name", peer->name, "addresses", at, "allowedNetworks", network,
			 "compression", "never", "introducer", 0, "autoAcceptFolders", 0, "paused",
			 (int)peer->moved);
}

json_t *sync_config_devices(const char *self, const struct sync_peer *peers, size_t n)
{
	json_t *devices = json_array();
	int r = json_array_append_new(
		devices, json_pack("{s:s, s:s}", "deviceID", self, "name", "this host"));

	for (size_t i = 0; r == 0 && i < n; i++)
		if (peers[i].device[0])
			r = json_array_append_new(devices, device(&peers[i]));
	if (r == 0)
		return devices;
	json_decref(devices);
	return NULL;
}

static json_t *shared_with(const char *self, const struct sync_peer *peers, size_t n)
{
	json_t *devices = json_pack("[{s:s}]", "deviceID", self);

	for (size_t i = 0; devices && i < n; i++)
		if (peers[i].device[0])
			(void)json_array_append_new(
				devices, json_pack("{s:s}", "deviceID", peers[i].device));
	return devices;
}

json_t *sync_config_folders(const struct sync_folder_config *config)
{
	/*
	 * Names are digests and owners are hostd's: nothing of a file but its bytes is synchronised.
	 * palette-hostd flushes what it lists: Syncthing need not do that too, and wait for it. The
	 * manifest comes first, as the smallest file: the others are verified while more come.
	 */
	return json_pack("[{s:s, s:s, s:s, s:s, s:o, s:b, s:b, s:f, s:i, s:b, s:b, s:i, s:i, s:i,"
			 " s:b, s:i, s:s, s:{s:f, s:s}}]",
			 "id", config->id, "label", "content", "path", config->path, "type",
			 config->role == SYNC_LEADER ? "sendonly" : "receiveonly", "devices",
			 shared_with(config->self, config->peers, config->n_peers), "paused",
			 (int)config->paused, "fsWatcherEnabled", 1, "fsWatcherDelayS", 1.0,
			 "rescanIntervalS", 3600, "ignorePerms", 1, "autoNormalize", 0,
			 "maxConflicts", 0, "scanProgressIntervalS", -1, "pullerPauseS", 5,
			 "disableFsync", 1, "maxConcurrentWrites", 16, "order", "smallestFirst",
			 "minDiskFree", "value", (double)config->keep_mb, "unit", "MB");
}

bool sync_folder_is_busy(const char *state)
{
	/* "scanning", "scan-waiting", "syncing", "sync-preparing", "sync-waiting" */
	return strncmp(state, "scan", 4) == 0 || strncmp(state, "sync", 4) == 0;
}

void sync_bytes_text(uint64_t done, uint64_t total, char *buf, size_t size)
{
	static const struct {
		uint64_t bytes;
		const char *name;
	} units[] = { { 1000000000, "GB" }, { 1000000, "MB" }, { 1000, "kB" } };

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		uint64_t tenth = units[i].bytes / 10;

		if (total < units[i].bytes)
			continue;
		/* Rounded down: it is not all of it before it is. */
		snprintf(buf, size, "%" PRIu64 ".%" PRIu64 " of %" PRIu64 ".%" PRIu64 " %s",
			 done / tenth / 10, done / tenth % 10, total / tenth / 10,
			 total / tenth % 10, units[i].name);
		return;
	}
	snprintf(buf, size, "%" PRIu64 " of %" PRIu64 " bytes", done, total);
}

void sync_seconds_text(uint64_t seconds, char *buf, size_t size)
{
	if (seconds < 60)
		snprintf(buf, size, "%" PRIu64 " s", seconds);
	else if (seconds < 90 * 60)
		snprintf(buf, size, "%" PRIu64 " min", (seconds + 30) / 60);
	else
		snprintf(buf, size, "%" PRIu64 " h", (seconds + 1800) / 3600);
}

bool sync_status_text(const char *manifest, const struct sync_status *status, char *buf,
		      size_t size)
{
	bool is_it = strcmp(status->manifest, manifest) == 0;
	char bytes[80], left[32];

	sync_bytes_text(status->done_bytes, status->total_bytes, bytes, sizeof(bytes));
	sync_seconds_text(status->seconds_left, left, sizeof(left));
	buf[0] = '\0';
	if (*manifest && is_it && status->synced)
		return true;
	if (!*manifest)
		snprintf(buf, size,
			 "the leader is looking at its content; it tells its followers what it has "
			 "when that is done");
	else if (status->trouble[0])
		snprintf(buf, size, "%s", status->trouble);
	else if (status->apart)
		snprintf(buf, size,
			 "Syncthing has no connection to the leader's: is the sync port open "
			 "between them?");
	else if (!is_it || status->total_bytes == 0)
		snprintf(buf, size,
			 "waiting for the list of files, which comes from the leader in the first "
			 "seconds");
	else if (status->done_bytes >= status->total_bytes)
		snprintf(buf, size, "%s, being verified: each file is read once more", bytes);
	else if (status->seconds_left)
		snprintf(buf, size, "%s, %s left", bytes, left);
	else
		snprintf(buf, size, "%s", bytes);
	return false;
}
