/* SPDX-License-Identifier: Apache-2.0 */
/*
 * disk - what is known about one disk, and whether it may be installed on.
 *
 * Pure: probe.c fills the facts in, disk_judge() decides, the rest puts them into words. Every text
 * field is printable ASCII, trimmed, and empty when the hardware does not say.
 */
#ifndef PALETTE_DISK_H
#define PALETTE_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/fail.h"

enum disk_kind {
	DISK_KIND_DISK,
	DISK_KIND_FILE, /* a plain file that becomes a disk image */
	DISK_KIND_CD,
	DISK_KIND_LOOP,
	DISK_KIND_RAM,
	DISK_KIND_ZRAM,
	DISK_KIND_DM,
	DISK_KIND_MD,
	DISK_KIND_FLOPPY,
	DISK_KIND_NBD,	     /* network block device */
	DISK_KIND_NVME_PATH, /* one hidden path of a multipath namespace */
	DISK_KIND_EMMC_BOOT, /* mmcblk0boot0, mmcblk0boot1, mmcblk0rpmb, mmcblk0gp0 */
	DISK_KIND_ZONED,     /* must be written in order: host-managed SMR */
	DISK_KIND_VIRTUAL, /* made by the kernel of something else: bcache0, rbd0, zd0, mtdblock0 */
};

enum disk_transport {
	DISK_TRANSPORT_UNKNOWN,
	DISK_TRANSPORT_SATA,
	DISK_TRANSPORT_IDE,
	DISK_TRANSPORT_SAS,
	DISK_TRANSPORT_SCSI,
	DISK_TRANSPORT_RAID, /* logical disk of a RAID controller */
	DISK_TRANSPORT_NVME,
	DISK_TRANSPORT_VIRTIO,
	DISK_TRANSPORT_USB,
	DISK_TRANSPORT_MMC,
	DISK_TRANSPORT_FC,
	DISK_TRANSPORT_ISCSI,
	DISK_TRANSPORT_HYPERV,
	DISK_TRANSPORT_XEN,
	DISK_TRANSPORT_FILE,
	DISK_TRANSPORTS,
};

/* Why a disk is not offered. The first rule that applies, in this order, is the one named. */
enum disk_excluded {
	DISK_OFFERED,
	DISK_EXCLUDED_MEDIUM,  /* the installation is read from it, however indirectly */
	DISK_EXCLUDED_ANSWERS, /* the answers are read from it, and the result goes there */
	DISK_EXCLUDED_KIND,    /* no disk: CD, loop, RAM, zram, device-mapper, md, floppy, ... */
	DISK_EXCLUDED_NO_SIZE,
	DISK_EXCLUDED_READ_ONLY,
	DISK_EXCLUDED_IN_USE,
	DISK_EXCLUDED_SECTOR_SIZE, /* 4096-byte sectors, and legacy BIOS cannot start those */
	DISK_EXCLUDED_TOO_SMALL,
	DISK_EXCLUDED_SAME, /* another path to a disk of the list */
	DISK_EXCLUDED_N,
};

struct disk {
	char name[32];	/* the kernel's: "sda", "nvme0n1"; empty for a plain file */
	char path[256]; /* "/dev/sda", or the file's path as given */
	char vendor[32];
	char model[64];
	char serial[64];
	char wwn[72]; /* "naa.5000...", "eui.0025...", "nvme...." */
	char location
		[128]; /* "pci-0000:03:00.0-scsi-2:0:0:0": what is left when there is no serial */
	enum disk_kind kind;
	enum disk_transport transport;
	uint64_t size_bytes;
	unsigned nsid;		/* NVMe's number of the namespace; 0: not known */
	unsigned logical_bytes; /* sector size it is addressed by: 512 or 4096 */
	unsigned physical_bytes;
	bool removable;
	bool read_only;
	bool rotational;
	bool extra_driver; /* reached by a driver that the initrd alone does not have */
	uint64_t diskseq;  /* the kernel's number of this insertion; 0: not known (a file) */
	char content
		[200]; /* "empty", "GPT, 3 partitions: ESP, ext4 'data', ntfs", "several signatures" */
	char medium
		[80]; /* how the medium lies on it: "its partition sdb1", "through loop0"; or empty */
	char use[160]; /* who uses it: "sda1 is mounted on /mnt, sda2 is swap"; or empty */

	/* Set by disk_judge(). */
	enum disk_excluded excluded;
	char reason[240]; /* a sentence without the path and the full stop; empty when offered */

	bool matched; /* set by disk_match(): one of those that the answers mean */
};

struct disks {
	struct disk *items; /* sda before sdb before sdaa, nvme2n1 before nvme10n1 */
	size_t n;
};

/* Frees what is inside; fine on a zeroed one. */
void disks_done(struct disks *disks);

struct disk_rules {
	uint64_t need_bytes; /* plan_needed_bytes() */
	bool bios;	     /* the machine was started by legacy BIOS */
	const char *answers; /* name of the disk with the answers, "sdb"; NULL: none */
};

/* Sets @excluded and @reason from the facts. Returns true when the disk is offered. */
bool disk_judge(struct disk *disk, const struct disk_rules *rules);

/*
 * Judges all, and of a disk that is there by several paths leaves the first in. One that is in use or
 * has the medium or the answers by one path is so by all. Returns how many are offered.
 */
size_t disks_judge(struct disks *disks, const struct disk_rules *rules);

/*
 * Is @now still the disk that was chosen as @then? By diskseq, size, serial and WWN, where both know
 * them. -ESTALE names what differs.
 */
int disk_check_same(const struct disk *then, const struct disk *now, struct fail *why);

/* "SATA", "NVMe", "USB", ...; "-" when unknown. */
const char *disk_transport_name(enum disk_transport transport);

/* "SAMSUNG MZ7LH960", or "no model name". Vendor and model without the vendor said twice. */
const char *disk_title(const struct disk *disk, char *buf, size_t size);

/* "serial S4XYNX0R", else "at pci-...", else "no serial number". */
const char *disk_identity(const struct disk *disk, char *buf, size_t size);

/* "960 GB (894.2 GiB)". */
const char *disk_size(const struct disk *disk, char *buf, size_t size);

/*
 * The row of a list at 80 columns: "/dev/sda   960 GB  SATA  SAMSUNG MZ7LH960   S4XYNX0R", cut to
 * @columns. The rest is in disk_detail().
 */
const char *disk_row(const struct disk *disk, unsigned columns, char *buf, size_t size);

/* The line below the list: size in GiB, serial or location, and what is on the disk now. */
const char *disk_detail(const struct disk *disk, char *buf, size_t size);

#endif
