/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan - decide what an installation will do, before anything is touched.
 *
 * Pure: no I/O, no clock, no random source, no allocation. A plan that plan_make() returns is complete
 * and fits the disk. apply.c walks its steps; plan_print.c shows it; nothing else is done to the disk.
 */
#ifndef PALETTE_PLAN_H
#define PALETTE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "content_list.h"
#include "disk.h"
#include "lib/fail.h"
#include "manifest.h"

#define PLAN_ALIGN_BYTES  (UINT64_C(1) << 20) /* every partition starts and ends on one */
#define PLAN_BIOS_BYTES	  PLAN_ALIGN_BYTES
#define PLAN_STEPS_MAX	  12
#define PLAN_DIGEST_SHOWN 16 /* hex digits of the digest people see */

/* The sizes that may be changed; DESIGN's are plan_sizes_default. */
struct plan_sizes {
	uint64_t esp_bytes;
	uint64_t system_bytes; /* of each slot */
	uint64_t data_min_bytes;
};
extern const struct plan_sizes plan_sizes_default;

enum plan_role {
	PLAN_BIOS, /* partition 1: GRUB's core image for legacy BIOS */
	PLAN_ESP,
	PLAN_SYSTEM_A,
	PLAN_SYSTEM_B,
	PLAN_DATA, /* partition 5: takes what is left */
	PLAN_PARTS,
};

struct plan_part {
	uint64_t start_bytes; /* multiple of PLAN_ALIGN_BYTES */
	uint64_t size_bytes;  /* likewise, never 0 */
	uint8_t uuid[16];     /* PARTUUID, in the order it is written as text */
};

/* Every number of an installation that must be fresh. */
struct plan_ids {
	uint8_t disk[16];
	uint8_t parts[PLAN_PARTS][16];
	uint8_t data_fs[16];
	uint32_t esp_volume;   /* FAT volume id */
	uint8_t hash_seed[16]; /* of ext4's directory hashes */
	uint8_t random_seed
		[512]; /* what the installed system's first boot stirs into its generator */
};

#define PLAN_SEED_BYTES 32

/* Derives all ids from @seed: from the kernel's generator, or pinned by a test. */
void plan_ids_make(const uint8_t seed[PLAN_SEED_BYTES], struct plan_ids *ret);

enum plan_step_kind {
	PLAN_STEP_CHECK,     /* the medium's content against its digests; nothing is written yet */
	PLAN_STEP_WIPE,	     /* boot code, both partition tables, then old signatures */
	PLAN_STEP_IMAGES,    /* the OS image: medium read once, both slots written */
	PLAN_STEP_READ_BACK, /* both slots, from the disk, against the manifest */
	PLAN_STEP_ESP,	     /* FAT, and every file on it */
	PLAN_STEP_DATA,	     /* ext4, with the log up to here */
	PLAN_STEP_CONTENT,   /* the medium's content, written; none of the three without any */
	PLAN_STEP_CONTENT_BACK, /* the content, from the disk, and the tables of its file system */
	PLAN_STEP_CORE,		/* GRUB's core image; not on 4096-byte sectors */
	PLAN_STEP_TABLE,	/* backup GPT, then primary GPT */
	PLAN_STEP_BOOT_SECTOR,	/* boot code and MBR in one write: from here on BIOS starts it */
	PLAN_STEP_FIRMWARE,	/* UEFI boot entry; only on a UEFI machine's own disk */
	PLAN_STEP_KINDS,
};

struct plan_step {
	enum plan_step_kind kind;
	uint64_t weight_bytes; /* its share of the whole, for the overall bar */
};

struct plan {
	struct disk target; /* as it was chosen: apply checks that it still is that one */
	struct manifest manifest;
	const struct content_list *content; /* borrowed; NULL: there is none */
	struct plan_ids ids;
	struct plan_part parts[PLAN_PARTS];
	struct plan_step steps[PLAN_STEPS_MAX];
	size_t n_steps;
	uint64_t weight_bytes; /* sum of the steps' */
	bool bios;	       /* the machine was started by legacy BIOS: the summary warns */
	bool boot_code;	       /* legacy boot code is written (512-byte sectors) */
	bool active;	 /* boot flag in the protective MBR: old BIOSes want it, UEFI forbids it */
	bool microcode;	 /* the processors' microcode goes to the EFI system partition */
	bool drivers;	 /* so does the initrd of drivers: the disk's own is in it */
	char digest[65]; /* SHA-256 of the plan's canonical text, hex */
};

struct plan_request {
	const struct disk *target; /* judged and offered; size, sector size and identity known */
	const struct manifest *manifest;
	const struct content_list *content; /* may be NULL or empty; must outlive the plan */
	const struct plan_sizes *sizes;
	const struct plan_ids *ids;
	bool bios;	 /* see struct plan */
	bool firmware;	 /* write a UEFI boot entry */
	bool bare_metal; /* the disk starts on real processors, which take microcode */
};

/*
 * What content may take of a data partition of @bytes: without ext4's own tables and journal, what it
 * reserves for root, and what palette-hostd keeps free. On the safe side.
 */
uint64_t plan_content_room(uint64_t bytes);

/* The smallest disk that plan_make() takes, when there is no content. */
uint64_t plan_needed_bytes(const struct plan_sizes *sizes);

/*
 * -ENOSPC: the disk is too small for the system or for the content (both sizes named), or the image does not fit its slot, or the files
 * do not fit the EFI system partition. -EINVAL: sizes that are no multiple of 1 MiB, a sector size
 * that is neither 512 nor 4096. @ret is set on success only.
 */
int plan_make(const struct plan_request *request, struct plan *ret, struct fail *why);

/* Whether the step goes through the content's files, one after the other. */
bool plan_step_is_of_content(enum plan_step_kind kind);

/*
 * The file of @content that is the @item-th of such a step: they are checked from the last to the first
 * and written from the first to the last, so that of content larger than memory the page cache still has
 * what is written first.
 */
const struct manifest_file *plan_content_file(const struct content_list *content,
					      enum plan_step_kind kind, size_t item);

/* "palette-esp" and so on: the partition's name in the GPT. */
const char *plan_role_name(enum plan_role role);

/* "EFI system" and so on, for people. */
const char *plan_role_text(enum plan_role role);

/* Type GUID as text, upper case. */
const char *plan_role_type(enum plan_role role);

#define PLAN_UUID_CHARS 37

/* Lower-case text of a UUID. Returns @buf. */
const char *plan_uuid_text(const uint8_t uuid[16], char buf[PLAN_UUID_CHARS]);

#endif
