/* SPDX-License-Identifier: Apache-2.0 */
#include "grubenv.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static const char HEADER[] = "# GRUB Environment Block\n";

#define HEADER_LENGTH (sizeof(HEADER) - 1)

void grubenv_init(struct grubenv *env)
{
	*env = (struct grubenv){ .n_text = HEADER_LENGTH };
	memcpy(env->text, HEADER, HEADER_LENGTH);
}

static bool name_is_valid(const char *name, size_t n)
{
	if (n == 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = name[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
		bool digit = c >= '0' && c <= '9';

		if (!letter && !(digit && i > 0))
			return false;
	}
	return true;
}

/*
 * The length of the line at @at including its newline; 0 when it does not end before @end. GRUB
 * escapes a newline in a value with a backslash.
 */
static size_t line_length(const char *at, const char *end)
{
	for (const char *p = at; p < end; p++) {
		if (*p == '\\')
			p++;
		else if (*p == '\n')
			return (size_t)(p - at) + 1;
	}
	return 0;
}

int grubenv_parse(const void *block, size_t bytes, struct grubenv *ret, struct fail *why)
{
	const char *start = block, *end = start + bytes, *p = start + HEADER_LENGTH;
	struct grubenv env = { 0 };

	if (bytes != GRUBENV_BYTES)
		return fail_with(why, EINVAL, "the boot environment has %zu bytes instead of %d",
				 bytes, GRUBENV_BYTES);
	if (memcmp(start, HEADER, HEADER_LENGTH) != 0)
		return fail_with(why, EINVAL,
				 "the boot environment does not begin with GRUB's header");
	while (p < end) {
		size_t n = line_length(p, end);
		const char *equals;

		if (*p == '#') {
			/* Fill runs to the end; a comment line, as newer tools write, ends before. */
			if (n == 0)
				break;
		} else {
			equals = n ? memchr(p, '=', n) : NULL;
			if (!equals || !name_is_valid(p, (size_t)(equals - p)))
				return fail_with(
					why, EINVAL,
					"the boot environment has a damaged line at byte %zu",
					(size_t)(p - start));
		}
		p += n;
	}
	env.n_text = (size_t)(p - start);
	memcpy(env.text, start, env.n_text);
	if (memchr(env.text, '\0', env.n_text))
		return fail_with(why, EINVAL, "the boot environment has a NUL byte");
	*ret = env;
	return 0;
}

/* The line of @name and its length, or NULL. */
static char *find_line(const struct grubenv *env, const char *name, size_t *ret_length)
{
	const char *end = env->text + env->n_text;
	size_t n_name = strlen(name), n;

	for (const char *p = env->text; p < end; p += n) {
		n = line_length(p, end);
		assert(n > 0);
		if (n > n_name && strncmp(p, name, n_name) == 0 && p[n_name] == '=') {
			*ret_length = n;
			return (char *)p;
		}
	}
	return NULL;
}

int grubenv_get(const struct grubenv *env, const char *name, char *buf, size_t size)
{
	size_t n_line, used = 0;
	const char *line = find_line(env, name, &n_line), *end;

	assert(size > 0);
	buf[0] = '\0';
	if (!line)
		return -ENOENT;
	end = line + n_line - 1;
	for (const char *p = line + strlen(name) + 1; p < end; p++) {
		if (*p == '\\')
			p++;
		if (used + 1 >= size) {
			buf[0] = '\0';
			return -ENOSPC;
		}
		buf[used++] = *p;
	}
	buf[used] = '\0';
	return 0;
}

static size_t escaped_length(const char *value)
{
	size_t n = 0;

	for (; *value; value++)
		n += (*value == '\\' || *value == '\n') ? 2 : 1;
	return n;
}

int grubenv_set(struct grubenv *env, const char *name, const char *value, struct fail *why)
{
	size_t n_name = strlen(name), n_line, n_old = 0;
	char *p;

	if (!name_is_valid(name, n_name))
		return fail_with(why, EINVAL, "'%s' is no name for a boot variable", name);
	(void)find_line(env, name, &n_old);
	n_line = n_name + 1 + escaped_length(value) + 1;
	if (env->n_text - n_old + n_line > GRUBENV_BYTES)
		return fail_with(why, ENOSPC, "the boot environment has no room for '%s'", name);

	grubenv_unset(env, name);
	p = env->text + env->n_text;
	memcpy(p, name, n_name);
	p += n_name;
	*p++ = '=';
	for (; *value; value++) {
		if (*value == '\\' || *value == '\n')
			*p++ = '\\';
		*p++ = *value;
	}
	*p++ = '\n';
	*p = '\0';
	env->n_text = (size_t)(p - env->text);
	return 0;
}

void grubenv_unset(struct grubenv *env, const char *name)
{
	size_t n_line, n_behind;
	char *line = find_line(env, name, &n_line);

	if (!line)
		return;
	n_behind = env->n_text - (size_t)(line - env->text) - n_line;
	memmove(line, line + n_line, n_behind + 1);
	env->n_text -= n_line;
}

void grubenv_format(const struct grubenv *env, char block[static GRUBENV_BYTES])
{
	assert(env->n_text <= GRUBENV_BYTES);
	memset(block, '#', GRUBENV_BYTES);
	memcpy(block, env->text, env->n_text);
}
