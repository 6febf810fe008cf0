/* SPDX-License-Identifier: Apache-2.0 */
#include "data.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ext4.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/proc.h"
#include "lib/size.h"

#define LOG_BYTES_MAX (16 * MIB)

static int mkfs(const struct plan *plan, struct target *target, const char *dir, struct fail *why)
{
	const struct plan_part *part = &plan->parts[PLAN_DATA];
	char uuid[PLAN_UUID_CHARS], seed[PLAN_UUID_CHARS], options[200], blocks[32];
	const char *const argv[] = { "mke2fs",
				     "-q",
				     "-F",
				     "-t",
				     "ext4",
				     "-b",
				     "4096",
				     "-m",
				     "1",
				     "-L",
				     "palette-data",
				     "-U",
				     uuid,
				     "-E",
				     options,
				     "-d",
				     dir,
				     plan->target.path,
				     blocks,
				     NULL };
	int r;

	plan_uuid_text(plan->ids.data_fs, uuid);
	plan_uuid_text(plan->ids.hash_seed, seed);
	/* No discard: it would be the whole device's on some versions, offset or not. */
	snprintf(options, sizeof(options),
		 "offset=%ju,lazy_itable_init=1,lazy_journal_init=1,nodiscard,root_owner=0:0,"
		 "hash_seed=%s",
		 (uintmax_t)part->start_bytes, seed);
	snprintf(blocks, sizeof(blocks), "%juk", (uintmax_t)(part->size_bytes / KIB));
	meter_wait_begin(target->meter, APPLY_WAIT_DISK);
	r = proc_run(argv, NULL, 0, why);
	meter_wait_end(target->meter, APPLY_WAIT_DISK);
	return r;
}

static int write_file(const char *dir, const char *name, const void *data, size_t bytes,
		      struct fail *why)
{
	autofree char *path = xasprintf("%s/%s", dir, name);
	autoclose int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int r;

	if (fd < 0)
		return fail_errno(why, errno, "make %s", path);
	r = file_write_all(fd, data, bytes, 0);
	if (r < 0)
		return fail_errno(why, -r, "write %s", path);
	return 0;
}

/* A log that cannot be read is no reason not to install. */
static int write_log(const char *dir, const char *log_path, struct fail *why)
{
	autofree char *text = NULL;
	struct fail unread = { 0 };
	size_t bytes;

	if (!log_path)
		return 0;
	if (file_read(log_path, LOG_BYTES_MAX, &text, &bytes, &unread) < 0) {
		log_warn("the log is not copied to the disk: %s", unread.msg);
		return 0;
	}
	return write_file(dir, "install.log", text, bytes, why);
}

/* The root of the installed system reads it, whoever's the files of an image made without root are. */
static int write_settings(const char *dir, const char *settings, struct fail *why)
{
	autofree char *keep = xasprintf("%s/keep", dir);

	if (!settings)
		return 0;
	if (mkdir(keep, 0700) < 0)
		return fail_errno(why, errno, "make %s", keep);
	return write_file(keep, "settings.conf", settings, strlen(settings), why);
}

/* Whichever of these there are in @dir. */
static const char *const names[] = { "random-seed", "install.log", "keep/settings.conf" };

static void remove_dir(const char *dir)
{
	autofree char *keep = xasprintf("%s/keep", dir);

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		autofree char *path = xasprintf("%s/%s", dir, names[i]);

		(void)unlink(path);
	}
	(void)rmdir(keep);
	(void)rmdir(dir);
}

static int make(const struct plan *plan, struct target *target, const struct data_options *options,
		const char *dir, struct fail *why)
{
	int r, r_back;

	r = write_file(dir, "random-seed", plan->ids.random_seed, sizeof(plan->ids.random_seed),
		       why);
	if (r == 0)
		r = write_log(dir, options->log_path, why);
	if (r == 0)
		r = write_settings(dir, options->settings, why);
	if (r == 0)
		r = target_lend(target, why);
	if (r == 0)
		r = mkfs(plan, target, dir, why);
	if (target->fd < 0) {
		r_back = target_take_back(target, r < 0 ? NULL : why);
		r = r < 0 ? r : r_back;
	}
	return r < 0 ? r : target_flush(target, why);
}

static int compare(struct ext4 *fs, const char *dir, struct fail *why)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names) && r == 0; i++) {
		autofree char *path = xasprintf("%s/%s", dir, names[i]), *text = NULL;
		size_t bytes;

		if (access(path, F_OK) < 0)
			continue;
		r = file_read(path, LOG_BYTES_MAX, &text, &bytes, why);
		if (r < 0)
			break;
		r = ext4_compare(fs, names[i], text, bytes, why);
		/* The settings have a password's hash, and the seed is secret. */
		explicit_bzero(text, bytes);
	}
	return r;
}

static int is_wrong(const struct target *target, struct fail *why)
{
	return fail_wrap(why,
			 "%s does not return what was written; the disk or its cable is damaged",
			 target->path);
}

/* The files in @dir, with what the disk has of them. */
static int read_back(const struct plan *plan, struct target *target, const char *dir,
		     struct fail *why)
{
	struct ext4 *fs = NULL;
	int r;

	target_forget(target);
	meter_wait_begin(target->meter, APPLY_WAIT_DISK);
	r = ext4_open(plan->target.path, plan->parts[PLAN_DATA].start_bytes, 0, &fs, why);
	if (r == 0)
		r = compare(fs, dir, why);
	meter_wait_end(target->meter, APPLY_WAIT_DISK);
	ext4_drop(fs);
	return r < 0 ? is_wrong(target, why) : 0;
}

int data_make(const struct plan *plan, struct target *target, const struct data_options *options,
	      struct fail *why)
{
	const char *tmp = getenv("TMPDIR");
	autofree char *dir = xasprintf("%s/palette-data.XXXXXX", tmp && tmp[0] ? tmp : "/tmp");
	int r;

	if (!mkdtemp(dir))
		return fail_errno(why, errno, "make a directory like %s", dir);
	r = make(plan, target, options, dir, why);
	if (r == 0)
		r = read_back(plan, target, dir, why);
	remove_dir(dir);
	return r;
}

int data_check(const struct plan *plan, struct target *target, struct fail *why)
{
	autofree char *name = xasprintf("%s?offset=%ju", plan->target.path,
					(uintmax_t)plan->parts[PLAN_DATA].start_bytes);
	const char *const argv[] = { "e2fsck", "-fn", name, NULL };
	int r;

	target_forget(target);
	meter_wait_begin(target->meter, APPLY_WAIT_DISK);
	r = proc_run(argv, NULL, 0, why);
	meter_wait_end(target->meter, APPLY_WAIT_DISK);
	return r < 0 ? is_wrong(target, why) : 0;
}
