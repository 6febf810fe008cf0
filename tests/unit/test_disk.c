/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "installer/disk.h"
#include "lib/cleanup.h"
#include "lib/size.h"

static const struct disk_rules rules = { .need_bytes = 10754 * MIB };

static struct disk disk_of(uint64_t mib)
{
	return (struct disk){
		.name = "sda",
		.path = "/dev/sda",
		.vendor = "ATA",
		.model = "SAMSUNG MZ7LH960",
		.serial = "S4XYNX0R",
		.transport = DISK_TRANSPORT_SATA,
		.size_bytes = mib * MIB,
		.logical_bytes = 512,
		.diskseq = 7,
	};
}

TEST(a_disk_that_is_large_enough_and_unused_is_offered)
{
	struct disk disk = disk_of(10754);

	strcpy(disk.reason, "from before");
	CHECK(disk_judge(&disk, &rules));
	CHECK_INT(disk.excluded, DISK_OFFERED);
	CHECK_STR(disk.reason, "");
}

TEST(a_disk_one_mebibyte_too_small_is_refused_and_both_sizes_are_named)
{
	struct disk disk = disk_of(10753);

	CHECK(!disk_judge(&disk, &rules));
	CHECK_INT(disk.excluded, DISK_EXCLUDED_TOO_SMALL);
	CHECK_STR(disk.reason, "it is too small: it has 10753 MiB, the system needs 10754 MiB");
}

TEST(what_is_no_disk_is_never_offered_and_says_what_it_is)
{
	static const enum disk_kind kinds[] = {
		DISK_KIND_CD,	     DISK_KIND_LOOP,	  DISK_KIND_RAM,    DISK_KIND_ZRAM,
		DISK_KIND_DM,	     DISK_KIND_MD,	  DISK_KIND_FLOPPY, DISK_KIND_NBD,
		DISK_KIND_NVME_PATH, DISK_KIND_EMMC_BOOT, DISK_KIND_ZONED,  DISK_KIND_VIRTUAL,
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct disk disk = disk_of(20000);

		disk.kind = kinds[i];
		CHECK(!disk_judge(&disk, &rules));
		CHECK_INT(disk.excluded, DISK_EXCLUDED_KIND);
		CHECK(strlen(disk.reason) > 5);
	}
}

TEST(the_medium_is_named_before_every_other_reason)
{
	struct disk disk = disk_of(0);

	disk.kind = DISK_KIND_CD;
	disk.read_only = true;
	strcpy(disk.medium, "partition sdb1");
	CHECK(!disk_judge(&disk, &rules));
	CHECK_INT(disk.excluded, DISK_EXCLUDED_MEDIUM);
	CHECK_STR(disk.reason, "this installation is read from it (partition sdb1)");
}

TEST(sizeless_read_only_and_used_disks_are_refused)
{
	struct disk empty = disk_of(0), locked = disk_of(20000), used = disk_of(20000);

	locked.read_only = true;
	strcpy(used.use, "sda1 is mounted on /mnt, sda2 is swap");
	CHECK(!disk_judge(&empty, &rules));
	CHECK_INT(empty.excluded, DISK_EXCLUDED_NO_SIZE);
	CHECK(strstr(empty.reason, "it does not answer"));
	empty.removable = true;
	CHECK(!disk_judge(&empty, &rules));
	CHECK(strstr(empty.reason, "an empty slot"));
	CHECK(!disk_judge(&locked, &rules));
	CHECK_STR(locked.reason, "it is read-only");
	CHECK(!disk_judge(&used, &rules));
	CHECK_STR(used.reason, "it is in use: sda1 is mounted on /mnt, sda2 is swap");
}

TEST(sectors_of_4096_bytes_are_fine_for_uefi_and_for_files_but_not_for_bios)
{
	struct disk_rules bios = rules;
	struct disk disk = disk_of(20000);

	bios.bios = true;
	disk.logical_bytes = 4096;
	CHECK(disk_judge(&disk, &rules));
	CHECK(!disk_judge(&disk, &bios));
	CHECK_INT(disk.excluded, DISK_EXCLUDED_SECTOR_SIZE);
	CHECK_STR(disk.reason, "it has 4096-byte sectors, which legacy BIOS cannot start; switch "
			       "the firmware to UEFI");
	disk.kind = DISK_KIND_FILE;
	CHECK(disk_judge(&disk, &bios));
	disk.logical_bytes = 520;
	CHECK(!disk_judge(&disk, &rules));
	CHECK_STR(disk.reason, "it has 520-byte sectors; 512 and 4096 are supported");
}

