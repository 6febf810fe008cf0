/* SPDX-License-Identifier: Apache-2.0 */
#include "sysroot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/proc.h"
#include "mounts.h"
#include "state_seed.h"
#include "verity.h"

int sysroot_mount_image(struct early *early, const char *device, struct fail *why)
{
	static const char *const needed[] = { "dm_mod", "dm_verity", "squashfs", "overlay" };
	char mapped[64];
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		r = modules_load(&early->modules, needed[i], why);
		if (r < 0)
			return r;
	}
	r = verity_open(device, "palette-system", &early->image, mapped, sizeof(mapped), why);
	if (r < 0)
		return r;
	r = make_dir(SYSROOT, 0755, why);
	if (r < 0)
		return r;
	r = mount_at(mapped, SYSROOT, "squashfs", MS_RDONLY, NULL, why);
	if (r < 0)
		return fail_wrap(why, "open the system on %s", device);
	return 0;
}

static int mount_dirs(const char *state, struct fail *why)
{
	int r = state_seed(SYSROOT, state, why);

	for (size_t i = 0; i < STATE_DIRS && r == 0; i++) {
		char from[200], to[120];

		snprintf(from, sizeof(from), "%s/%s", state, state_dirs[i].name);
		snprintf(to, sizeof(to), SYSROOT "%s", state_dirs[i].place);
		r = mount_at(from, to, NULL, MS_BIND, NULL, why);
	}
	return r;
}

static int mount_etc_overlay(const char *state, struct fail *why)
{
	char upper[120], work[120], options[400];
	int r;

	snprintf(upper, sizeof(upper), "%s/etc", state);
	snprintf(work, sizeof(work), "%s/.etc-work", state);
	snprintf(options, sizeof(options), "lowerdir=" SYSROOT "/etc,upperdir=%s,workdir=%s", upper,
		 work);
	r = make_dir(upper, 0755, why);
	if (r == 0)
		r = make_dir(work, 0755, why);
	if (r == 0)
		r = mount_at("etc", SYSROOT "/etc", "overlay", MS_NODEV | MS_NOSUID, options, why);
	return r;
}

/* What is set there now is kept where it can be read, and lost at the next boot. */
static int mount_etc_copy(const char *state, struct fail *why)
{
	static const char copy[] = "/run/palette/etc";
	char options[300];
	static const char etc[] = SYSROOT "/etc";
	const char *const command[] = { "cp", "-a", etc, copy, NULL };
	int r;

	snprintf(options, sizeof(options), "lowerdir=%s/etc:" SYSROOT "/etc", state);
	if (mount("etc", SYSROOT "/etc", "overlay", MS_RDONLY, options) == 0)
		return 0;
	r = proc_run(command, NULL, 0, why);
	if (r == 0)
		r = mount_at(copy, SYSROOT "/etc", NULL, MS_BIND, NULL, why);
	return r;
}

int sysroot_mount_state(const char *state, char *ret_note, size_t size, struct fail *why)
{
	int r = make_dir(state, 0755, why);

	ret_note[0] = '\0';
	if (r == 0)
		r = mount_dirs(state, why);
	if (r < 0)
		return r;
	r = mount_etc_overlay(state, why);
	if (r == 0)
		return 0;
	snprintf(ret_note, size, "/etc cannot be changed in this boot: %s", why->msg);
	log_warn("%s", ret_note);
	return mount_etc_copy(state, why);
}
