/* SPDX-License-Identifier: Apache-2.0 */
/*
 * disk_link - the names that udev gives disks below /dev/disk. Pure.
 *
 * The initrd has no udev that would make the links: they are told by what is known of a disk.
 */
#ifndef PALETTE_DISK_LINK_H
#define PALETTE_DISK_LINK_H

#include <stdbool.h>

#include "disk.h"

/* Is @path below by-id, by-path or by-diskseq? The other links name file systems and partitions. */
bool disk_link_is_known(const char *path);

/* Is @path, absolute, the path of @disk or such a link to it? Cheap disks may share a link. */
bool disk_link_names(const struct disk *disk, const char *path);

/*
 * What udev puts behind the PCI function for USB and SAS ("-sas-phy0-lun-0") takes more than sysfs to
 * tell; where one disk is behind that function it is not needed. A name of our own kind is another
 * place of it. Borrowed; NULL: none or several, or @path is none of by-path.
 */
struct disk *disk_link_alone(const struct disks *disks, const char *path);

#endif
