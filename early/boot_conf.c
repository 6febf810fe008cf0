/* SPDX-License-Identifier: Apache-2.0 */
#include "boot_conf.h"

#include <stdio.h>
#include <string.h>

#include "lib/file.h"

static void add(char *text, size_t size, const char *key, const char *value)
{
	size_t used = strlen(text);

	if (value && value[0])
		snprintf(text + used, size - used, "%s = %s\n", key, value);
}

int boot_conf_write(const struct early *early, const char *key, const char *device,
		    struct fail *why)
{
	const char slot[] = { early->args.slot, '\0' };
	char text[1024] = "";

	add(text, sizeof(text), "role", role_name(early->args.role));
	add(text, sizeof(text), "version", early->image.version);
	add(text, sizeof(text), "slot", slot);
	add(text, sizeof(text), key, device);
	add(text, sizeof(text), "medium-id", early->args.medium);
	return file_write_atomic(BOOT_CONF_PATH, text, strlen(text), 0644, why);
}
