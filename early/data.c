/* SPDX-License-Identifier: Apache-2.0 */
#include "data.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/proc.h"
#include "mounts.h"

#define FSCK_NOT_REPAIRED 4 /* from here on: something is left */

static int run_fsck(const char *mode, const char *device, struct fail *why)
{
	const char *const argv[] = { "/sbin/e2fsck", mode, device, NULL };
	char last[200];
	int status, r;

	r = proc_run_status(argv, &status, last, sizeof(last), why);
	if (r < 0)
		return r;
	if (status >= FSCK_NOT_REPAIRED)
		return fail_with(why, EUCLEAN, "e2fsck %s %s ended with status %d: %s", mode,
				 device, status, last);
	return 0;
}

/*
 * What a power cut leaves is repaired without a word. Anything more is said and repaired as far as it
 * goes: a machine somewhere in a rack has nobody who answers e2fsck's questions.
 */
static void check(struct early *early, const char *device)
{
	struct fail why = { 0 };

	if (run_fsck("-p", device, &why) == 0)
		return;
	log_warn("%s", why.msg);
	notice_print(&early->notice,
		     "The data partition %s is damaged (%s).\nIt is being repaired; this may take "
		     "minutes. Do not switch off.\n",
		     device, why.msg);
	if (run_fsck("-y", device, &why) == 0) {
		notice_print(&early->notice, "It is repaired.\n");
		return;
	}
	log_error("%s", why.msg);
	notice_print(&early->notice, "It could not be repaired in full: %s\n", why.msg);
}

int data_mount(struct early *early, const char *device, const char *place, struct fail *why)
{
	int r;

	check(early, device);
	r = modules_load(&early->modules, "ext4", why);
	if (r == 0)
		r = mount_at(device, place, "ext4", MS_NODEV | MS_NOSUID, NULL, why);
	return r < 0 ? fail_wrap(why, "open the data partition") : 0;
}

void data_take_over(const char *data, const char *state)
{
	char from[200], to[200];

	snprintf(from, sizeof(from), "%s/install.log", data);
	snprintf(to, sizeof(to), "%s/var/log/palette-install.log", state);
	if (rename(from, to) < 0 && errno != ENOENT)
		log_warn("move %s to %s: %s", from, to, strerror(errno));
	/* As a whole: all of the content is there or none. */
	snprintf(from, sizeof(from), "%s/content", data);
	snprintf(to, sizeof(to), "%s/srv/content", state);
	if (rename(from, to) < 0 && errno != ENOENT)
		log_warn("move %s to %s: %s", from, to, strerror(errno));
}
