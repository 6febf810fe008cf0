/* SPDX-License-Identifier: Apache-2.0 */
/* probe_mounts - the mount table and swap areas below a root, as far as the installer needs them. */
#ifndef PALETTE_PROBE_MOUNTS_H
#define PALETTE_PROBE_MOUNTS_H

#include <stddef.h>

struct probe_mount {
	char dev[24]; /* "8:17"; "0:..." for what has no device of its own */
	char point[256];
	char source[256]; /* "/dev/sda1", "tmpfs"; for swap the device or file */
};

struct probe_mounts {
	struct probe_mount *mounts;
	size_t n_mounts;
	struct probe_mount *swaps; /* only @source is set */
	size_t n_swaps;
};

/* Of the process that asks. A table that cannot be read is empty. Free with probe_mounts_done(). */
void probe_mounts_read(const char *root, struct probe_mounts *ret);
void probe_mounts_done(struct probe_mounts *mounts);

/* The mount that @path lies in; NULL: none. */
const struct probe_mount *probe_mounts_of(const struct probe_mounts *mounts, const char *path);

#endif