TEST(another_disk_under_the_same_name_is_found_out_by_whatever_tells_them_apart)
{
	struct disk then = disk_of(20000), now;
	struct fail why = { 0 };

	now = then;
	CHECK_INT(disk_check_same(&then, &now, &why), 0);
	now.diskseq = 8;
	CHECK_INT(disk_check_same(&then, &now, &why), -ESTALE);
	CHECK_STR(why.msg, "/dev/sda is no longer the disk that was chosen: it was removed and "
			   "inserted again, or another one took its name");
	strcpy(now.serial, "OTHER");
	CHECK_INT(disk_check_same(&then, &now, &why), -ESTALE);
	CHECK_STR(why.msg, "/dev/sda is no longer the disk that was chosen: its serial number was "
			   "S4XYNX0R and is now OTHER");
	now = then;
	now.size_bytes -= 512;
	CHECK_INT(disk_check_same(&then, &now, &why), -ESTALE);
	now = then;
	strcpy(now.wwn, "naa.5000");
	CHECK_INT(disk_check_same(&then, &now, &why), -ESTALE);
	now = then;
	now.logical_bytes = 4096;
	CHECK_INT(disk_check_same(&then, &now, &why), -ESTALE);
}

TEST(of_two_paths_to_one_disk_the_first_is_offered_unless_the_other_is_in_use)
{
	struct disk items[2] = { disk_of(20000), disk_of(20000) };
	struct disks disks = { items, 2 };

	strcpy(items[1].path, "/dev/sdb");
	strcpy(items[0].wwn, "naa.5000c500da000001");
	strcpy(items[1].wwn, items[0].wwn);
	CHECK_INT(disks_judge(&disks, &rules), 1);
	CHECK_INT(items[1].excluded, DISK_EXCLUDED_SAME);
	CHECK_STR(items[1].reason, "another path to the disk /dev/sda (WWN naa.5000c500da000001)");
	strcpy(items[1].use, "sdb1 is mounted on /mnt");
	CHECK_INT(disks_judge(&disks, &rules), 0);
	CHECK_STR(items[0].reason, "another path to the disk /dev/sdb (WWN naa.5000c500da000001): "
				   "it is in use: sdb1 is mounted on /mnt");
}

TEST(the_disk_with_the_answers_is_no_target_by_any_of_its_paths)
{
	struct disk items[2] = { disk_of(20000), disk_of(20000) };
	struct disks disks = { items, 2 };
	struct disk_rules with_answers = rules;

	strcpy(items[0].name, "sda");
	strcpy(items[1].name, "sdb");
	with_answers.answers = "sdb";
	CHECK_INT(disks_judge(&disks, &with_answers), 1);
	CHECK_INT(items[1].excluded, DISK_EXCLUDED_ANSWERS);
	CHECK_STR(items[1].reason, "the answers are read from it");
	strcpy(items[0].wwn, "naa.5000c500da000001");
	strcpy(items[1].wwn, items[0].wwn);
	CHECK_INT(disks_judge(&disks, &with_answers), 0);
	CHECK_INT(items[0].excluded, DISK_EXCLUDED_SAME);
}

TEST(cheap_disks_that_share_a_wwn_are_told_apart)
{
	struct disk items[2] = { disk_of(20000), disk_of(20000) };
	struct disks disks = { items, 2 };

	strcpy(items[0].wwn, "eui.0000000001000000");
	strcpy(items[1].wwn, items[0].wwn);
	strcpy(items[1].serial, "OTHER");
	CHECK_INT(disks_judge(&disks, &rules), 2);
	strcpy(items[1].serial, items[0].serial);
	items[1].size_bytes -= 512;
	CHECK_INT(disks_judge(&disks, &rules), 2);
	items[1].size_bytes += 512;
	strcpy(items[0].wwn, "t10.ATA QEMU HARDDISK");
	strcpy(items[1].wwn, items[0].wwn);
	CHECK_INT(disks_judge(&disks, &rules), 2);
}

TEST(a_disk_without_names_is_told_by_its_place)
{
	struct disk disk = disk_of(20000);
	char buf[200];

	CHECK_STR(disk_title(&disk, buf, sizeof(buf)), "SAMSUNG MZ7LH960");
	CHECK_STR(disk_identity(&disk, buf, sizeof(buf)), "serial S4XYNX0R");
	disk.serial[0] = disk.model[0] = '\0';
	strcpy(disk.location, "pci-0000:03:00.0-scsi-2:0:0:0");
	CHECK_STR(disk_title(&disk, buf, sizeof(buf)), "no model name");
	CHECK_STR(disk_identity(&disk, buf, sizeof(buf)), "at pci-0000:03:00.0-scsi-2:0:0:0");
	disk.location[0] = '\0';
	CHECK_STR(disk_identity(&disk, buf, sizeof(buf)), "no serial number");
}

TEST(a_vendor_that_the_model_repeats_is_said_once)
{
	struct disk disk = disk_of(20000);
	char buf[200];

	strcpy(disk.vendor, "VMware");
	strcpy(disk.model, "VMware Virtual SATA Hard Drive");
	CHECK_STR(disk_title(&disk, buf, sizeof(buf)), "VMware VMware Virtual SATA Hard Drive" + 7);
	strcpy(disk.model, "Virtual disk");
	CHECK_STR(disk_title(&disk, buf, sizeof(buf)), "VMware Virtual disk");
}

TEST(sizes_are_told_as_on_the_label_and_in_binary_units)
{
	struct disk disk = disk_of(0);
	char buf[80];

	disk.size_bytes = 960197124096;
	CHECK_STR(disk_size(&disk, buf, sizeof(buf)), "960 GB (894 GiB)");
}
