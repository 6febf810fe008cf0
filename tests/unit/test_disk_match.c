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
	  .nsid = 1,
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
static struct disks disks = { items, ARRAY_SIZE(items) };

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
		{ "size>=960GB, transport=SATA", "/dev/sda" },
		{ "size>= 3840 GB", "/dev/nvme0n1" },
		{ "size>=400G, smallest, transport=virtio", "/dev/vda" },
		{ "/dev/disk/by-id/ata-SAMSUNG_MZ7LH960_S4XYNX0R612003", "/dev/sda" },
		{ "/dev/disk/by-id/wwn-0x5002538e40a1b2c3", "/dev/sda" },
		{ "/dev/disk/by-id/nvme-eui.00253844a1b2c3d4", "/dev/nvme0n1" },
		{ "/dev/disk/by-id/nvme-Dell_Ent_NVMe_CM6_RI_3.84TB_Y0G0A01WTCE8", "/dev/nvme0n1" },
		{ "/dev/disk/by-id/nvme-Dell_Ent_NVMe_CM6_RI_3.84TB_Y0G0A01WTCE8_1",
		  "/dev/nvme0n1" },
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

/* Of ATA disks with the whole model and with what SCSI has room for; of SCSI disks with a digit before it. */
TEST(links_of_ata_and_scsi_disks_are_as_udev_makes_them)
{
	static struct disk two[] = {
		{ .path = "/dev/sde",
		  .vendor = "ATA",
		  .model = "Samsung SSD 870 EVO 500GB",
		  .serial = "S62ANJ0R123456",
		  .transport = DISK_TRANSPORT_SATA,
		  .size_bytes = 500 * GB },
		{ .path = "/dev/sdf",
		  .vendor = "QEMU",
		  .model = "QEMU HARDDISK",
		  .serial = "drive-scsi0",
		  .transport = DISK_TRANSPORT_SCSI,
		  .size_bytes = 20 * GB },
	};
	static struct disks both = { two, ARRAY_SIZE(two) };
	static const struct {
		const char *text, *path;
	} cases[] = {
		{ "/dev/disk/by-id/ata-Samsung_SSD_870_EVO_500GB_S62ANJ0R123456", "/dev/sde" },
		{ "/dev/disk/by-id/scsi-1ATA_Samsung_SSD_870_EVO_500GB_S62ANJ0R123456",
		  "/dev/sde" },
		{ "/dev/disk/by-id/scsi-0ATA_Samsung_SSD_870_S62ANJ0R123456", "/dev/sde" },
		{ "/dev/disk/by-id/scsi-SATA_Samsung_SSD_870_S62ANJ0R123456", "/dev/sde" },
		{ "/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_drive-scsi0", "/dev/sdf" },
		{ "/dev/disk/by-id/ata-Samsung_SSD_870_S62ANJ0R123456", NULL },
		{ "/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_drive-scsi1", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct disk *disk = NULL;
		struct fail why = { 0 };
		int r = disk_match(cases[i].text, &both, &disk, &why);

		if ((r == 0) != (cases[i].path != NULL))
			fail_msg("%s: %s", cases[i].text, why.msg);
		if (r == 0)
			CHECK_STR(disk->path, cases[i].path);
	}
}

TEST(none_and_several_are_refused_and_listed)
{
	static const struct {
		const char *text, *says;
		int r;
	} cases[] = {
		{ "transport=sata",
		  "disk = transport=sata: 2 disks match, one must: /dev/sda (960 GB, SATA, "
		  "serial S4XYNX0R612003); /dev/sdb (480 GB, SATA, serial PHYF012345)",
		  -ENOTUNIQ },
		{ "smallest", "disk = smallest: 2 disks match, one must: /dev/sdb", -ENOTUNIQ },
		{ "serial=nobody's",
		  "disk = serial=nobody's: no such disk can be installed on; there are: /dev/sda",
		  -ENODEV },
		{ "transport=sata, size>=960G",
		  "disk = transport=sata, size>=960G (at least 1030 GB): no such disk can be "
		  "installed on; there are: /dev/sda (960 GB, ",
		  -ENODEV },
		{ "size>=4T", "disk = size>=4T (at least 4398 GB): no such disk", -ENODEV },
		{ "serial=4C530001",
		  "disk = serial=4C530001: no such disk can be installed on; there are", -ENODEV },
		{ "/dev/sdc",
		  "disk = /dev/sdc: /dev/sdc cannot be installed on: this installation is read",
		  -ENODEV },
		{ "/dev/sdz", "disk = /dev/sdz: no such disk", -ENODEV },
		{ "/dev/disk/by-id/nvme-Dell_Ent_NVMe_CM6_RI_3.84TB_Y0G0A01WTCE8_2",
		  "disk = /dev/disk/by-id/nvme-", -ENODEV },
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
	struct disks empty = { 0 };
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

TEST(a_path_is_below_dev_and_has_no_comment_behind_it)
{
	static const struct {
		const char *text, *says; /* NULL: it is one */
	} cases[] = {
		{ "/dev/sda", NULL },
		{ "/dev/mapper/mpatha", NULL },
		{ "/dev/disk/by-id/ata-A#B_1", NULL }, /* udev leaves it as it is */
		{ "/", "\"/\" is not below /dev: a disk is, such as /dev/sda" },
		{ "/dev/", "\"/dev/\" is not below /dev" },
		{ "/sda", "\"/sda\" is not below /dev" },
		{ "/home/disk.img", "\"/home/disk.img\" is not below /dev" },
		{ "/dev/sda  # first",
		  "\"/dev/sda  # first\" is no path of a disk; a comment stands on a line of its "
		  "own" },
		{ "/dev/sda#1", "\"/dev/sda#1\" is no path of a disk" },
		{ "/dev/sda\tx", "\"/dev/sda\tx\" is no path of a disk" },
		{ "/dev/disk/by-id/ata-A # B", "\"/dev/disk/by-id/ata-A # B\" is no path of a" },
		{ "serial=S4X # first",
		  "serial=S4X # first: a comment stands on a line of its own" },
		{ "transport=sata # first", "transport=sata # first: it is none of those that" },
		{ "transport=nvm", "transport=nvm: it is none of those that" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fail why = { 0 };
		int r = disk_match_check(cases[i].text, &why);

		CHECK_INT(r, cases[i].says ? -EINVAL : 0);
		if (r < 0 && strncmp(why.msg, cases[i].says, strlen(cases[i].says)) != 0)
			fail_msg("%s", why.msg);
	}
}

/* Two cheap disks with the same made-up EUI; the second is there by two paths. */
static struct disk twins[] = {
	{ .path = "/dev/nvme0n1",
	  .model = "NE-512",
	  .serial = "NE1",
	  .wwn = "eui.0000000001000000",
	  .size_bytes = 512 * GB },
	{ .path = "/dev/nvme1c1n1",
	  .kind = DISK_KIND_NVME_PATH,
	  .model = "NE-512",
	  .serial = "NE2",
	  .wwn = "eui.0000000001000000",
	  .size_bytes = 512 * GB,
	  .excluded = DISK_EXCLUDED_KIND,
	  .reason = "one path of a multipath NVMe disk" },
	{ .path = "/dev/nvme1n1",
	  .model = "NE-512",
	  .serial = "NE2",
	  .wwn = "eui.0000000001000000",
	  .size_bytes = 512 * GB },
	{ .path = "/dev/nvme2n1",
	  .model = "NE-512",
	  .serial = "NE2",
	  .wwn = "eui.0000000001000000",
	  .size_bytes = 512 * GB,
	  .excluded = DISK_EXCLUDED_SAME,
	  .reason = "another path to the disk /dev/nvme1n1" },
};

#define TWINS_EUI "/dev/disk/by-id/nvme-eui.0000000001000000"

TEST(a_link_that_disks_share_is_refused_and_they_are_listed)
{
	struct disks all = { twins, ARRAY_SIZE(twins) };
	const struct disk *disk = NULL;
	struct fail why = { 0 };

	CHECK_INT(disk_match(TWINS_EUI, &all, &disk, &why), -ENOTUNIQ);
	CHECK_STR(why.msg, "disk = " TWINS_EUI ": 2 disks match, one must: "
			   "/dev/nvme0n1 (512 GB, -, serial NE1); "
			   "/dev/nvme1n1 (512 GB, -, serial NE2)");
	CHECK(disk == NULL);
	CHECK(twins[0].matched && !twins[1].matched && twins[2].matched && !twins[3].matched);

	/* The other has the medium: the link may mean it as well. */
	twins[0].excluded = DISK_EXCLUDED_MEDIUM;
	CHECK_INT(disk_match(TWINS_EUI, &all, &disk, &why), -ENOTUNIQ);
	twins[0].excluded = DISK_OFFERED;
}

TEST(paths_to_one_disk_are_one_disk)
{
	struct disks second = { &twins[1], 3 };
	const struct disk *disk = NULL;
	struct fail why = { 0 };

	CHECK_INT(disk_match(TWINS_EUI, &second, &disk, &why), 0);
	CHECK_STR(disk->path, "/dev/nvme1n1");
	disk = NULL;
	CHECK_INT(disk_match("/dev/nvme2n1", &second, &disk, &why), -ENODEV);
	CHECK_STR(why.msg, "disk = /dev/nvme2n1: /dev/nvme2n1 cannot be installed on: another path "
			   "to the disk /dev/nvme1n1");
	/* All that the link names is in use: that is the mistake, not how many they are. */
	for (size_t i = 0; i < ARRAY_SIZE(twins); i++) {
		twins[i].excluded = DISK_EXCLUDED_IN_USE;
		snprintf(twins[i].reason, sizeof(twins[i].reason), "it is in use: dm-0");
	}
	CHECK_INT(disk_match(TWINS_EUI, &second, &disk, &why), -ENODEV);
	CHECK_STR(why.msg, "disk = " TWINS_EUI ": /dev/nvme1n1 cannot be installed on: it is in "
			   "use: dm-0");
	CHECK(disk == NULL);
}

TEST(a_namespace_of_an_nvme_disk_is_one_of_several)
{
	static struct disk namespaces[] = {
		{ .path = "/dev/nvme0n1",
		  .model = "P",
		  .serial = "S",
		  .nsid = 1,
		  .size_bytes = GB },
		{ .path = "/dev/nvme0n2",
		  .model = "P",
		  .serial = "S",
		  .nsid = 3,
		  .size_bytes = GB },
		/* Its number is not known, and its name may be anything. */
		{ .path = "/dev/nvme1n1", .model = "P", .serial = "S2", .size_bytes = GB },
	};
	static const struct {
		const char *text, *path;
		int r;
	} cases[] = {
		{ "/dev/disk/by-id/nvme-P_S_1", "/dev/nvme0n1", 0 },
		{ "/dev/disk/by-id/nvme-P_S_3", "/dev/nvme0n2", 0 },
		{ "/dev/disk/by-id/nvme-P_S_2", NULL, -ENODEV },
		{ "/dev/disk/by-id/nvme-P_S", NULL, -ENOTUNIQ },
		{ "/dev/disk/by-id/nvme-P_S2", "/dev/nvme1n1", 0 },
		{ "/dev/disk/by-id/nvme-P_S2_1", NULL, -ENODEV },
		{ "/dev/disk/by-id/nvme-P_S2_0", NULL, -ENODEV },
	};
	struct disks all = { namespaces, ARRAY_SIZE(namespaces) };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct disk *disk = NULL;

		CHECK_INT(disk_match(cases[i].text, &all, &disk, NULL), cases[i].r);
		CHECK((disk == NULL) == (cases[i].path == NULL));
		if (disk)
			CHECK_STR(disk->path, cases[i].path);
	}
}

TEST(a_condition_stands_once)
{
	static const char *const texts[] = {
		"size>=1T, size>=100G",		 "model=A*,model=*B",	      "serial=1, serial=1",
		"transport=sata,transport=nvme", "largest, size>=1, largest", "smallest,smallest"
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct fail why = { 0 };

		CHECK_INT(disk_match_check(texts[i], &why), -EINVAL);
		CHECK(strstr(why.msg, " is there twice: leave one of them") != NULL);
	}
}

TEST(what_does_not_fit_the_message_is_counted)
{
	static struct disk many[40];
	struct disks all = { many, ARRAY_SIZE(many) };
	const struct disk *disk = NULL;
	char longest[200] = "transport=sas,serial=";
	struct fail why = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(many); i++) {
		many[i] =
			(struct disk){ .transport = DISK_TRANSPORT_SAS, .size_bytes = 18000 * GB };
		snprintf(many[i].path, sizeof(many[i].path), "/dev/sd%zu", i);
		snprintf(many[i].serial, sizeof(many[i].serial), "ZR5%05zu", i);
	}
	CHECK_INT(disk_match("transport=sas", &all, &disk, &why), -ENOTUNIQ);
	for (const char *p = why.msg; (p = strstr(p, "(18 TB, SAS, serial ZR5")); p++)
		n++;
	CHECK_STR(why.msg + strlen(why.msg) - strlen("); and 31 more: the log lists all"),
		  "); and 31 more: the log lists all");
	CHECK_INT(n, 9);
	for (size_t i = 0; i < ARRAY_SIZE(many); i++)
		CHECK(many[i].matched);

	/* The longest answer and the longest names leave room for one. */
	memset(longest + strlen(longest), '*', sizeof(longest) - 1 - strlen(longest));
	for (size_t i = 0; i < ARRAY_SIZE(many); i++) {
		memset(many[i].serial, 'S', sizeof(many[i].serial) - 1);
		snprintf(many[i].path, sizeof(many[i].path), "/dev/%031zu", i);
	}
	CHECK_INT(disk_match(longest, &all, &disk, &why), -ENOTUNIQ);
	CHECK(strstr(why.msg, "SSS); and 39 more: the log lists all") != NULL);
}
