/* SPDX-License-Identifier: Apache-2.0 */
#include "journal.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-journal.h>
#include <time.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/utf8.h"
#include "refuse.h"

#define MESSAGE_BYTES  4096
#define SOURCES_MAX    240 /* of each kind */
#define SEARCH_SECONDS 20  /* then what was found is the answer */

typedef sd_journal *journal_handle;
DEFINE_CLEANUP(journal_handle, sd_journal_close)

const struct row_column journal_columns[JOURNAL_COLUMNS] = {
	{ "cursor", 's' },     { "time", 't' }, { "priority", 'u' }, { "unit", 's' },
	{ "identifier", 's' }, { "pid", 'u' },	{ "message", 's' },
};

static int open_journal(const struct site *site, sd_journal **ret, struct fail *why)
{
	struct site_path path = site_path(site, "/var/log/journal");
	int r = *site->root ? sd_journal_open_directory(ret, path.s, 0)
			    : sd_journal_open(ret, SD_JOURNAL_LOCAL_ONLY);

	return r < 0 ? fail_errno(why, -r, "open the journal") : 0;
}

static int add_match(sd_journal *j, const char *field, const char *value)
{
	char match[400];

	snprintf(match, sizeof(match), "%s=%s", field, value);
	return sd_journal_add_match(j, match, 0);
}

/* All of one field are alternatives to each other. */
static int add_common(sd_journal *j, const struct journal_filter *filter)
{
	int r = 0;

	for (unsigned p = 0;
	     filter->priority < JOURNAL_LEVEL_LEAST && r >= 0 && p <= filter->priority; p++) {
		char text[2] = { (char)('0' + p), '\0' };

		r = add_match(j, "PRIORITY", text);
	}
	return r >= 0 && filter->identifier[0]
		       ? add_match(j, "SYSLOG_IDENTIFIER", filter->identifier)
		       : r;
}

/* What a unit says, and what systemd says about it. */
static int add_matches(sd_journal *j, const struct journal_filter *filter, struct fail *why)
{
	int r;

	r = filter->unit[0] ? add_match(j, "_SYSTEMD_UNIT", filter->unit) : 0;
	if (r >= 0)
		r = add_common(j, filter);
	if (r >= 0 && filter->unit[0]) {
		r = sd_journal_add_disjunction(j);
		if (r >= 0)
			r = add_match(j, "_PID", "1");
		if (r >= 0)
			r = add_match(j, "UNIT", filter->unit);
		if (r >= 0)
			r = add_common(j, filter);
	}
	return r < 0 ? fail_errno(why, -r, "filter the journal") : 0;
}

/* The field's text, cut to @size; "" where the entry has none. */
static const char *get_field(sd_journal *j, const char *field, char *buf, size_t size)
{
	const void *data;
	size_t bytes, skip = strlen(field) + 1;

	buf[0] = '\0';
	if (sd_journal_get_data(j, field, &data, &bytes) < 0 || bytes < skip)
		return buf;
	bytes -= skip;
	if (bytes >= size)
		bytes = size - 1;
	memcpy(buf, (const char *)data + skip, bytes);
	buf[bytes] = '\0';
	return buf;
}

static const char *get_number(sd_journal *j, const char *field, const char *other, char *buf,
			      size_t size)
{
	get_field(j, field, buf, size);
	return *buf && strspn(buf, "0123456789") == strlen(buf) ? buf : other;
}

struct entry {
	char time[24], priority[8], unit[256], identifier[128], pid[16], message[MESSAGE_BYTES];
	uint64_t time_us;
	char *cursor; /* free() it */
	const char *values[JOURNAL_COLUMNS];
};

