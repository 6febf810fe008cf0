/* SPDX-License-Identifier: Apache-2.0 */
#include "ptable.h"

#include <ctype.h>
#include <errno.h>
#include <libfdisk/libfdisk.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/cleanup.h"
#include "lib/log.h"

static void cleanup_context(struct fdisk_context **cxt)
{
	if (*cxt) {
		/* 1: no sync() of the whole machine; the target is flushed by itself. */
		(void)fdisk_deassign_device(*cxt, 1);
		fdisk_unref_context(*cxt);
	}
}
#define autocontext __attribute__((cleanup(cleanup_context))) struct fdisk_context

static void cleanup_partition(struct fdisk_partition **pa)
{
	fdisk_unref_partition(*pa);
}
#define autopartition __attribute__((cleanup(cleanup_partition))) struct fdisk_partition

static void cleanup_type(struct fdisk_parttype **type)
{
	fdisk_unref_parttype(*type);
}
#define autotype __attribute__((cleanup(cleanup_type))) struct fdisk_parttype

/* libfdisk's remarks go to the log; a question of its is answered by its default. */
static int answer(struct fdisk_context *cxt, struct fdisk_ask *ask, void *data)
{
	(void)cxt;
	(void)data;
	switch (fdisk_ask_get_type(ask)) {
	case FDISK_ASKTYPE_INFO:
	case FDISK_ASKTYPE_WARN:
	case FDISK_ASKTYPE_WARNX:
		log_debug("libfdisk: %s", fdisk_ask_print_get_mesg(ask));
		return 0;
	default:
		return -EINVAL;
	}
}

/* The context on @target; NULL with @why set. Works on a disk and on a file alike. */
static struct fdisk_context *context_new(struct target *target, bool read_only, struct fail *why)
{
	autocontext *cxt = fdisk_new_context();
	int r;

	if (!cxt) {
		(void)fail_errno(why, ENOMEM, "start libfdisk");
		return NULL;
	}
	(void)fdisk_set_ask(cxt, answer, NULL);
	(void)fdisk_disable_dialogs(cxt, 1);
	/* Before assigning: a file has no sector size of its own. */
	r = fdisk_save_user_sector_size(cxt, target->sector_bytes, target->sector_bytes);
	if (r == 0)
		r = fdisk_assign_device_by_fd(cxt, target->fd, target->path, read_only);
	if (r < 0) {
		(void)fail_errno(why, -r, "open the partition table of %s", target->path);
		return NULL;
	}
	return take_ptr(cxt);
}

static int add_partition(struct fdisk_context *cxt, const struct plan *plan, enum plan_role role,
			 struct fail *why)
{
	const struct plan_part *part = &plan->parts[role];
	unsigned sector = plan->target.logical_bytes;
	autopartition *pa = fdisk_new_partition();
	autotype *type = fdisk_label_get_parttype_from_string(fdisk_get_label(cxt, "gpt"),
							      plan_role_type(role));
	char uuid[PLAN_UUID_CHARS];
	int r;

	if (!pa || !type)
		return fail_with(why, ENOMEM, "libfdisk does not know the type %s",
				 plan_role_type(role));
	fdisk_partition_set_partno(pa, (size_t)role);
	r = fdisk_partition_set_type(pa, type);
	if (r == 0)
		r = fdisk_partition_set_start(pa, part->start_bytes / sector);
	if (r == 0)
		r = fdisk_partition_set_size(pa, part->size_bytes / sector);
	if (r == 0)
		r = fdisk_partition_set_name(pa, plan_role_name(role));
	if (r == 0)
		r = fdisk_partition_set_uuid(pa, plan_uuid_text(part->uuid, uuid));
	/* Without it an explicit number is refused while entries before it are free. */
	if (r == 0)
		r = fdisk_partition_partno_follow_default(pa, 1);
	if (r == 0)
		r = fdisk_add_partition(cxt, pa, NULL);
	if (r < 0)
		return fail_errno(why, -r, "add partition %s to the table of %s",
				  plan_role_name(role), plan->target.path);
	return 0;
}

