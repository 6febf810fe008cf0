/* SPDX-License-Identifier: Apache-2.0 */
/* probe_sysfs - the facts of one block device from its directory in sysfs. */
#ifndef PALETTE_PROBE_SYSFS_H
#define PALETTE_PROBE_SYSFS_H

#include "disk.h"

/*
 * Fills everything of @ret but content, medium and use. @root is "" or the root of a recorded tree,
 * @dir the real path of the device's directory below @root/sys.
 */
void probe_sysfs_disk(const char *root, const char *dir, struct disk *ret);

/* Copies @text with what is not printable ASCII left out and blanks cut off both ends. */
void probe_sysfs_clean(const char *text, char *buf, size_t size);

#endif