/* The entry the journal stands at. False: it cannot be read, or its message is not what is wanted. */
static bool read_entry(sd_journal *j, const struct journal_filter *filter, struct entry *e)
{
	e->cursor = NULL;
	if (sd_journal_get_realtime_usec(j, &e->time_us) < 0)
		return false;
	get_field(j, "MESSAGE", e->message, sizeof(e->message));
	if (filter->contains[0] && !strcasestr(e->message, filter->contains))
		return false;
	if (sd_journal_get_cursor(j, &e->cursor) < 0)
		return false;
	snprintf(e->time, sizeof(e->time), "%" PRIu64, e->time_us);
	if (!*get_field(j, "_SYSTEMD_UNIT", e->unit, sizeof(e->unit)))
		get_field(j, "UNIT", e->unit, sizeof(e->unit));
	e->values[0] = e->cursor;
	e->values[1] = e->time;
	e->values[2] = get_number(j, "PRIORITY", "6", e->priority, sizeof(e->priority));
	e->values[3] = e->unit;
	e->values[4] = get_field(j, "SYSLOG_IDENTIFIER", e->identifier, sizeof(e->identifier));
	e->values[5] = get_number(j, "_PID", "0", e->pid, sizeof(e->pid));
	e->values[6] = e->message;
	return true;
}

/* Before the first step: where to begin, in the direction that read_rows() goes. */
static int seek(sd_journal *j, const struct journal_filter *filter, struct fail *why)
{
	const char *cursor = filter->before[0] ? filter->before : filter->after;
	int r;

	if (cursor[0]) {
		r = sd_journal_seek_cursor(j, cursor);
		if (r == -EINVAL)
			return refuse(why, FIELD_FILTER, cursor, "is no cursor");
	} else if (filter->until_s) {
		r = sd_journal_seek_realtime_usec(j, (filter->until_s + 1) * 1000000);
	} else {
		r = sd_journal_seek_tail(j);
	}
	return r < 0 ? fail_errno(why, -r, "search the journal") : 0;
}

enum place { BEFORE, INSIDE, BEHIND };

static enum place place_of(const struct journal_filter *filter, uint64_t time_us)
{
	if (filter->since_s && time_us < filter->since_s * 1000000)
		return BEFORE;
	return filter->until_s && time_us >= (filter->until_s + 1) * 1000000 ? BEHIND : INSIDE;
}

/* Adds the entry the journal stands at. False: there is nothing more to come. */
static bool read_row(sd_journal *j, const struct journal_filter *filter, struct rows *ret)
{
	enum place end = ret->backwards ? BEFORE : BEHIND, place;
	struct entry entry;
	bool more = true;

	if (!read_entry(j, filter, &entry))
		return true;
	place = place_of(filter, entry.time_us);
	if (place == INSIDE)
		more = rows_add(ret, entry.values, JOURNAL_COLUMNS);
	free(entry.cursor);
	return more && place != end;
}

static int read_rows(sd_journal *j, const struct journal_filter *filter, struct rows *ret)
{
	const char *cursor = filter->before[0] ? filter->before : filter->after;
	bool forwards = filter->after[0] != '\0';
	time_t end = time(NULL) + SEARCH_SECONDS;
	int r = 0;

	ret->backwards = !forwards;
	while (ret->n < filter->limit && time(NULL) <= end &&
	       (r = forwards ? sd_journal_next(j) : sd_journal_previous(j)) > 0) {
		if (cursor[0] && sd_journal_test_cursor(j, cursor) > 0)
			continue;
		if (!read_row(j, filter, ret))
			break;
	}
	return r;
}

int journal_read(const struct site *site, const struct journal_filter *filter, struct rows *ret,
		 struct fail *why)
{
	autoclean(journal_handle) j = NULL;
	int r = open_journal(site, &j, why);

	if (r == 0)
		r = add_matches(j, filter, why);
	if (r == 0)
		r = seek(j, filter, why);
	if (r < 0)
		return r;
	r = read_rows(j, filter, ret);
	return r < 0 ? fail_errno(why, -r, "read the journal") : 0;
}

/* The last rows: to the end, back by as many as match, and forwards from there. */
static int step_back(sd_journal *j, uint64_t limit)
{
	int r = sd_journal_seek_tail(j);

	/* Without a step the end is a place behind what comes later, too. */
	if (r >= 0)
		r = sd_journal_previous_skip(j, limit + 1);
	if (r >= 0 && (uint64_t)r <= limit)
		r = sd_journal_seek_head(j);
	return r;
}

int journal_visit(const struct site *site, uint64_t limit, journal_visitor visit, void *arg,
		  struct fail *why)
{
	static const struct journal_filter all = { .priority = JOURNAL_LEVEL_LEAST };
	autoclean(journal_handle) j = NULL;
	int r = open_journal(site, &j, why);

