/* SPDX-License-Identifier: Apache-2.0 */
/* The small pure parts of palette-init. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "early/module_extra.h"
#include "early/module_index.h"
#include "early/mounts.h"
#include "early/notice_lines.h"
#include "early/uevent.h"
#include "early/verity.h"
#include "early/volume.h"
#include "lib/cleanup.h"
#include "lib/memory.h"
#include "lib/proc.h"
#include "test.h"

TEST(an_event_of_the_kernel_is_taken_apart)
{
	static const char message[] = "add@/devices/pci0000:00/block/sda\0ACTION=add\0"
				      "SUBSYSTEM=block\0DEVNAME=sda\0SEQNUM=1";
	struct uevent event;

	CHECK_INT(uevent_parse(message, sizeof(message), &event), 0);
	CHECK_STR(event.action, "add");
	CHECK_STR(event.subsystem, "block");
	CHECK_STR(event.devname, "sda");
	CHECK_STR(event.modalias, "");
}

TEST(what_is_no_event_of_the_kernel_is_refused)
{
	static const char udev[] = "libudev\0\xfe\xed\xca\xfe";
	static const char unterminated[] = { 'a', '@', '/', '\0', 'A', '=' };
	static const char no_action[] = "add@/devices/x\0SUBSYSTEM=block";
	struct uevent event;

	CHECK_INT(uevent_parse("", 0, &event), -EINVAL);
	CHECK_INT(uevent_parse(udev, sizeof(udev), &event), -EINVAL);
	CHECK_INT(uevent_parse(unterminated, sizeof(unterminated), &event), -EINVAL);
	CHECK_INT(uevent_parse(no_action, sizeof(no_action), &event), -EINVAL);
}

static struct module_index index_of(const char *dep, const char *alias)
{
	struct module_index index;

	module_index_make(strdup(dep), &index);
	module_index_add_aliases(&index, strdup(alias));
	return index;
}

static const char dep[] = "kernel/drivers/ata/ahci.ko: kernel/drivers/ata/libahci.ko "
			  "kernel/drivers/ata/libata.ko\n"
			  "kernel/drivers/ata/libahci.ko: kernel/drivers/ata/libata.ko\n"
			  "kernel/drivers/ata/libata.ko:\n"
			  "kernel/drivers/usb/storage/usb-storage.ko:\n"
			  "kernel/drivers/usb/storage/uas.ko: kernel/drivers/usb/storage/"
			  "usb-storage.ko\n";

static const char alias[] = "# Aliases\n"
			    "alias pci:v00008086d00002922sv*sd*bc*sc*i* ahci\n"
			    "alias usb:v*p*d*dc*dsc*dp*ic08isc06ip50in* usb_storage\n"
			    "alias usb:v*p*d*dc*dsc*dp*ic08isc06ip*in* uas\n"
			    "alias fs-gone gone\n";

TEST(a_module_is_found_by_name_with_either_dash_and_by_path)
{
	struct module_index index = index_of(dep, alias);
	struct module *module = module_index_find(&index, "usb-storage");

	CHECK(module != NULL);
	CHECK(module_index_find(&index, "usb_storage") == module);
	CHECK(module_index_find(&index, "kernel/drivers/usb/storage/usb-storage.ko") == module);
	CHECK(module_index_find(&index, "usb") == NULL);
	module_index_done(&index);
}

TEST(every_module_that_drives_a_device_is_named_in_order)
{
	struct module_index index = index_of(dep, alias);
	const char *usb = "usb:v0781p5581d0100dc00dsc00dp00ic08isc06ip50in00";
	size_t at = 0;

	CHECK_STR(module_index_next(&index, usb, &at)->name, "usb_storage");
	CHECK_STR(module_index_next(&index, usb, &at)->name, "uas");
	CHECK(module_index_next(&index, usb, &at) == NULL);
	at = 0;
	CHECK(module_index_next(&index, "fs-gone", &at) == NULL);
	module_index_done(&index);
}

TEST(a_blacklisted_module_drives_nothing_but_loads_by_name)
{
	struct module_index index = index_of(dep, alias);
	size_t at = 0;

	module_index_blacklist(&index, "nouveau,ahci,,");
	CHECK(module_index_next(&index, "pci:v00008086d00002922sv0sd0bc0sc0i0", &at) == NULL);
	CHECK(module_index_find(&index, "ahci") != NULL);
	module_index_done(&index);
}

#define DEVICES "bus/pci/devices/"

static void put_function(const char *sys, const char *name, const char *class, const char *modalias)
{
	autofree char *script = xasprintf("cd %s && mkdir -p " DEVICES "%s && cd " DEVICES "%s && "
					  "echo %s >class && echo %s >modalias",
					  sys, name, name, class, modalias);

	const char *const argv[] = { "sh", "-c", script, NULL };

	CHECK_INT(proc_run(argv, NULL, 0, NULL), 0);
}

TEST(only_a_storage_controller_without_a_driver_wants_more_drivers)
{
	char sys[] = "/tmp/palette-early-XXXXXX", path[300];
	char aliases[MODULE_EXTRA_MAX][MODULE_ALIAS_BYTES];
	const char *const argv[] = { "rm", "-r", sys, NULL };

	CHECK(mkdtemp(sys));
	CHECK_INT(module_extra_wanted(sys, aliases), 0);
	put_function(sys, "0000:00:01.0", "0x010000", "pci:v00001AF4d00001001bc01sc00i00");
	snprintf(path, sizeof(path), "%s/" DEVICES "0000:00:01.0/driver", sys);
	CHECK_INT(mkdir(path, 0755), 0);
	put_function(sys, "0000:00:02.0", "0x030000", "pci:v00001234d00001111bc03sc00i00");
	put_function(sys, "0000:00:03.0", "0x0c0330", "pci:v00001B36d0000000Dbc0Csc03i30");
	CHECK_INT(module_extra_wanted(sys, aliases), 0);
	put_function(sys, "0000:00:04.0", "0x0c0400", "pci:v000010DFd0000F100bc0Csc04i00");
	CHECK_INT(module_extra_wanted(sys, aliases), 1);
	CHECK_STR(aliases[0], "pci:v000010DFd0000F100bc0Csc04i00");
	put_function(sys, "0000:00:05.0", "0x010000", "pci:v00001022d00002020bc01sc00i00");
	CHECK_INT(module_extra_wanted(sys, aliases), 2);
	CHECK_INT(proc_run(argv, NULL, 0, NULL), 0);
}

TEST(options_of_a_module_come_from_the_kernel_arguments)
{
	char options[32];

	module_options("quiet usb-storage.quirks=1:2:u usb_storage.delay_use=0 uas.x=1",
		       "usb_storage", options, sizeof(options));
	CHECK_STR(options, "quirks=1:2:u delay_use=0");
	module_options("ahci.marvell_enable=1 ahci.a_very_long_option_name=1", "ahci", options,
		       sizeof(options));
	CHECK_STR(options, "marvell_enable=1");
	module_options("palette.role=run", "ahci", options, sizeof(options));
	CHECK_STR(options, "");
}

TEST(the_volume_set_id_is_what_stands_before_the_fill)
{
	unsigned char descriptor[VOLUME_DESCRIPTOR_BYTES] = { 1, 'C', 'D', '0', '0', '1', 1 };
	char id[VOLUME_SET_ID_BYTES + 1];

	memset(descriptor + 190, ' ', 128);
	memcpy(descriptor + 190, "0123456789abcdef", 16);
	CHECK_INT(volume_set_id(descriptor, id, sizeof(id)), 0);
	CHECK_STR(id, "0123456789abcdef");
	CHECK_INT(volume_set_id(descriptor, id, 16), -ENOSPC);

	memset(descriptor + 190, 'x', 128);
	CHECK_INT(volume_set_id(descriptor, id, sizeof(id)), 0);
	CHECK_INT(strlen(id), 128);

	descriptor[0] = 2;
	CHECK_INT(volume_set_id(descriptor, id, sizeof(id)), -EINVAL);
	descriptor[0] = 1;
	descriptor[1] = 'X';
	CHECK_INT(volume_set_id(descriptor, id, sizeof(id)), -EINVAL);
}

TEST(the_hash_tree_begins_at_the_first_block_behind_the_data)
{
	struct image_conf image = { .root_hash = "aa", .salt = "bb", .data_blocks = 90112 };
	char table[200];

	CHECK_INT(verity_table("/dev/vda2", &image, table, sizeof(table)), 0);
	CHECK_STR(table, "1 /dev/vda2 /dev/vda2 4096 4096 90112 90112 sha256 aa bb");
	CHECK_INT(verity_table("/dev/vda2", &image, table, 20), -ENOSPC);
}

static void check_lines(const char *text, const char *want)
{
	char lines[NOTICE_LINES_BYTES(400)];
	size_t n = notice_lines(text, lines);

	CHECK_INT(n, strlen(want));
	CHECK(memcmp(lines, want, n) == 0);
}

TEST(text_on_a_console_is_broken_at_spaces_before_column_80)
{
	char long_word[121], want[128];

	check_lines("one\ntwo\n", "one\r\ntwo\r\n");
	check_lines("no end", "no end");
	check_lines("\n\n", "\r\n\r\n");
	check_lines(
		"a234567890123456789012345678901234567890123456789012345678901234567890123456789 "
		"next\n",
		"a234567890123456789012345678901234567890123456789012345678901234567890123456789"
		"\r\nnext\r\n");
	memset(long_word, 'x', 120);
	long_word[120] = '\0';
	snprintf(want, sizeof(want), "%.79s\r\n%.41s", long_word, long_word);
	check_lines(long_word, want);
}

TEST(a_folder_is_told_from_what_is_mounted_at_it)
{
	CHECK(is_mount_point("/proc"));
	CHECK(!is_mount_point("/proc/sys"));
	CHECK(!is_mount_point("/proc/there/is/none"));
}
