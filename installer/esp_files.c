/* SPDX-License-Identifier: Apache-2.0 */
#include "esp_files.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/memory.h"
#include "lib/size.h"
#include "lib/text.h"

const struct esp_copy esp_copies[ESP_COPIES] = {
	/* The removable path first: what a firmware without variables looks for. */
	{ MANIFEST_SHIM, { "EFI/BOOT/BOOTX64.EFI", "EFI/palette/shimx64.efi" } },
	{ MANIFEST_GRUB, { "EFI/BOOT/grubx64.efi", "EFI/palette/grubx64.efi" } },
	{ MANIFEST_MOK, { "EFI/BOOT/mmx64.efi", "EFI/palette/mmx64.efi" } },
	{ MANIFEST_KERNEL, { "palette/a/vmlinuz", "palette/b/vmlinuz" } },
	{ MANIFEST_INITRD, { "palette/a/initrd.img", "palette/b/initrd.img" } },
	{ MANIFEST_MICROCODE, { "palette/microcode.img", NULL } },
	{ MANIFEST_DRIVERS, { "palette/drivers.img", NULL } },
};

bool esp_copy_wanted(const struct plan *plan, const struct esp_copy *copy)
{
	if (strcmp(copy->from, MANIFEST_MICROCODE) == 0)
		return plan->microcode;
	if (strcmp(copy->from, MANIFEST_DRIVERS) == 0)
		return plan->drivers;
	return true;
}

const char *const esp_dirs[ESP_DIRS] = { "EFI",	      "EFI/BOOT", "EFI/palette", "boot",
					 "boot/grub", "palette",  "palette/a",	 "palette/b" };

/* Limits of the FAT specification, with a margin: firmware counts clusters itself. */
#define FAT32_CLUSTERS_MIN 66600
#define FAT16_CLUSTERS_MAX 65000
#define FAT16_CLUSTERS_MIN 4200
#define CLUSTER_BYTES_MAX  (4 * KIB) /* of FAT32; FAT16 may need more */

int esp_fat_choose(uint64_t bytes, unsigned sector_bytes, struct esp_fat *ret, struct fail *why)
{
	struct esp_fat fat = { .bits = 32, .cluster_sectors = 1 };
	uint64_t sectors = bytes / sector_bytes;

	while (fat.cluster_sectors * UINT64_C(2) * sector_bytes <= CLUSTER_BYTES_MAX &&
	       sectors / fat.cluster_sectors / 2 >= FAT32_CLUSTERS_MIN)
		fat.cluster_sectors *= 2;
	if (sectors / fat.cluster_sectors < FAT32_CLUSTERS_MIN) {
		fat = (struct esp_fat){ .bits = 16, .cluster_sectors = 1 };
		while (sectors / fat.cluster_sectors > FAT16_CLUSTERS_MAX)
			fat.cluster_sectors *= 2;
		if (sectors / fat.cluster_sectors < FAT16_CLUSTERS_MIN)
			return fail_with(
				why, ENOSPC,
				"an EFI system partition of %ju MiB is too small for FAT "
				"with %u-byte sectors: %ju MiB are needed",
				(uintmax_t)(bytes / MIB), sector_bytes,
				(uintmax_t)((uint64_t)FAT16_CLUSTERS_MIN * sector_bytes / MIB + 1));
	}
	*ret = fat;
	return 0;
}

const char *esp_volume_text(uint32_t volume, char buf[ESP_VOLUME_CHARS])
{
	snprintf(buf, ESP_VOLUME_CHARS, "%04" PRIX32 "-%04" PRIX32, volume >> 16, volume & 0xffff);
	return buf;
}

/* The value of the placeholder @name of @n bytes into @buf; false: there is no such one. */
static bool placeholder(const struct plan *plan, const char *name, size_t n, char *buf, size_t size)
{
	static const struct {
		const char *name;
		enum plan_role role;
	} parts[] = {
		{ "SYSTEM_A", PLAN_SYSTEM_A },
		{ "SYSTEM_B", PLAN_SYSTEM_B },
		{ "DATA", PLAN_DATA },
		{ "ESP", PLAN_ESP },
	};
	char uuid[PLAN_UUID_CHARS], volume[ESP_VOLUME_CHARS];

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (strlen(parts[i].name) == n && strncmp(parts[i].name, name, n) == 0) {
			snprintf(buf, size, "%s",
				 plan_uuid_text(plan->parts[parts[i].role].uuid, uuid));
			return true;
		}
	}
	if (n == strlen("ESP_UUID") && strncmp(name, "ESP_UUID", n) == 0)
		snprintf(buf, size, "%s", esp_volume_text(plan->ids.esp_volume, volume));
	else if (n == strlen("VERSION") && strncmp(name, "VERSION", n) == 0)
		snprintf(buf, size, "%s", plan->manifest.version);
	else
		return false;
	return true;
}

/* Length of "@NAME@" at @text; 0: that is no placeholder ("$@", an address, a lone '@'). */
static size_t placeholder_bytes(const char *text)
{
	size_t n = strspn(text + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");

	return n > 0 && text[n + 1] == '@' ? n + 2 : 0;
}

int esp_grub_cfg(const struct plan *plan, const char *text, char **ret, struct fail *why)
{
	/* Each placeholder has at least five bytes and becomes at most 63. */
	size_t size = strlen(text) * 16 + 64;
	autofree char *out = xmalloc(size);
	size_t used = 0;
	unsigned line = 1;

	while (*text) {
		size_t n = *text == '@' ? placeholder_bytes(text) : 0;
		char value[80];

		if (n == 0) {
			line += *text == '\n';
			out[used++] = *text++;
			continue;
		}
		if (!placeholder(plan, text + 1, n - 2, value, sizeof(value)))
			return fail_with(why, EINVAL, "%s line %u: %.*s is not known",
					 MANIFEST_GRUB_CFG, line, (int)n, text);
		memcpy(out + used, value, strlen(value));
		used += strlen(value);
		text += n;
	}
	assert(used < size);
	out[used] = '\0';
	*ret = take_ptr(out);
	return 0;
}

/* "console=tty0 console=ttyS1,115200n8", as kernel arguments have it. */
static int set_consoles(struct grubenv *env, const char *console, struct fail *why)
{
	char text[GRUBENV_BYTES];
	struct text_out out = text_out_start(text, sizeof(text));

	while (*console) {
		size_t n = strcspn(console, " ");

		text_put(&out, "%sconsole=%.*s", out.used ? " " : "", (int)n, console);
		console += n + strspn(console + n, " ");
	}
	return grubenv_set(env, "consoles", text, why);
}

int esp_grubenv(const char *console, char block[static GRUBENV_BYTES], struct fail *why)
{
	static const char *const variables[][2] = { { "order", "ab" },
						    { "tries_a", "0" },
						    { "tries_b", "0" } };
	struct grubenv env;
	int r = 0;

	grubenv_init(&env);
	for (size_t i = 0; i < ARRAY_SIZE(variables) && r == 0; i++)
		r = grubenv_set(&env, variables[i][0], variables[i][1], why);
	if (r == 0 && console)
		r = set_consoles(&env, console, why);
	grubenv_format(&env, block);
	return r;
}

char *esp_install_conf(const struct plan *plan, int64_t now_seconds)
{
	return xasprintf("version = %s\nmedium-id = %s\nplan = %s\ninstalled = %" PRId64 "\n",
			 plan->manifest.version, plan->manifest.medium_id, plan->digest,
			 now_seconds);
}
