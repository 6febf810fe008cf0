/* SPDX-License-Identifier: Apache-2.0 */
/*
 * boot_code - GRUB's images for legacy BIOS, made to fit where they are written. Pure.
 *
 * The two facts that grub-bios-setup writes into them: the boot sector learns in which sector the core
 * image begins, the core image's first sector learns where its rest is. Both count in 512-byte
 * sectors; a disk with others cannot be started by legacy BIOS.
 */
#ifndef PALETTE_BOOT_CODE_H
#define PALETTE_BOOT_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/fail.h"

#define BOOT_SECTOR_BYTES 512

/* -EINVAL: @core is no core image of GRUB's i386-pc as grub-mkimage leaves it. Changed in place. */
int boot_code_patch_core(uint8_t *core, size_t bytes, uint64_t start_sector, struct fail *why);

/*
 * Puts the code of @boot (GRUB's boot.img) into @sector, which is the disk's sector 0 with its
 * protective MBR: the partition entries and the disk's signature stay. @active sets the boot flag that
 * old BIOSes look for. -EINVAL: @boot is no boot sector of GRUB's, @sector no protective MBR.
 */
int boot_code_patch_sector(const uint8_t *boot, size_t boot_bytes, uint64_t core_sector,
			   bool active, uint8_t sector[BOOT_SECTOR_BYTES], struct fail *why);

#endif
