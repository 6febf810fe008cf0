/* SPDX-License-Identifier: Apache-2.0 */
/* sync_config - what Syncthing is told: whom it talks to and the one folder; and what is said of it. Pure. */
#ifndef PALETTE_LINK_SYNC_CONFIG_H
#define PALETTE_LINK_SYNC_CONFIG_H

#include <jansson.h>

#include "sync.h"

#define SYNC_FOLDER_BYTES 32

/*
 * "palette-" and the first part of the leader's device id: what is known of one leader's folder never
 * mixes with another's. "" where the id is not known.
 */
void sync_folder_id(const char *leader_device, char buf[SYNC_FOLDER_BYTES]);

/* For PUT /rest/config/devices: this host and all whose id is known. New; NULL: no memory. */
json_t *sync_config_devices(const char *self, const struct sync_peer *peers, size_t n);

struct sync_folder_config {
	const char *id, *path;
	enum sync_role role;
	const char *self; /* this host's device */
	const struct sync_peer *peers;
	size_t n_peers;
	uint64_t keep_mb; /* what is left free of the disk */
	bool paused;
};

/* For PUT /rest/config/folders. New; NULL: no memory. */
json_t *sync_config_folders(const struct sync_folder_config *config);

/* Of a folder's state: it hashes or fetches, and another list of devices would interrupt it. */
bool sync_folder_is_busy(const char *state);

/* "3.1 of 12.4 GB", in the unit of the second one. */
void sync_bytes_text(uint64_t done, uint64_t total, char *buf, size_t size);

/* "2 min", "40 s", "3 h". */
void sync_seconds_text(uint64_t seconds, char *buf, size_t size);

/* As sync_peer_text(), with the leader's @manifest. */
bool sync_status_text(const char *manifest, const struct sync_status *status, char *buf,
		      size_t size);

#endif
