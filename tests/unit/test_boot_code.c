/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>
#include <string.h>

#include "installer/boot_code.h"

static void make_boot(uint8_t boot[512])
{
	memset(boot, 0x11, 512);
	boot[0] = 0xeb;
	boot[0x66] = 0xeb;
	boot[0x67] = 0x05;
	boot[0x1fe] = 0x55;
	boot[0x1ff] = 0xaa;
}

static void make_mbr(uint8_t sector[512])
{
	memset(sector, 0, 512);
	memset(sector + 0x1b8, 0x77, 4); /* the disk's signature */
	sector[0x1be + 4] = 0xee;
	sector[0x1be + 8] = 1;
	sector[0x1fe] = 0x55;
	sector[0x1ff] = 0xaa;
}

TEST(the_boot_sector_gets_code_and_place_and_keeps_table_and_signature)
{
	static const uint8_t place[8] = { 0x00, 0x08 };
	uint8_t boot[512], sector[512];

	make_boot(boot);
	make_mbr(sector);
	CHECK_INT(boot_code_patch_sector(boot, 512, 2048, true, sector, NULL), 0);
	CHECK_INT(sector[0], 0xeb);
	CHECK_MEM(sector + 0x5c, place, 8);
	CHECK_INT(sector[0x66], 0x90);
	CHECK_INT(sector[0x67], 0x90);
	CHECK_INT(sector[0x1b7], 0x11);
	CHECK_INT(sector[0x1b8], 0x77);
	CHECK_INT(sector[0x1be], 0x80);
	CHECK_INT(sector[0x1be + 4], 0xee);
	CHECK_INT(sector[0x1be + 8], 1);
	make_mbr(sector);
	CHECK_INT(boot_code_patch_sector(boot, 512, 2048, false, sector, NULL), 0);
	CHECK_INT(sector[0x1be], 0);
}

TEST(a_sector_without_protective_mbr_or_a_foreign_boot_image_is_refused)
{
	uint8_t boot[512], sector[512], before[512];
	struct fail why = { 0 };

	make_boot(boot);
	memset(sector, 0, sizeof(sector));
	memcpy(before, sector, sizeof(before));
	CHECK_INT(boot_code_patch_sector(boot, 512, 2048, true, sector, &why), -EINVAL);
	CHECK_STR(why.msg, "the disk has no protective MBR");
	CHECK_MEM(sector, before, sizeof(before));
	make_mbr(sector);
	CHECK_INT(boot_code_patch_sector(boot, 511, 2048, true, sector, &why), -EINVAL);
	boot[0x66] = 0x90;
	CHECK_INT(boot_code_patch_sector(boot, 512, 2048, true, sector, &why), -EINVAL);
	CHECK_STR(why.msg, "boot.img is not GRUB's: no drive check at 0x66");
}

TEST(the_core_image_learns_where_its_second_sector_is)
{
	static const uint8_t want[12] = { 0x01, 0x08, 0, 0, 0, 0, 0, 0, 0x02, 0, 0x20, 0x08 };
	uint8_t core[1300] = { 0 };
	struct fail why = { 0 };

	core[0x1f4] = 2;
	core[0x1fc] = 2; /* 1300 bytes: two more sectors, the last one not full */
	core[0x1fe] = 0x20;
	core[0x1ff] = 0x08;
	CHECK_INT(boot_code_patch_core(core, sizeof(core), 2048, NULL), 0);
	CHECK_MEM(core + 0x1f4, want, sizeof(want));
	core[0x1fc] = 3;
	CHECK_INT(boot_code_patch_core(core, sizeof(core), 2048, &why), -EINVAL);
	CHECK_STR(why.msg,
		  "core.img is not what grub-mkimage makes for i386-pc: 1300 bytes, a block "
		  "list of 3 sectors");
	CHECK_INT(boot_code_patch_core(core, 300, 2048, &why), -EINVAL);
}
