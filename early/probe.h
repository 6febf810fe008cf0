/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe - look at a block device in a process of its own.
 *
 * A drive that spins up, or a dying disk, answers its first read after many seconds; the others must
 * not wait for it.
 */
#ifndef PALETTE_PROBE_H
#define PALETTE_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/fail.h"

struct probe_result {
	unsigned search; /* as in the kind: an answer to an earlier question may come late */
	char name[64];	 /* the device that was looked at, without /dev/ */
	bool found;	 /* it has what was looked for */
	char device[80]; /* the path of what was found: the device or a partition of it */
};

struct probe_kind {
	/* Whether @device has @what; writes the path to use. Runs in the child. */
	bool (*matches)(const char *device, const char *what, char *ret_path, size_t size);
	const char *what;
	unsigned search;
};

/* Starts a child that looks at /dev/@name and writes a struct probe_result to @result_fd. */
int probe_start(const char *name, const struct probe_kind *kind, int result_fd, struct fail *why);

/* The medium: ISO 9660 with this volume set id. */
bool probe_medium(const char *device, const char *medium_id, char *ret_path, size_t size);

/* A file system with this UUID. */
bool probe_fs_uuid(const char *device, const char *uuid, char *ret_path, size_t size);

/* A disk with a partition of this PARTUUID. */
bool probe_partuuid(const char *device, const char *partuuid, char *ret_path, size_t size);

#endif
