/* SPDX-License-Identifier: Apache-2.0 */
#include "uevent.h"

#include <errno.h>
#include <string.h>

#include "lib/cleanup.h"

int uevent_parse(const char *message, size_t bytes, struct uevent *ret)
{
	const char *end = message + bytes;
	struct {
		const char *key;
		const char **value;
	} fields[] = {
		{ "ACTION=", &ret->action },
		{ "SUBSYSTEM=", &ret->subsystem },
		{ "DEVNAME=", &ret->devname },
		{ "MODALIAS=", &ret->modalias },
	};

	*ret = (struct uevent){ "", "", "", "" };
	/* Without a NUL at the end there would be no end to the last value. */
	if (bytes == 0 || message[bytes - 1] != '\0' || !strchr(message, '@'))
		return -EINVAL;
	for (const char *p = message + strlen(message) + 1; p < end; p += strlen(p) + 1) {
		for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
			size_t n = strlen(fields[i].key);

			if (strncmp(p, fields[i].key, n) == 0)
				*fields[i].value = p + n;
		}
	}
	return *ret->action ? 0 : -EINVAL;
}