int ptable_write(const struct plan *plan, struct target *target, struct fail *why)
{
	autocontext *cxt = context_new(target, false, why);
	char uuid[PLAN_UUID_CHARS];
	int r;

	if (!cxt)
		return -why->code;
	r = fdisk_create_disklabel(cxt, "gpt");
	if (r == 0)
		r = fdisk_set_disklabel_id_from_string(cxt, plan_uuid_text(plan->ids.disk, uuid));
	if (r < 0)
		return fail_errno(why, -r, "make a GPT for %s", target->path);
	for (int role = 0; role < PLAN_PARTS; role++) {
		r = add_partition(cxt, plan, (enum plan_role)role, why);
		if (r < 0)
			return r;
	}
	r = fdisk_write_disklabel(cxt);
	if (r < 0)
		return fail_errno(why, -r, "write the partition table of %s", target->path);
	return target_flush(target, why);
}

static int check_partition(struct fdisk_context *cxt, const struct plan *plan, enum plan_role role,
			   struct fail *why)
{
	const struct plan_part *part = &plan->parts[role];
	unsigned sector = plan->target.logical_bytes;
	autopartition *pa = NULL;
	char uuid[PLAN_UUID_CHARS];

	if (fdisk_get_partition(cxt, (size_t)role, &pa) == 0 && fdisk_partition_has_start(pa) &&
	    fdisk_partition_get_start(pa) == part->start_bytes / sector &&
	    fdisk_partition_get_size(pa) == part->size_bytes / sector &&
	    fdisk_partition_get_uuid(pa) &&
	    strcasecmp(fdisk_partition_get_uuid(pa), plan_uuid_text(part->uuid, uuid)) == 0)
		return 0;
	return fail_with(why, EBADMSG, "partition %s on %s is not as it was written",
			 plan_role_name(role), plan->target.path);
}

int ptable_check(const struct plan *plan, struct target *target, struct fail *why)
{
	autocontext *cxt = NULL;
	int r;

	target_forget(target);
	cxt = context_new(target, true, why);
	if (!cxt)
		return -why->code;
	if (!fdisk_has_label(cxt) || !fdisk_is_label(cxt, GPT))
		return fail_with(why, EBADMSG, "%s has no GPT after it was written", target->path);
	for (int role = 0; role < PLAN_PARTS; role++) {
		r = check_partition(cxt, plan, (enum plan_role)role, why);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The digits of "0a0a0a0a-1111-..." in the order they stand there. */
static bool parse_uuid(const char *text, uint8_t uuid[16])
{
	size_t n = 0;

	for (; *text && n < 16; text += *text == '-' ? 1 : 2) {
		char digits[3] = { text[0], text[0] ? text[1] : '\0', '\0' };

		if (*text == '-')
			continue;
		if (!isxdigit((unsigned char)digits[0]) || !isxdigit((unsigned char)digits[1]))
			return false;
		uuid[n++] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return n == 16 && *text == '\0';
}

static int read_partition(struct fdisk_context *cxt, const struct target *target,
			  enum plan_role role, struct plan_part *ret, struct fail *why)
{
	autopartition *pa = NULL;

	if (fdisk_get_partition(cxt, (size_t)role, &pa) < 0 || !fdisk_partition_has_start(pa) ||
	    !fdisk_partition_has_size(pa) || !fdisk_partition_get_name(pa) ||
	    strcmp(fdisk_partition_get_name(pa), plan_role_name(role)) != 0 ||
	    !fdisk_partition_get_uuid(pa) || !parse_uuid(fdisk_partition_get_uuid(pa), ret->uuid))
		return fail_with(why, EBADMSG,
				 "partition %d of %s is not %s: this is no disk of "
				 "ours",
				 (int)role + 1, target->path, plan_role_name(role));
	ret->start_bytes = fdisk_partition_get_start(pa) * target->sector_bytes;
	ret->size_bytes = fdisk_partition_get_size(pa) * target->sector_bytes;
	return 0;
}

int ptable_read(struct target *target, struct plan_part ret[PLAN_PARTS], struct fail *why)
{
	autocontext *cxt = context_new(target, true, why);

	if (!cxt)
		return -why->code;
	if (!fdisk_has_label(cxt) || !fdisk_is_label(cxt, GPT))
		return fail_with(why, EBADMSG, "%s has no GPT", target->path);
	for (int role = 0; role < PLAN_PARTS; role++) {
		int r = read_partition(cxt, target, (enum plan_role)role, &ret[role], why);

		if (r < 0)
			return r;
	}
	return 0;
}
