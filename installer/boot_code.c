/* SPDX-License-Identifier: Apache-2.0 */
#include "boot_code.h"

#include <errno.h>
#include <string.h>

/* grub/i386/pc/boot.h */
#define BOOT_CORE_SECTOR 0x5c  /* 64 bits: where the core image begins */
#define BOOT_DRIVE_CHECK 0x66  /* a jump over the check of the drive number */
#define BOOT_CODE_END	 0x1b8 /* the disk's signature and the partition entries follow */

/* grub/offsets.h: the last entry of the block list in the core image's first sector */
#define CORE_LIST_START	  0x1f4 /* 64 bits: where its second sector is */
#define CORE_LIST_SECTORS 0x1fc /* 16 bits: how many follow */
#define CORE_LIST_SEGMENT 0x1fe
#define CORE_SEGMENT	  0x820 /* where the second sector is loaded, in paragraphs */

#define MBR_ENTRY	0x1be
#define MBR_TYPE_GPT	0xee
#define MBR_ENTRY_TYPE	4
#define MBR_FLAG_ACTIVE 0x80
#define MBR_END		0x1fe

static void put_le64(uint8_t *at, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

static unsigned get_le16(const uint8_t *at)
{
	return at[0] | (unsigned)at[1] << 8;
}

int boot_code_patch_core(uint8_t *core, size_t bytes, uint64_t start_sector, struct fail *why)
{
	size_t sectors = (bytes + BOOT_SECTOR_BYTES - 1) / BOOT_SECTOR_BYTES;

	if (sectors < 2 || get_le16(core + CORE_LIST_SEGMENT) != CORE_SEGMENT ||
	    get_le16(core + CORE_LIST_SECTORS) != sectors - 1)
		return fail_with(
			why, EINVAL,
			"core.img is not what grub-mkimage makes for i386-pc: %zu bytes, a "
			"block list of %u sectors",
			bytes, bytes < 512 ? 0 : get_le16(core + CORE_LIST_SECTORS));
	put_le64(core + CORE_LIST_START, start_sector + 1);
	return 0;
}

int boot_code_patch_sector(const uint8_t *boot, size_t boot_bytes, uint64_t core_sector,
			   bool active, uint8_t sector[BOOT_SECTOR_BYTES], struct fail *why)
{
	if (boot_bytes != BOOT_SECTOR_BYTES || boot[0] != 0xeb ||
	    get_le16(boot + MBR_END) != 0xaa55)
		return fail_with(why, EINVAL, "boot.img is no boot sector");
	/* A short jump stands there in every boot.img since GRUB 1.97. */
	if (boot[BOOT_DRIVE_CHECK] != 0xeb)
		return fail_with(why, EINVAL, "boot.img is not GRUB's: no drive check at 0x66");
	if (get_le16(sector + MBR_END) != 0xaa55 ||
	    sector[MBR_ENTRY + MBR_ENTRY_TYPE] != MBR_TYPE_GPT)
		return fail_with(why, EINVAL, "the disk has no protective MBR");
	memcpy(sector, boot, BOOT_CODE_END);
	put_le64(sector + BOOT_CORE_SECTOR, core_sector);
	/* Two NOPs: some BIOSes pass a wrong drive number for a hard disk, the check mends it. */
	memset(sector + BOOT_DRIVE_CHECK, 0x90, 2);
	if (active)
		sector[MBR_ENTRY] = MBR_FLAG_ACTIVE;
	return 0;
}
