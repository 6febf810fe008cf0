/* SPDX-License-Identifier: Apache-2.0 */
/* Boot entries on a folder that looks like efivarfs. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "installer/efi_option.h"
#include "installer/efivar.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/memory.h"
#include "test.h"

#define GUID	"8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define FOREIGN 300 /* more than a boot order has places */

static char root[64];

static char *path_of(const char *name)
{
	return xasprintf("%s/sys/firmware/efi/efivars/%s-" GUID, root, name);
}

static void put(const char *name, const void *data, size_t bytes)
{
	autofree char *path = path_of(name);
	struct fail why = { 0 };

	CHECK_INT(file_write_atomic(path, data, bytes, 0600, &why), 0);
}

static bool is(const char *name, const void *data, size_t bytes)
{
	autofree char *path = path_of(name), *got = NULL;
	size_t got_bytes = 0;

	return file_read(path, 4096, &got, &got_bytes, NULL) == 0 && got_bytes == bytes &&
	       memcmp(got, data, bytes) == 0;
}

static bool is_there(const char *name)
{
	autofree char *path = path_of(name);

	return access(path, F_OK) == 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

TEST(no_entry_of_another_system_is_overwritten)
{
	static const char foreign[] = "\7\0\0\0foreign";
	static const char *const dirs[] = { "sys", "sys/firmware", "sys/firmware/efi",
					    "sys/firmware/efi/efivars" };
	struct plan *plan = xcalloc(1, sizeof(*plan));
	struct fail why = { 0 };
	char name[16];

	plan->target.logical_bytes = 512;
	strcpy(root, "/tmp/palette-efivar-XXXXXX");
	CHECK(mkdtemp(root));
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		autofree char *dir = xasprintf("%s/%s", root, dirs[i]);

		CHECK_INT(mkdir(dir, 0700), 0);
	}
	for (unsigned id = 0; id < FOREIGN; id++) {
		/* Small letters are against the specification and there all the same. */
		snprintf(name, sizeof(name), id % 2 ? "Boot%04x" : "Boot%04X", id);
		put(name, foreign, sizeof(foreign));
	}
	if (efivar_register(root, plan, &why) < 0)
		fail_msg("%s", why.msg);
	for (unsigned id = 0; id < FOREIGN; id++) {
		snprintf(name, sizeof(name), id % 2 ? "Boot%04x" : "Boot%04X", id);
		CHECK(is(name, foreign, sizeof(foreign)));
		snprintf(name, sizeof(name), id % 2 ? "Boot%04X" : "Boot%04x", id);
		CHECK(!is_there(name) || is(name, foreign, sizeof(foreign)));
	}
	snprintf(name, sizeof(name), "Boot%04X", FOREIGN);
	CHECK(is_there(name));
	CHECK(is("BootNext", "\7\0\0\0\x2c\1", 6));
	CHECK(is("BootOrder", "\7\0\0\0\x2c\1", 6));
	(void)nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(plan);
}
