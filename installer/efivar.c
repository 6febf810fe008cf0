/* SPDX-License-Identifier: Apache-2.0 */
#include "efivar.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "efi_option.h"
#include "lib/cleanup.h"
#include "lib/log.h"

#define GLOBAL_GUID	 "8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define VARIABLE_BYTES	 4096
#define ATTRIBUTES_BYTES 4 /* efivarfs has them before the value */
#define ATTRIBUTES	 7 /* kept without power, readable at boot and later */

struct efi {
	char dir[300];
	bool used[UINT16_MAX + 1];    /* by number: there is such an entry */
	uint16_t ours[EFI_ORDER_MAX]; /* of those, the ones earlier installations made */
	size_t n_ours;
};

static void variable_path(const struct efi *efi, const char *name, char *buf, size_t size)
{
	snprintf(buf, size, "%s/%s-" GLOBAL_GUID, efi->dir, name);
}

/* Its value's length, or a negative errno. */
static ssize_t variable_read(const struct efi *efi, const char *name, uint8_t *value, size_t size)
{
	uint8_t buf[ATTRIBUTES_BYTES + VARIABLE_BYTES];
	char path[400];
	ssize_t n;

	variable_path(efi, name, path, sizeof(path));
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, buf, sizeof(buf));
	if (n < 0)
		return -errno;
	if (n < ATTRIBUTES_BYTES || (size_t)n - ATTRIBUTES_BYTES > size)
		return -EBADMSG;
	memcpy(value, buf + ATTRIBUTES_BYTES, (size_t)n - ATTRIBUTES_BYTES);
	return n - ATTRIBUTES_BYTES;
}

static int variable_write(const struct efi *efi, const char *name, const void *value, size_t bytes,
			  struct fail *why)
{
	uint8_t buf[ATTRIBUTES_BYTES + VARIABLE_BYTES] = { ATTRIBUTES };
	char path[400];

	if (bytes > VARIABLE_BYTES)
		return fail_with(why, EFBIG, "the firmware variable %s would be too large", name);
	memcpy(buf + ATTRIBUTES_BYTES, value, bytes);
	variable_path(efi, name, path, sizeof(path));
	autoclose int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return fail_errno(why, errno, "open the firmware variable %s", name);
	/* One write is one SetVariable(); the firmware's refusal comes back from it. */
	if (write(fd, buf, ATTRIBUTES_BYTES + bytes) < 0)
		return fail_errno(why, errno, "write the firmware variable %s", name);
	return 0;
}

/*
 * "Boot0007-<guid>" -> 7; false for every other name. Some firmwares write small letters, against their
 * specification: such a number is taken too.
 */
static bool parse_entry_name(const char *name, uint16_t *ret)
{
	if (strncmp(name, "Boot", 4) != 0 || strspn(name + 4, "0123456789ABCDEFabcdef") != 4 ||
	    strcmp(name + 8, "-" GLOBAL_GUID) != 0)
		return false;
	*ret = (uint16_t)strtoul(name + 4, NULL, 16); /* ends at the '-' */
	return true;
}

static int find_entries(struct efi *efi, struct fail *why)
{
	DIR *dir = opendir(efi->dir);
	struct dirent *entry;

	if (!dir)
		return fail_errno(why, errno, "open %s", efi->dir);
	while ((entry = readdir(dir))) {
		uint8_t option[VARIABLE_BYTES];
		uint16_t id;
		char name[16];
		ssize_t n;

		if (!parse_entry_name(entry->d_name, &id))
			continue;
		efi->used[id] = true;
		snprintf(name, sizeof(name), "Boot%04X", id);
		n = variable_read(efi, name, option, sizeof(option));
		if (n > 0 && efi->n_ours < EFI_ORDER_MAX && efi_option_is_ours(option, (size_t)n))
			efi->ours[efi->n_ours++] = id;
	}
	closedir(dir);
	return 0;
}