	if (r < 0)
		return r;
	r = step_back(j, limit);
	while (r >= 0 && (r = sd_journal_next(j)) > 0) {
		struct entry entry;

		if (!read_entry(j, &all, &entry))
			continue;
		r = visit(entry.values, arg);
		free(entry.cursor);
	}
	return r < 0 ? fail_errno(why, -r, "read the journal") : 0;
}

static int write_entry(int fd, const struct entry *entry, char *buf)
{
	char clean[JOURNAL_COLUMNS][MESSAGE_BYTES];
	const char *values[JOURNAL_COLUMNS];
	size_t n, done = 0;

	for (size_t i = 0; i < JOURNAL_COLUMNS; i++) {
		snprintf(clean[i], sizeof(clean[i]), "%s", entry->values[i]);
		utf8_clean(clean[i]);
		values[i] = clean[i];
	}
	n = rows_json(journal_columns, values, JOURNAL_COLUMNS, buf);
	while (done < n) {
		ssize_t written = write(fd, buf + done, n - done);

		if (written < 0 && errno != EINTR)
			return -errno;
		done += written > 0 ? (size_t)written : 0;
	}
	return 0;
}

/* Until there may be news. -EPIPE: the reader has gone. */
static int wait_for_news(sd_journal *j, int fd)
{
	struct pollfd fds[2] = { { .fd = fd, .events = 0 }, { .events = POLLIN } };
	uint64_t timeout_us = UINT64_MAX;

	fds[1].fd = sd_journal_get_fd(j);
	if (fds[1].fd < 0 || sd_journal_get_timeout(j, &timeout_us) < 0)
		return -EIO;
	/* Where files cannot be watched, the library names a moment; a second does as well. */
	if (poll(fds, 2, timeout_us == UINT64_MAX ? -1 : 1000) < 0 && errno != EINTR)
		return -errno;
	if (fds[0].revents & (POLLERR | POLLHUP))
		return -EPIPE;
	return sd_journal_process(j);
}

int journal_follow(const struct site *site, const struct journal_filter *filter, int fd,
		   struct fail *why)
{
	autoclean(journal_handle) j = NULL;
	autofree char *buf = malloc(ROWS_LINE_BYTES);
	int r = buf ? open_journal(site, &j, why) : fail_errno(why, ENOMEM, "follow the journal");

	if (r == 0)
		r = add_matches(j, filter, why);
	if (r < 0)
		return r;
	r = step_back(j, filter->limit);
	while (r >= 0) {
		struct entry entry;

		r = sd_journal_next(j);
		if (r == 0)
			r = wait_for_news(j, fd);
		else if (r > 0 && read_entry(j, filter, &entry)) {
			r = write_entry(fd, &entry, buf);
			free(entry.cursor);
		}
	}
	return fail_errno(why, -r, "follow the journal");
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int add_sources(sd_journal *j, const char *field, const char *kind, struct rows *ret)
{
	autofree char(*found)[256] = calloc(SOURCES_MAX, sizeof(*found));
	size_t n = 0, skip = strlen(field) + 1, bytes;
	const void *data;
	int r = found ? sd_journal_query_unique(j, field) : -ENOMEM;

	while (r >= 0 && n < SOURCES_MAX &&
	       (r = sd_journal_enumerate_available_unique(j, &data, &bytes)) > 0)
		snprintf(found[n++], sizeof(*found), "%.*s", (int)(bytes - skip),
			 (const char *)data + skip);
	if (r < 0)
		return r;
	qsort(found, n, sizeof(*found), by_text);
	for (size_t i = 0; i < n; i++) {
		const char *values[] = { kind, found[i] };

		if (!i || strcmp(found[i - 1], found[i]) != 0)
			(void)rows_add(ret, values, 2);
	}
	return 0;
}

int journal_sources(const struct site *site, struct rows *ret, struct fail *why)
{
	autoclean(journal_handle) j = NULL;
	int r = open_journal(site, &j, why);

	if (r < 0)
		return r;
	r = add_sources(j, "_SYSTEMD_UNIT", "unit", ret);
	if (r >= 0)
		r = add_sources(j, "SYSLOG_IDENTIFIER", "identifier", ret);
	return r < 0 ? fail_errno(why, -r, "list the sources of the journal") : 0;
}
