/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe_medium - which disks does a directory lie on? Through partitions, loop devices, device-mapper
 * and md, however deep. Reads sysfs and procfs below a root; changes nothing.
 */
#ifndef PALETTE_PROBE_MEDIUM_H
#define PALETTE_PROBE_MEDIUM_H

#include <stdbool.h>
#include <stddef.h>

#define PROBE_HITS_MAX 16

struct probe_hit {
	char name[32]; /* kernel name of a device the directory lies on, at any depth */
	char how[80];  /* "partition sdb1", "a file on partition sda1, through loop0" */
};

struct probe_hits {
	struct probe_hit items[PROBE_HITS_MAX];
	size_t n;
	bool on_device; /* false: the directory is in memory or on the network */
};

/* @path as seen by the mount table below @root. Cannot fail: what is not found is no hit. */
void probe_medium_find(const char *root, const char *path, struct probe_hits *ret);

/* NULL: the directory does not lie on the device @name. */
const struct probe_hit *probe_medium_hit(const struct probe_hits *hits, const char *name);

#endif
