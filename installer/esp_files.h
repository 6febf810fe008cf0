/* SPDX-License-Identifier: Apache-2.0 */
/*
 * esp_files - what is on the EFI system partition: where each file comes from, and the text of those
 * that are made for one installation. Pure.
 */
#ifndef PALETTE_ESP_FILES_H
#define PALETTE_ESP_FILES_H

#include <stddef.h>
#include <stdint.h>

#include "lib/fail.h"
#include "lib/grubenv.h"
#include "plan.h"

/* One file of the medium and its places on the partition. */
struct esp_copy {
	const char *from;  /* path of the manifest */
	const char *to[2]; /* paths on the partition; the second may be NULL */
};

#define ESP_COPIES 7
extern const struct esp_copy esp_copies[ESP_COPIES];

/* Whether this installation has the file. */
bool esp_copy_wanted(const struct plan *plan, const struct esp_copy *copy);

/* All directories, parents first. */
#define ESP_DIRS 8
extern const char *const esp_dirs[ESP_DIRS];

/* FAT's parameters for a partition: FAT32 where it is large enough, else FAT16. */
struct esp_fat {
	unsigned bits;
	unsigned cluster_sectors;
};

/* -ENOSPC: too small for FAT16 with this sector size. */
int esp_fat_choose(uint64_t bytes, unsigned sector_bytes, struct esp_fat *ret, struct fail *why);

/* "1234-ABCD", as GRUB and blkid write a FAT volume id. */
#define ESP_VOLUME_CHARS 10
const char *esp_volume_text(uint32_t volume, char buf[ESP_VOLUME_CHARS]);

/*
 * @text with each @NAME@ of docs/FORMATS.md replaced. Caller frees. -EINVAL with the line's number: a
 * placeholder that is not known.
 */
int esp_grub_cfg(const struct plan *plan, const char *text, char **ret, struct fail *why);

/*
 * The environment block of a fresh installation: slot a first, no attempt counted; and the kernel's
 * consoles where @console ("tty0 ttyS1,115200n8") is not NULL.
 */
int esp_grubenv(const char *console, char block[static GRUBENV_BYTES], struct fail *why);

/* palette/install.conf. Caller frees. */
char *esp_install_conf(const struct plan *plan, int64_t now_seconds);

#endif
