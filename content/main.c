/* SPDX-License-Identifier: Apache-2.0 */
/*
 * palette-content - the content of this host: what it is, and whether the disk still has every byte.
 *
 * The list is palette-hostd's; the files are read here, by whoever may read them.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <time.h>
#include <unistd.h>

#include "hostd/content_check.h"
#include "hostd/content_digest.h"
#include "lib/cleanup.h"
#include "lib/fail.h"
#include "lib/memory.h"
#include "lib/size.h"

#define NAME	"internal.palette.Host1"
#define PATH	"/internal/palette/Host1"
#define FILES	"/srv/content/files"
#define CALL_US (30 * UINT64_C(1000000))

#define EXIT_DAMAGED 1
#define EXIT_USAGE   2

static const char help[] =
	"usage: palette-content list             size, digest, origin, date and name of each file\n"
	"       palette-content verify [NAME ...]   reads the files and compares their digests\n"
	"\n"
	"--root DIR before the verb, for tests: the files are below DIR.\n"
	"As root or as an administrator. Exit status: 0 good, 1 a file is damaged or something "
	"failed,\n"
	"2 wrong usage.\n";

struct rows {
	struct content_entry *items;
	size_t n;
};

static bool copy_text(sd_bus_message *m, char *buf, size_t size)
{
	const char *text;

	return sd_bus_message_read(m, "v", "s", &text) >= 0 &&
	       (size_t)snprintf(buf, size, "%s", text) < size;
}

/* One key of a row; what is not known is left out. */
static int read_fact(sd_bus_message *m, struct content_entry *row)
{
	const char *key;
	int r = sd_bus_message_read(m, "s", &key);

	if (r < 0)
		return r;
	if (strcmp(key, "name") == 0)
		return copy_text(m, row->name, sizeof(row->name)) ? 0 : -EBADMSG;
	if (strcmp(key, "sha256") == 0)
		return copy_text(m, row->sha256, sizeof(row->sha256)) ? 0 : -EBADMSG;
	if (strcmp(key, "origin") == 0)
		return copy_text(m, row->origin, sizeof(row->origin)) ? 0 : -EBADMSG;
	if (strcmp(key, "size") == 0)
		return sd_bus_message_read(m, "v", "t", &row->size_bytes);
	if (strcmp(key, "added") == 0)
		return sd_bus_message_read(m, "v", "t", &row->added_s);
	return sd_bus_message_skip(m, "v");
}

static int read_row(sd_bus_message *m, struct content_entry *row)
{
	int r;

	while ((r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
		r = read_fact(m, row);
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
		if (r < 0)
			return r;
	}
	return r;
}

static int read_rows(sd_bus_message *m, struct rows *rows)
{
	int r = sd_bus_message_enter_container(m, 'a', "a{sv}");

	while (r >= 0 && (r = sd_bus_message_enter_container(m, 'a', "{sv}")) > 0) {
		struct content_entry *more =
			realloc(rows->items, (rows->n + 1) * sizeof(*rows->items));

		if (!more)
			return -ENOMEM;
		rows->items = more;
		memset(&more[rows->n], 0, sizeof(*more));
		r = read_row(m, &more[rows->n]);
		rows->n++;
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
	}
	return r;
}

static int get_rows(struct rows *rows, struct fail *why)
{
	sd_bus *bus = NULL;
	sd_bus_message *reply = NULL;
	sd_bus_error error = SD_BUS_ERROR_NULL;
	int r = sd_bus_open_system(&bus);

	if (r >= 0)
		r = sd_bus_set_method_call_timeout(bus, CALL_US);
	if (r >= 0)
		r = sd_bus_call_method(bus, NAME, PATH, NAME ".Content", "List", &error, &reply,
				       "s", "");
	if (r >= 0)
		r = read_rows(reply, rows);
	if (r < 0)
		r = fail_with(why, -r, "palette-hostd does not list the content: %s",
			      error.message ? error.message : strerror(-r));
	sd_bus_error_free(&error);
	sd_bus_message_unref(reply);
	sd_bus_flush_close_unref(bus);
	return r;
}

static void list(const struct rows *rows)
{
	uint64_t bytes = 0;
	char total[32];

	for (size_t i = 0; i < rows->n; i++) {
		const struct content_entry *row = &rows->items[i];
		time_t added = (time_t)row->added_s;
		char date[32] = "";
		struct tm tm;

		if (gmtime_r(&added, &tm))
			strftime(date, sizeof(date), "%Y-%m-%dT%H:%MZ", &tm);
		printf("%s %12" PRIu64 "  %-7s %s  %s\n", row->sha256, row->size_bytes, row->origin,
		       date, row->name);
		bytes += row->size_bytes;
	}
	printf("%zu files, %s\n", rows->n, size_decimal(bytes, total, sizeof(total)));
}

static int digest_file(const char *path, uint64_t *ret_bytes, char digest[CONTENT_DIGEST_BYTES],
		       struct fail *why)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int r;

	if (fd < 0)
		return fail_errno(why, errno, "open %s", path);
	/* From the disk, not from what memory still has of it. */
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	r = content_digest_fd(fd, digest, ret_bytes);
	if (r == -ENOMEM)
		return fail_errno(why, ENOMEM, "read %s", path);
	return r < 0 ? fail_errno(why, -r, "read %s at byte %" PRIu64, path, *ret_bytes) : 0;
}

