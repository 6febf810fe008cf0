/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a disk needs the extra drivers, from trees as sysfs has them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "installer/probe_sysfs.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/memory.h"
#include "lib/proc.h"
#include "test.h"

#define PCI   "sys/devices/pci0000:00/0000:00:05.0"
#define BLOCK PCI "/host2/target2:0:0/2:0:0:0/block/sda"

struct tree {
	char root[40];
};

static struct tree make_tree(const char *pci_driver, const char *list)
{
	struct tree tree = { "/tmp/palette-sysfs-XXXXXX" };
	autofree char *script = NULL;
	const char *argv[] = { "sh", "-c", NULL, NULL };

	CHECK(mkdtemp(tree.root));
	script = xasprintf("cd %s && mkdir -p " BLOCK " sys/module/%s sys/module/sd_mod "
			   "sys/bus/pci/drivers/%s sys/bus/scsi/drivers/sd run/palette && "
			   "ln -s %s/sys/module/%s sys/bus/pci/drivers/%s/module && "
			   "ln -s %s/sys/module/sd_mod sys/bus/scsi/drivers/sd/module && "
			   "ln -s %s/sys/bus/pci/drivers/%s " PCI "/driver && "
			   "ln -s %s/sys/bus/scsi/drivers/sd " PCI
			   "/host2/target2:0:0/2:0:0:0/driver",
			   tree.root, pci_driver, pci_driver, tree.root, pci_driver, pci_driver,
			   tree.root, tree.root, pci_driver, tree.root);
	argv[2] = script;
	CHECK_INT(proc_run(argv, NULL, 0, NULL), 0);
	if (list) {
		autofree char *path = xasprintf("%s/run/palette/extra-modules", tree.root);

		CHECK_INT(file_write_atomic(path, list, strlen(list), 0644, NULL), 0);
	}
	return tree;
}

static bool needs_extra(struct tree tree)
{
	autofree char *dir = xasprintf("%s/" BLOCK, tree.root);
	const char *const argv[] = { "rm", "-r", tree.root, NULL };
	struct disk disk;

	probe_sysfs_disk(tree.root, dir, &disk);
	CHECK_INT(proc_run(argv, NULL, 0, NULL), 0);
	return disk.extra_driver;
}

TEST(a_disk_behind_an_extra_driver_is_known)
{
	CHECK(needs_extra(make_tree("am53c974", "am53c974\nesp_scsi\n")));
	CHECK(needs_extra(make_tree("lpfc", "esp_scsi\nlpfc\n")));
}

TEST(a_disk_that_the_initrd_reaches_is_not)
{
	CHECK(!needs_extra(make_tree("ahci", "am53c974\nesp_scsi\n")));
	/* A part of a name is none. */
	CHECK(!needs_extra(make_tree("lpf", "lpfc\n")));
	CHECK(!needs_extra(make_tree("lpfc", "xlpfc\nlpfc_more\n")));
	CHECK(!needs_extra(make_tree("lpfc", NULL)));
}
