/* SPDX-License-Identifier: Apache-2.0 */
/* role live - the system from the medium, its state in memory. */
#include <stdio.h>
#include <sys/mount.h>

#include "early.h"
#include "loopdev.h"
#include "medium.h"
#include "mounts.h"
#include "sysroot.h"

int role_live(struct early *early, struct fail *why)
{
	static const char state[] = SYSROOT "/data/state";
	char loop[64], note[500];
	int r = medium_find(early, why);

	if (r == 0)
		r = modules_load(&early->modules, "loop", why);
	if (r == 0)
		r = loopdev_open(MEDIUM_DIR "/palette/os.img", 4096, loop, sizeof(loop), why);
	if (r == 0)
		r = sysroot_mount_image(early, loop, why);
	if (r == 0)
		r = mount_at("state", SYSROOT "/data", "tmpfs", MS_NODEV | MS_NOSUID, "mode=755",
			     why);
	if (r == 0)
		r = make_dir(SYSROOT "/data/keep", 0700, why);
	if (r == 0)
		r = sysroot_mount_state(state, note, sizeof(note), why);
	return r < 0 ? r : sysroot_switch(early, why);
}