static int verify_row(const char *root, const struct content_entry *row, struct fail *why)
{
	autofree char *path = xasprintf("%s" FILES "/%s", root, row->name);
	char digest[CONTENT_DIGEST_BYTES];
	uint64_t bytes = 0;
	int r;

	r = digest_file(path, &bytes, digest, why);
	if (r < 0)
		return r;
	if (bytes != row->size_bytes)
		return fail_with(why, EBADMSG, "%s has %" PRIu64 " bytes, it should have %" PRIu64,
				 row->name, bytes, row->size_bytes);
	if (strcmp(digest, row->sha256) != 0)
		return fail_with(why, EBADMSG, "%s is damaged: its SHA-256 should be %s and is %s",
				 row->name, row->sha256, digest);
	return 0;
}

static bool is_asked(const char *name, char *const names[], int n_names)
{
	for (int i = 0; i < n_names; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return n_names == 0;
}

static bool is_there(const struct rows *rows, const char *name)
{
	for (size_t i = 0; i < rows->n; i++)
		if (strcmp(rows->items[i].name, name) == 0)
			return true;
	return false;
}

static int verify(const char *root, const struct rows *rows, char *const names[], int n_names)
{
	size_t n = 0, n_bad = 0;

	for (int i = 0; i < n_names; i++) {
		if (is_there(rows, names[i]))
			continue;
		fprintf(stderr, "palette-content: there is no content \"%s\"\n", names[i]);
		n_bad++;
	}
	for (size_t i = 0; i < rows->n; i++) {
		struct fail why = { 0 };

		if (!is_asked(rows->items[i].name, names, n_names))
			continue;
		n++;
		if (verify_row(root, &rows->items[i], &why) == 0)
			continue;
		fprintf(stderr, "palette-content: %s\n", why.msg);
		n_bad++;
	}
	if (n_bad)
		return EXIT_DAMAGED;
	printf("%zu files are as their digests say\n", n);
	return 0;
}

int main(int argc, char *argv[])
{
	struct rows rows = { 0 };
	struct fail why = { 0 };
	const char *root = "", *verb;
	bool listing;
	int status = 0;

	if (argc > 2 && strcmp(argv[1], "--root") == 0) {
		root = argv[2];
		argc -= 2;
		argv += 2;
	}
	verb = argc > 1 ? argv[1] : "";
	listing = strcmp(verb, "list") == 0 && argc == 2;
	if (strcmp(verb, "--help") == 0 || strcmp(verb, "-h") == 0) {
		fputs(help, stdout);
		return 0;
	}
	if (!listing && strcmp(verb, "verify") != 0) {
		fputs(help, stderr);
		return EXIT_USAGE;
	}
	if (get_rows(&rows, &why) < 0) {
		fprintf(stderr, "palette-content: %s\n", why.msg);
		status = EXIT_DAMAGED;
	} else if (listing) {
		list(&rows);
	} else {
		status = verify(root, &rows, argv + 2, argc - 2);
	}
	free(rows.items);
	return status;
}
