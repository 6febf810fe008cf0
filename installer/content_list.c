/* SPDX-License-Identifier: Apache-2.0 */
#include "content_list.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostd/content_check.h"
#include "lib/cleanup.h"
#include "lib/memory.h"

#define KEY	    "file = "
#define BLOCK_BYTES 4096
/* A block for the file's record, and a share of the two folders and of the tree of a large file. */
#define FILE_EXTRA_BYTES (2 * BLOCK_BYTES)

#define LINE_BYTES_MAX (sizeof(KEY) + (size_t)2 * SHA256_BYTES + 24 + CONTENT_NAME_MAX)

_Static_assert(sizeof(((struct manifest_file *)0)->path) >
		       sizeof(CONTENT_LIST_DIR) + CONTENT_NAME_MAX,
	       "every name fits");

/* Cuts the word before the next blank off. NULL: there is none. */
static char *take_word(char **at)
{
	char *word = *at, *blank = strchr(word, ' ');

	if (!blank)
		return NULL;
	*blank = '\0';
	*at = blank + 1;
	return word;
}

static int parse_file(char *value, struct manifest_file *ret, struct fail *why)
{
	const char *digest = take_word(&value), *bytes = digest ? take_word(&value) : NULL;
	struct content_entry entry;
	struct fail rule = { 0 };
	int r;

	if (!bytes)
		return fail_with(why, EINVAL, "it is not \"digest bytes name\"");
	r = manifest_parse_digest(digest, ret->sha256, why);
	if (r == 0)
		r = manifest_parse_bytes(bytes, &ret->bytes, why);
	if (r < 0)
		return r;
	if (content_check(value, ret->bytes, digest, &entry, &rule) < 0)
		return fail_with(why, EINVAL, "%s", rule.msg);
	snprintf(ret->path, sizeof(ret->path), CONTENT_LIST_DIR "%.*s", CONTENT_NAME_MAX, value);
	return 0;
}

static int parse_line(char *line, struct content_list *list, struct fail *why)
{
	int r;

	if (!line[0] || line[0] == '#')
		return 0;
	if (strncmp(line, KEY, strlen(KEY)) != 0)
		return fail_with(why, EINVAL, "\"%.60s\" is not \"file = ...\"", line);
	if (list->n_files == CONTENT_LIST_FILES_MAX)
		return fail_with(why, EINVAL, "more than %d files", CONTENT_LIST_FILES_MAX);
	r = parse_file(line + strlen(KEY), &list->files[list->n_files], why);
	if (r < 0)
		return r;
	if (__builtin_add_overflow(list->bytes, list->files[list->n_files].bytes, &list->bytes) ||
	    list->bytes > INT64_MAX)
		return fail_with(why, EINVAL, "the files have more than %jd bytes together",
				 (intmax_t)INT64_MAX);
	list->n_files++;
	return 0;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct manifest_file *)a)->path,
		      ((const struct manifest_file *)b)->path);
}

static int check_names(const struct content_list *list, struct fail *why)
{
	for (size_t i = 1; i < list->n_files; i++)
		if (strcmp(list->files[i - 1].path, list->files[i].path) == 0)
			return fail_with(why, EINVAL, "%s is there twice", list->files[i].path);
	return 0;
}

static int parse(const char *text, size_t bytes, struct content_list *list, struct fail *why)
{
	const char *end = text + bytes;

	for (unsigned number = 1; text < end; number++) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((newline ? newline : end) - text);
		char line[LINE_BYTES_MAX];
		int r;

		if (n >= sizeof(line))
			return fail_with(why, EINVAL, "line %u is longer than %zu characters",
					 number, sizeof(line) - 1);
		memcpy(line, text, n);
		line[n] = '\0';
		r = parse_line(line, list, why);
		if (r < 0)
			return why ? fail_wrap(why, "line %u", number) : r;
		text += n + 1;
	}
	qsort(list->files, list->n_files, sizeof(*list->files), by_path);
	return check_names(list, why);
}

int content_list_parse(const char *text, size_t bytes, struct content_list *ret, struct fail *why)
{
	struct content_list list = { 0 };
	struct sha256_ctx hash;
	int r;

	if (memchr(text, '\0', bytes))
		return fail_with(why, EINVAL, "there is a NUL byte in it");
	list.files = xcalloc(CONTENT_LIST_FILES_MAX, sizeof(*list.files));
	r = parse(text, bytes, &list, why);
	if (r < 0) {
		content_list_done(&list);
		return r;
	}
	sha256_init(&hash);
	sha256_update(&hash, bytes, (const uint8_t *)text);
	sha256_digest(&hash, sizeof(list.digest), list.digest);
	*ret = list;
	return 0;
}

void content_list_done(struct content_list *list)
{
	free(list->files);
	*list = (struct content_list){ 0 };
}

const char *content_list_name(const struct manifest_file *file)
{
	return file->path + strlen(CONTENT_LIST_DIR);
}

uint64_t content_list_room(const struct content_list *list)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < list->n_files; i++)
		bytes += (list->files[i].bytes + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES +
			 FILE_EXTRA_BYTES;
	return bytes;
}
