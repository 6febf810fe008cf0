/* SPDX-License-Identifier: Apache-2.0 */
#include "size.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int size_parse(const char *text, uint64_t *ret_bytes, struct fail *why)
{
	static const char units[] = "KMGT";
	unsigned long long value;
	uint64_t factor = 1, bytes;
	char *end;

	/* strtoull would take "-1" and " 1". */
	if (!isdigit((unsigned char)text[0]))
		return fail_with(why, EINVAL, "\"%s\" is not a size such as 512M or 16G", text);
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno == ERANGE)
		return fail_with(why, ERANGE, "\"%s\" is too large for a size", text);
	if (*end) {
		const char *unit = strchr(units, toupper((unsigned char)*end));

		if (!unit || end[1])
			return fail_with(why, EINVAL, "\"%s\" is not a size such as 512M or 16G",
					 text);
		for (const char *u = units; u <= unit; u++)
			factor *= 1024;
	}
	if (__builtin_mul_overflow((uint64_t)value, factor, &bytes) || bytes > INT64_MAX)
		return fail_with(why, ERANGE, "\"%s\" is too large for a size", text);
	*ret_bytes = bytes;
	return 0;
}

static const char *format(uint64_t bytes, uint64_t base, const char *const units[], size_t n_units,
			  char *buf, size_t size)
{
	uint64_t unit = 1;
	size_t i = 0;

	while (i + 1 < n_units && bytes / unit >= base) {
		unit *= base;
		i++;
	}
	if (bytes % unit == 0 || bytes / unit >= 100) {
		snprintf(buf, size, "%ju %s", (uintmax_t)(bytes / unit), units[i]);
	} else {
		uintmax_t tenths = (uintmax_t)(bytes / unit * 10 + bytes % unit * 10 / unit);

		snprintf(buf, size, "%ju.%ju %s", tenths / 10, tenths % 10, units[i]);
	}
	return buf;
}

const char *size_binary(uint64_t bytes, char *buf, size_t size)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };

	return format(bytes, 1024, units, sizeof(units) / sizeof(units[0]), buf, size);
}

const char *size_decimal(uint64_t bytes, char *buf, size_t size)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };

	return format(bytes, 1000, units, sizeof(units) / sizeof(units[0]), buf, size);
}
