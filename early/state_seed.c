/* SPDX-License-Identifier: Apache-2.0 */
#include "state_seed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/proc.h"

const struct state_dir state_dirs[STATE_DIRS] = {
	{ "var", "/var" }, { "home", "/home" }, { "root", "/root" },
	{ "opt", "/opt" }, { "srv", "/srv" },	{ "usr-local", "/usr/local" },
};

int state_flush(const char *path, struct fail *why)
{
	autoclose int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return fail_errno(why, errno, "open directory %s", path);
	if (syncfs(fd) < 0)
		return fail_errno(why, errno, "flush the file system of %s", path);
	return 0;
}

struct paths {
	char image[300];
	char state[300];
	char temp[320]; /* the copy until it is whole */
};

static struct paths paths_of(const char *image, const char *state, size_t i)
{
	struct paths paths;

	snprintf(paths.image, sizeof(paths.image), "%s%s", image, state_dirs[i].place);
	snprintf(paths.state, sizeof(paths.state), "%s/%s", state, state_dirs[i].name);
	snprintf(paths.temp, sizeof(paths.temp), "%s.new", paths.state);
	return paths;
}

static int copy_from_image(const struct paths *paths, struct fail *why)
{
	const char *const remove[] = { "rm", "-rf", paths->temp, NULL };
	const char *const copy[] = { "cp", "-a", paths->image, paths->temp, NULL };
	int r;

	if (access(paths->temp, F_OK) == 0)
		(void)proc_run(remove, NULL, 0, NULL);
	r = proc_run(copy, NULL, 0, why);
	return r < 0 ? fail_wrap(why, "make the first copy of %s", paths->image) : 0;
}

int state_seed(const char *image, const char *state, struct fail *why)
{
	bool missing[STATE_DIRS];
	bool any = false;
	int r = 0;

	for (size_t i = 0; i < STATE_DIRS && r == 0; i++) {
		struct paths paths = paths_of(image, state, i);

		missing[i] = access(paths.state, F_OK) < 0;
		any |= missing[i];
		if (missing[i])
			r = copy_from_image(&paths, why);
	}
	if (any && r == 0)
		r = state_flush(state, why);
	for (size_t i = 0; i < STATE_DIRS && r == 0; i++) {
		struct paths paths = paths_of(image, state, i);

		if (missing[i] && rename(paths.temp, paths.state) < 0)
			r = fail_errno(why, errno, "name %s", paths.state);
	}
	return r;
}
