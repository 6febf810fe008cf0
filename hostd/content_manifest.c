/* SPDX-License-Identifier: Apache-2.0 */
#include "content_manifest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_LINE "palette-manifest 1"
#define ROW_BYTES  (CONTENT_DIGEST_BYTES + CONTENT_NAME_MAX + 64)

char *content_manifest_text(const struct content_entry *rows, size_t n, size_t *ret_bytes)
{
	size_t room = sizeof(FIRST_LINE) + 1 + n * ROW_BYTES, used;
	char *text = malloc(room);

	if (!text)
		return NULL;
	used = (size_t)snprintf(text, room, FIRST_LINE "\n");
	for (size_t i = 0; i < n; i++)
		used += (size_t)snprintf(text + used, room - used,
					 "%s %" PRIu64 " %" PRIu64 " %s\n", rows[i].sha256,
					 rows[i].size_bytes, rows[i].added_s, rows[i].name);
	*ret_bytes = used;
	return text;
}

/* The next word of decimal digits, with one blank behind it. */
static bool take_number(char **at, uint64_t *ret)
{
	char *end;

	if (**at < '0' || **at > '9')
		return false;
	errno = 0;
	*ret = strtoull(*at, &end, 10);
	if (errno || *end != ' ')
		return false;
	*at = end + 1;
	return true;
}

static bool read_row(char *line, struct content_entry *ret)
{
	char *at = strchr(line, ' ');
	uint64_t size = 0, added = 0;

	if (!at || at - line != CONTENT_DIGEST_BYTES - 1)
		return false;
	*at++ = '\0';
	memset(ret, 0, sizeof(*ret));
	if (!take_number(&at, &size) || !take_number(&at, &added) ||
	    content_check(at, size, line, ret, NULL) < 0)
		return false;
	ret->added_s = added;
	snprintf(ret->origin, sizeof(ret->origin), "leader");
	return true;
}

int content_manifest_read(char *text, struct content_entry *ret, size_t room, struct fail *why)
{
	char *line = text;
	size_t n = 0;

	if (!*line)
		return fail_with(why, EBADMSG, "the leader's manifest is empty");
	for (unsigned number = 1; *line; number++) {
		char *end = strchr(line, '\n');

		if (!end)
			return fail_with(why, EBADMSG, "the leader's manifest ends in line %u",
					 number);
		*end = '\0';
		if (number == 1 && strcmp(line, FIRST_LINE) != 0)
			return fail_with(why, EBADMSG,
					 "the leader's manifest is not of version 1: install the "
					 "same version on all hosts");
		if (number > 1 && (n == room || !read_row(line, &ret[n])))
			return fail_with(why, EBADMSG,
					 "line %u of the leader's manifest is damaged", number);
		n += number > 1;
		line = end + 1;
	}
	return (int)n;
}
