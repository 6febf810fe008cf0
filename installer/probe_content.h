/* SPDX-License-Identifier: Apache-2.0 */
/* probe_content - what is on a disk now, in one line. Reads only. */
#ifndef PALETTE_PROBE_CONTENT_H
#define PALETTE_PROBE_CONTENT_H

#include <stddef.h>

/*
 * "empty", "ext4 'data'", "GPT, 3 partitions: ESP, ext4 'data', ntfs", "several signatures: xfs,
 * zfs_member". @path is the disk, or a sparse file with its first and last MiB. Cannot fail: what
 * went wrong is the answer ("cannot be read: Input/output error").
 */
void probe_content(const char *path, unsigned sector_bytes, char *buf, size_t size);

#endif
