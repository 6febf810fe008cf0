/* SPDX-License-Identifier: Apache-2.0 */
#include "cmdline.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool cmdline_next(const char **at, char *word, size_t size)
{
	const char *p = *at;
	bool quoted = false;
	size_t used = 0;

	assert(size > 0);
	while (is_space(*p))
		p++;
	if (!*p) {
		*at = p;
		return false;
	}
	for (; *p && (quoted || !is_space(*p)); p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (used + 1 < size)
			word[used++] = *p;
	}
	word[used] = '\0';
	*at = p;
	return true;
}

int cmdline_get(const char *line, const char *key, char *buf, size_t size)
{
	char word[CMDLINE_BYTES_MAX];
	size_t n_key = strlen(key), n_value;
	int r = -ENOENT;

	buf[0] = '\0';
	while (cmdline_next(&line, word, sizeof(word))) {
		if (strncmp(word, key, n_key) != 0 || word[n_key] != '=')
			continue;
		n_value = strlen(word + n_key + 1);
		if (n_value >= size) {
			buf[0] = '\0';
			r = -ENOSPC;
			continue;
		}
		memcpy(buf, word + n_key + 1, n_value + 1);
		r = 0;
	}
	return r;
}

bool cmdline_has(const char *line, const char *wanted)
{
	char word[CMDLINE_BYTES_MAX];

	while (cmdline_next(&line, word, sizeof(word))) {
		if (strcmp(word, wanted) == 0)
			return true;
	}
	return false;
}
