/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_read.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit.h"
#include "lib/cleanup.h"

#define DISTINCT_MAX 160 /* of each column */

const struct row_column audit_columns[AUDIT_COLUMNS] = {
	{ "time", 't' },   { "actor", 's' },  { "from", 's' },	 { "action", 's' },
	{ "object", 's' }, { "result", 's' }, { "reason", 's' },
};

/* The newest first. */
static const char *const files[] = { AUDIT_FILE, AUDIT_FILE ".1", AUDIT_FILE ".2" };

struct text {
	const char *data; /* NULL: the file is not there, or empty */
	size_t bytes;
};

static struct text map_file(const struct site *site, const char *path)
{
	autoclose int fd = open(site_path(site, path).s, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct text text = { 0 };
	struct stat st;
	void *data;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size <= 0)
		return text;
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data != MAP_FAILED)
		text = (struct text){ .data = data, .bytes = (size_t)st.st_size };
	return text;
}

static void unmap(const struct text *text)
{
	if (text->data)
		munmap((void *)(uintptr_t)text->data, text->bytes);
}

static void add_row(struct rows *ret, const struct audit_row *row)
{
	char when[24];
	const char *values[AUDIT_COLUMNS] = { when,	   row->actor,	row->from,  row->action,
					      row->object, row->result, row->reason };

	snprintf(when, sizeof(when), "%jd", (intmax_t)row->time);
	(void)rows_add(ret, values, AUDIT_COLUMNS);
}

/* Backwards through one file. A line that is being written has no newline yet and is left out. */
static void query_text(const struct text *text, const struct audit_filter *filter, uint64_t offset,
		       uint64_t limit, struct rows *ret)
{
	const char *end = text->data ? memrchr(text->data, '\n', text->bytes) : NULL;
	struct audit_row row;

	while (end) {
		size_t before = (size_t)(end - text->data);
		const char *newline = before ? memrchr(text->data, '\n', before) : NULL;
		const char *line = newline ? newline + 1 : text->data;

		if (audit_parse(line, (size_t)(end - line), &row) && audit_matches(filter, &row)) {
			if (ret->total >= offset && ret->total - offset < limit)
				add_row(ret, &row);
			ret->total++;
		}
		end = newline;
	}
}

int audit_query(const struct site *site, const struct audit_filter *filter, uint64_t offset,
		uint64_t limit, struct rows *ret, struct fail *why)
{
	(void)why;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct text text = map_file(site, files[i]);

		query_text(&text, filter, offset, limit, ret);
		unmap(&text);
	}
	return 0;
}

/* Calls @visit for each line from the oldest; stops where it returns less than 0. */
static int each_line(const struct site *site,
		     int (*visit)(const struct audit_row *row, const char *line, size_t bytes,
				  void *arg),
		     void *arg)
{
	int r = 0;

	for (size_t i = ARRAY_SIZE(files); r >= 0 && i-- > 0;) {
		struct text text = map_file(site, files[i]);
		const char *line = text.data, *end;
		struct audit_row row;

		while (r >= 0 && line &&
		       (end = memchr(line, '\n', text.bytes - (size_t)(line - text.data)))) {
			if (audit_parse(line, (size_t)(end - line), &row))
				r = visit(&row, line, (size_t)(end - line) + 1, arg);
			line = end + 1;
		}
		unmap(&text);
	}
	return r;
}

struct export
{
	const struct audit_filter *filter;
	FILE *out;
};

static int export_line(const struct audit_row *row, const char *line, size_t bytes, void *arg)
{
	struct export *export = arg;

	if (!audit_matches(export->filter, row))
		return 0;
	return fwrite(line, 1, bytes, export->out) == bytes ? 0 : -EIO;
}

int audit_export(const struct site *site, const struct audit_filter *filter, int fd,
		 struct fail *why)
{
	autofclose FILE *out = fdopen(fd, "w");
	struct export export = { .filter = filter, .out = out };
	int r;

	if (!out)
		return fail_errno(why, errno, "write the audit log's rows");
	r = each_line(site, export_line, &export);
	/* A reader cannot tell by the end of the pipe whether its writer was killed. */
	if (r == 0 && (fputc(AUDIT_EXPORT_END, out) == EOF || fflush(out) != 0))
		r = -errno;
	return r < 0 ? fail_errno(why, -r, "write the audit log's rows") : 0;
}

struct distinct {
	size_t n;
	char values[DISTINCT_MAX][96];
};

static void put_distinct(struct distinct *set, const char *value)
{
	for (size_t i = 0; i < set->n; i++)
		if (strcmp(set->values[i], value) == 0)
			return;
	if (set->n < DISTINCT_MAX)
		snprintf(set->values[set->n++], sizeof(set->values[0]), "%s", value);
}

static int distinct_line(const struct audit_row *row, const char *line, size_t bytes, void *arg)
{
	struct distinct *sets = arg;

	(void)line;
	(void)bytes;
	put_distinct(&sets[0], row->actor);
	put_distinct(&sets[1], row->action);
	put_distinct(&sets[2], row->result);
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

int audit_distinct(const struct site *site, struct rows *ret, struct fail *why)
{
	autofree struct distinct *sets = calloc(3, sizeof(*sets));
	static const char *const columns[] = { "actor", "action", "result" };

	if (!sets)
		return fail_errno(why, ENOMEM, "read the audit log");
	(void)each_line(site, distinct_line, sets);
	for (size_t i = 0; i < 3; i++) {
		qsort(sets[i].values, sets[i].n, sizeof(sets[i].values[0]), by_text);
		for (size_t k = 0; k < sets[i].n; k++) {
			const char *values[] = { columns[i], sets[i].values[k] };

			(void)rows_add(ret, values, 2);
		}
	}
	return 0;
}
