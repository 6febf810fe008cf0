/* SPDX-License-Identifier: Apache-2.0 */
#include "esp_unit.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/memory.h"
#include "mounts.h"

#define UNIT_DIR "/run/systemd/system"

static const char automount[] = "[Unit]\n"
				"Description=EFI system partition, mounted when used\n"
				"\n"
				"[Automount]\n"
				"Where=/efi\n"
				"TimeoutIdleSec=10\n";

static const char mount_format[] = "[Unit]\n"
				   "Description=EFI system partition\n"
				   "\n"
				   "[Mount]\n"
				   "What=/dev/disk/by-partuuid/%s\n"
				   "Where=/efi\n"
				   "Type=vfat\n"
				   "Options=rw,nosuid,nodev,noexec,umask=0077,shortname=mixed\n";

int esp_unit_write(const char *partuuid, struct fail *why)
{
	static const char *const dirs[] = { "/run/systemd", UNIT_DIR,
					    UNIT_DIR "/local-fs.target.wants" };
	autofree char *mount = xasprintf(mount_format, partuuid);
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(dirs) && r == 0; i++)
		r = make_dir(dirs[i], 0755, why);
	if (r == 0)
		r = file_write_atomic(UNIT_DIR "/efi.mount", mount, strlen(mount), 0644, why);
	if (r == 0)
		r = file_write_atomic(UNIT_DIR "/efi.automount", automount, strlen(automount), 0644,
				      why);
	if (r == 0 &&
	    symlink("../efi.automount", UNIT_DIR "/local-fs.target.wants/efi.automount") < 0 &&
	    errno != EEXIST)
		r = fail_errno(why, errno, "enable efi.automount");
	return r;
}
