/* SPDX-License-Identifier: Apache-2.0 */
#include "efivars.h"

#include <sys/mount.h>
#include <unistd.h>

#include "mounts.h"

int efivars_mount(struct modules *modules, struct fail *why)
{
	static const char path[] = "/sys/firmware/efi/efivars";
	int r;

	if (access(path, F_OK) < 0)
		return 0;
	r = modules_load(modules, "efivarfs", why);
	if (r < 0)
		return r;
	return mount_at("efivarfs", path, "efivarfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL, why);
}
