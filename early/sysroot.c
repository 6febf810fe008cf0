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
#include "verity.h"

/* What lives in the state, by its name there and its place in the OS. */
static const struct {
	const char *name, *place;
} state_dirs[] = {
	{ "var", "/var" }, { "home", "/home" }, { "root", "/root" },
	{ "opt", "/opt" }, { "srv", "/srv" },	{ "usr-local", "/usr/local" },
};

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

static int flush_file_system_of(const char *path, struct fail *why)
{
	autoclose int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return fail_errno(why, errno, "open directory %s", path);
	if (syncfs(fd) < 0)
		return fail_errno(why, errno, "flush the file system of %s", path);
	return 0;
}

struct state_paths {
	char image[120]; /* the folder of the image, and where the state's is mounted */
	char state[200];
	char temp[240]; /* the copy until it is whole */
};

static struct state_paths paths_of(const char *state, size_t i)
{
	struct state_paths paths;

	snprintf(paths.image, sizeof(paths.image), SYSROOT "%s", state_dirs[i].place);
	snprintf(paths.state, sizeof(paths.state), "%s/%s", state, state_dirs[i].name);
	snprintf(paths.temp, sizeof(paths.temp), "%s.new", paths.state);
	return paths;
}

static int copy_from_image(const struct state_paths *paths, struct fail *why)
{
	const char *const remove[] = { "rm", "-rf", paths->temp, NULL };
	const char *const copy[] = { "cp", "-a", paths->image, paths->temp, NULL };
	int r;

	if (access(paths->temp, F_OK) == 0)
		(void)proc_run(remove, NULL, 0, NULL);
	r = proc_run(copy, NULL, 0, why);
	return r < 0 ? fail_wrap(why, "make the first copy of %s", paths->image) : 0;
}

/*
 * The first boot's copies of the image's folders. They get their names only when all of them are on
 * the disk: after a power cut a folder is whole, or its copy is begun again.
 */
static int seed_missing(const char *state, struct fail *why)
{
	bool missing[ARRAY_SIZE(state_dirs)];
	bool any = false;
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(state_dirs) && r == 0; i++) {
		struct state_paths paths = paths_of(state, i);

		missing[i] = access(paths.state, F_OK) < 0;
		any |= missing[i];
		if (missing[i])
			r = copy_from_image(&paths, why);
	}
	if (any && r == 0)
		r = flush_file_system_of(state, why);
	for (size_t i = 0; i < ARRAY_SIZE(state_dirs) && r == 0; i++) {
		struct state_paths paths = paths_of(state, i);

		if (missing[i] && rename(paths.temp, paths.state) < 0)
			r = fail_errno(why, errno, "name %s", paths.state);
	}
	return r;
}

static int mount_dirs(const char *state, struct fail *why)
{
	int r = seed_missing(state, why);

	for (size_t i = 0; i < ARRAY_SIZE(state_dirs) && r == 0; i++) {
		struct state_paths paths = paths_of(state, i);

		r = mount_at(paths.state, paths.image, NULL, MS_BIND, NULL, why);
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
