/* SPDX-License-Identifier: Apache-2.0 */
#include "fail.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Cuts at the end of @msg: a long path loses its tail, never the program. */
static void append(struct fail *why, const char *text)
{
	size_t used = strlen(why->msg);

	snprintf(why->msg + used, sizeof(why->msg) - used, "%s", text);
}

int fail_errno(struct fail *why, int code, const char *fmt, ...)
{
	va_list args;

	assert(code > 0);
	if (!why)
		return -code;
	why->code = code;
	va_start(args, fmt);
	vsnprintf(why->msg, sizeof(why->msg), fmt, args);
	va_end(args);
	append(why, ": ");
	append(why, strerror(code));
	return -code;
}

int fail_with(struct fail *why, int code, const char *fmt, ...)
{
	va_list args;

	assert(code > 0);
	if (!why)
		return -code;
	why->code = code;
	va_start(args, fmt);
	vsnprintf(why->msg, sizeof(why->msg), fmt, args);
	va_end(args);
	return -code;
}

int fail_wrap(struct fail *why, const char *fmt, ...)
{
	struct fail inner;
	va_list args;

	assert(why && why->code > 0);
	inner = *why;
	va_start(args, fmt);
	vsnprintf(why->msg, sizeof(why->msg), fmt, args);
	va_end(args);
	append(why, ": ");
	append(why, inner.msg);
	return -why->code;
}
