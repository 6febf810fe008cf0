/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hardware - what the machine has beside its disks: processors, memory, RAID controllers; and whether
 * its list of disks has changed. Reads sysfs and procfs below a given root.
 */
#ifndef PALETTE_HARDWARE_H
#define PALETTE_HARDWARE_H

#include <stddef.h>
#include <stdint.h>

#define HARDWARE_RAID_MAX 4

struct hardware {
	unsigned cpus;			  /* 0: not known */
	uint64_t memory_bytes;		  /* what the kernel has; 0: not known */
	char raid[HARDWARE_RAID_MAX][64]; /* "Broadcom (LSI) at 0000:03:00.0" */
	size_t n_raid;
};

/* Never fails: what cannot be read stays 0. */
void hardware_probe(const char *root, struct hardware *ret);

/*
 * What falls short of what an edge host should have, as one sentence: "Recommended: 2 CPUs, ...; this
 * machine has ...". Empty when nothing does. Never a reason to refuse. Returns @buf.
 */
const char *hardware_shortfall(const struct hardware *hardware, uint64_t disk_bytes, char *buf,
			       size_t size);

/* A number that changes when a disk comes, goes, or changes its size. */
uint64_t hardware_disks_mark(const char *root);

/* Has every SCSI host look for new disks. Without effect for a root other than "/". */
void hardware_rescan(const char *root);

#endif
