/* SPDX-License-Identifier: Apache-2.0 */
#include "size.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int not_a_size(const char *text, struct fail *why)
{
	return fail_with(why, EINVAL, "\"%s\" is not a size such as 512M, 16G or 960GB", text);
}

/* What a unit stands for: "G" and "GiB" 1024^3, "GB" 1000^3, "" and "B" 1; 0: it is none. */
static uint64_t factor_of(const char *unit)
{
	static const char prefixes[] = "KMGT";
	const char *prefix = *unit ? strchr(prefixes, toupper((unsigned char)*unit)) : NULL;
	uint64_t base, factor = 1;

	if (!prefix)
		return *unit == '\0' || strcasecmp(unit, "B") == 0 ? 1 : 0;
	if (unit[1] == '\0' || strcasecmp(unit + 1, "iB") == 0)
		base = 1024;
	else if (strcasecmp(unit + 1, "B") == 0)
		base = 1000;
	else
		return 0;
	for (const char *p = prefixes; p <= prefix; p++)
		factor *= base;
	return factor;
}

int size_parse(const char *text, uint64_t *ret_bytes, struct fail *why)
{
	unsigned long long value;
	uint64_t factor, bytes;
	char *end;

	/* strtoull would take "-1" and " 1". */
	if (!isdigit((unsigned char)text[0]))
		return not_a_size(text, why);
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno == ERANGE)
		return fail_with(why, ERANGE, "\"%s\" is too large for a size", text);
	factor = factor_of(*end == ' ' && end[1] ? end + 1 : end);
	if (factor == 0)
		return not_a_size(text, why);
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