static void remove_ours(const struct efi *efi)
{
	for (size_t i = 0; i < efi->n_ours; i++) {
		char name[16], path[400];

		snprintf(name, sizeof(name), "Boot%04X", efi->ours[i]);
		variable_path(efi, name, path, sizeof(path));
		if (unlink(path) < 0)
			log_warn("remove the old boot entry %s: %s", name, strerror(errno));
		else
			log_info("removed the old boot entry %s", name);
	}
}

/* The lowest number that is free, or that is ours and goes away. */
static uint16_t choose_id(const struct efi *efi)
{
	for (unsigned id = 0; id < 0xffff; id++) {
		bool taken = efi->used[id];

		for (size_t i = 0; i < efi->n_ours && taken; i++)
			taken = efi->ours[i] != id;
		if (!taken)
			return (uint16_t)id;
	}
	return 0xffff;
}

static int write_order(const struct efi *efi, uint16_t id, struct fail *why)
{
	uint8_t bytes[2 * (EFI_ORDER_MAX + 1)];
	uint16_t order[EFI_ORDER_MAX + 1];
	ssize_t n = variable_read(efi, "BootOrder", bytes, sizeof(bytes) - 2);
	size_t n_order;

	if (n < 0 && n != -ENOENT)
		return fail_errno(why, (int)-n, "read the firmware variable BootOrder");
	n_order = n < 0 ? 0 : (size_t)n / 2;
	for (size_t i = 0; i < n_order; i++)
		order[i] = (uint16_t)(bytes[2 * i] | bytes[2 * i + 1] << 8);
	n_order = efi_order_put_first(order, n_order, id, efi->ours, efi->n_ours);
	for (size_t i = 0; i < n_order; i++) {
		bytes[2 * i] = (uint8_t)order[i];
		bytes[2 * i + 1] = (uint8_t)(order[i] >> 8);
	}
	return variable_write(efi, "BootOrder", bytes, 2 * n_order, why);
}

static int open_dir(const char *root, struct efi *efi, struct fail *why)
{
	struct stat dir, parent;
	char above[300];

	snprintf(above, sizeof(above), "%s/sys/firmware/efi", strcmp(root, "/") ? root : "");
	snprintf(efi->dir, sizeof(efi->dir), "%.280s/efivars", above);
	if (stat(efi->dir, &dir) < 0 || stat(above, &parent) < 0)
		return fail_errno(why, errno, "look for the firmware's variables in %s", efi->dir);
	/* Not mounted yet: an initrd has no one else to do it. */
	if (strcmp(root, "/") == 0 && dir.st_dev == parent.st_dev &&
	    mount("efivarfs", efi->dir, "efivarfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		return fail_errno(why, errno, "mount the firmware's variables on %s", efi->dir);
	return 0;
}

int efivar_register(const char *root, const struct plan *plan, struct fail *why)
{
	const struct plan_part *esp = &plan->parts[PLAN_ESP];
	struct efi_place place = { .partition = PLAN_ESP + 1 };
	uint8_t option[EFI_OPTION_BYTES_MAX], next[2];
	struct efi efi = { .n_ours = 0 };
	char name[16];
	uint16_t id;
	int r;

	place.start_lba = esp->start_bytes / plan->target.logical_bytes;
	place.size_lba = esp->size_bytes / plan->target.logical_bytes;
	memcpy(place.uuid, esp->uuid, sizeof(place.uuid));
	r = open_dir(root, &efi, why);
	if (r == 0)
		r = find_entries(&efi, why);
	if (r < 0)
		return r;
	/* First those that go: some firmwares have room for little more than one entry. */
	remove_ours(&efi);
	id = choose_id(&efi);
	snprintf(name, sizeof(name), "Boot%04X", id);
	r = variable_write(&efi, name, option, efi_option_encode(&place, option), why);
	if (r == 0)
		r = write_order(&efi, id, why);
	next[0] = (uint8_t)id;
	next[1] = (uint8_t)(id >> 8);
	if (r == 0)
		r = variable_write(&efi, "BootNext", next, sizeof(next), why);
	if (r == 0)
		log_info("boot entry %s is first now", name);
	return r;
}
