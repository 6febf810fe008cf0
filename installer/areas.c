/* SPDX-License-Identifier: Apache-2.0 */
#include "areas.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/memory.h"

#define DIGEST_DIGITS ((size_t)2 * SHA256_BYTES)
#define END_BYTES     (DIGEST_DIGITS + 1) /* the last line: the digest of what is before */

static int check_end(const char *text, size_t bytes, struct fail *why)
{
	uint8_t want[SHA256_BYTES], got[SHA256_BYTES];
	char digest[DIGEST_DIGITS + 1];
	struct sha256_ctx hash;

	if (bytes < END_BYTES || text[bytes - 1] != '\n')
		return fail_with(why, EBADMSG, "it has no end");
	snprintf(digest, sizeof(digest), "%.*s", (int)DIGEST_DIGITS, text + bytes - END_BYTES);
	sha256_init(&hash);
	sha256_update(&hash, bytes - END_BYTES, (const uint8_t *)text);
	sha256_digest(&hash, sizeof(got), got);
	if (manifest_parse_digest(digest, want, NULL) < 0 || memcmp(want, got, sizeof(got)) != 0)
		return fail_with(why, EBADMSG, "it is not as its last line says");
	return 0;
}

/* "SHA-256 OFFSET BYTES NAME"; cuts @line into pieces. */
static int parse_line(char *line, struct area *ret, struct fail *why)
{
	char *offset = strchr(line, ' ');
	char *bytes = offset ? strchr(offset + 1, ' ') : NULL;
	char *name = bytes ? strchr(bytes + 1, ' ') : NULL;

	if (!name || !name[1])
		return fail_with(why, EINVAL, "it is not \"digest offset bytes name\"");
	*offset++ = *bytes++ = *name++ = '\0';
	for (const char *c = name; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 127)
			return fail_with(why, EINVAL, "the name has control characters");
	}
	ret->name = name;
	if (manifest_parse_digest(line, ret->sha256, why) < 0 ||
	    manifest_parse_bytes(offset, &ret->offset, why) < 0 ||
	    manifest_parse_bytes(bytes, &ret->bytes, why) < 0)
		return -EINVAL;
	if (ret->bytes == 0 || ret->bytes > INT64_MAX - ret->offset)
		return fail_with(why, EINVAL, "%ju bytes from byte %ju are no area",
				 (uintmax_t)ret->bytes, (uintmax_t)ret->offset);
	return 0;
}

static size_t count_lines(const char *text)
{
	size_t n = 1;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static int parse_lines(struct areas *areas, struct fail *why)
{
	char *rest = areas->text, *line;
	uint64_t end = 0;

	areas->list = xcalloc(count_lines(areas->text), sizeof(*areas->list));
	for (size_t number = 1; (line = strsep(&rest, "\n")); number++) {
		struct area *area = &areas->list[areas->n];

		if (!*line)
			continue;
		if (parse_line(line, area, why) < 0)
			return why ? fail_wrap(why, "line %zu", number) : -EINVAL;
		if (area->offset < end)
			return fail_with(why, EINVAL, "line %zu: %s begins within the area before",
					 number, area->name);
		end = area->offset + area->bytes;
		areas->bytes += area->bytes;
		areas->n++;
	}
	return 0;
}

int areas_parse(const char *text, size_t bytes, struct areas *ret, struct fail *why)
{
	struct areas areas = { 0 };
	int r = check_end(text, bytes, why);

	if (r < 0)
		return r;
	areas.text = xasprintf("%.*s", (int)(bytes - END_BYTES), text);
	r = parse_lines(&areas, why);
	if (r < 0) {
		areas_done(&areas);
		return r;
	}
	*ret = areas;
	return 0;
}

void areas_done(struct areas *areas)
{
	free(areas->text);
	free(areas->list);
	*areas = (struct areas){ 0 };
}
