/* SPDX-License-Identifier: Apache-2.0 */
/* When USB has told all it has, on a made-up sysfs. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "installer/settle.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/memory.h"
#include "test.h"

static char root[64];

static void make(const char *path, const char *text)
{
	autofree char *full = xasprintf("%s/%s", root, path);
	struct fail why = { 0 };

	for (char *p = full + strlen(root) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		(void)mkdir(full, 0700);
		*p = '/';
	}
	if (text)
		CHECK_INT(file_write_atomic(full, text, strlen(text), 0600, &why), 0);
	else
		CHECK_INT(mkdir(full, 0700), 0);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void begin(void)
{
	strcpy(root, "/tmp/palette-settle-XXXXXX");
	CHECK(mkdtemp(root));
}

static void end(void)
{
	(void)nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static const char *waits(void)
{
	static char name[64];

	return settle_usb_waits(root, name, sizeof(name)) ? name : "";
}

#define DEVICES "sys/bus/usb/devices/"
#define STICK	DEVICES "1-2:1.0/"

TEST(a_stick_is_waited_for_from_its_plug_to_its_disk)
{
	begin();
	CHECK_STR(waits(), "");
	make(DEVICES "1-0:1.0/bInterfaceClass", "09\n");
	make(DEVICES "1-0:1.0/usb1-port1/state", "not attached\n");
	make(DEVICES "1-0:1.0/usb1-port2/state", "default\n");
	CHECK_STR(waits(), "usb1-port2");
	make(DEVICES "1-0:1.0/usb1-port2/state", "configured\n");
	make(STICK "bInterfaceClass", "08\n");
	/* Nobody's: nobody will ask it. */
	CHECK_STR(waits(), "");
	make(STICK "driver", NULL);
	CHECK_STR(waits(), "1-2:1.0");
	make(STICK "host2/scsi_host/host2/state", "running\n");
	CHECK_STR(waits(), "1-2:1.0");
	make(STICK "host2/target2:0:0/2:0:0:0/type", "0\n");
	CHECK_STR(waits(), "1-2:1.0");
	make(STICK "host2/target2:0:0/2:0:0:0/block/sda/size", "8\n");
	CHECK_STR(waits(), "");
	end();
}

TEST(a_cd_drive_on_usb_has_no_disk_to_wait_for)
{
	begin();
	make(STICK "bInterfaceClass", "08\n");
	make(STICK "driver", NULL);
	make(STICK "host2/target2:0:0/2:0:0:0/type", "5\n");
	CHECK_STR(waits(), "");
	make(DEVICES "1-3:1.0/bInterfaceClass", "03\n");
	make(DEVICES "1-3:1.0/driver", NULL);
	CHECK_STR(waits(), "");
	end();
}

TEST(drivers_start_as_long_as_palette_init_says_so)
{
	begin();
	CHECK(!settle_drivers_start(root));
	make("run/palette/drivers-starting", "");
	CHECK(settle_drivers_start(root));
	end();
}
