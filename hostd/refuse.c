/* SPDX-License-Identifier: Apache-2.0 */
#include "refuse.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lib/utf8.h"

#define SHOWN_CHARS_MAX 60

/* @size holds 4 bytes for each character shown, the dots and the NUL. */
static void show(const char *value, char *buf, size_t size)
{
	const unsigned char *p = (const unsigned char *)value;
	size_t used = 0;

	for (size_t i = 0; *p && i < SHOWN_CHARS_MAX && used + 8 < size; i++) {
		uint32_t point;
		size_t n = utf8_point(p, &point);

		if (n == 0 || utf8_is_control(point)) {
			buf[used++] = '?';
			p += n ? n : 1;
			continue;
		}
		memcpy(buf + used, p, n);
		used += n;
		p += n;
	}
	snprintf(buf + used, size - used, "%s", *p ? "..." : "");
}

int refuse(struct fail *why, const char *field, const char *value, const char *rule, ...)
{
	char shown[SHOWN_CHARS_MAX * 4 + 8], said[320];
	va_list args;

	va_start(args, rule);
	vsnprintf(said, sizeof(said), rule, args);
	va_end(args);
	if (!value)
		return fail_with(why, REFUSED, "%s: %s", field, said);
	show(value, shown, sizeof(shown));
	return fail_with(why, REFUSED, "%s: \"%s\" %s", field, shown, said);
}
