/* SPDX-License-Identifier: Apache-2.0 */
#include "archive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "journal.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/proc.h"
#include "redact.h"

#define COLLECT	       SITE_STATE "/collect"
#define FOLDER	       COLLECT "/palette-logs"
#define JOURNAL_ROWS   200000
#define FILE_BYTES_MAX ((off_t)16 * 1024 * 1024) /* of each log its end */
#define ANSWER_BYTES   ((size_t)512 * 1024)

/* What they say becomes FOLDER/NAME.txt. One that is not there or fails says so in its file. */
static const struct {
	const char *name;
	const char *argv[8];
} commands[] = {
	{ "ip-address", { "ip", "-d", "-s", "address" } },
	{ "ip-route", { "ip", "route", "show", "table", "all" } },
	{ "ip-neighbour", { "ip", "neighbour" } },
	{ "sockets", { "ss", "-tuln" } },
	{ "firewall", { "nft", "list", "ruleset" } },
	{ "resolvectl", { "resolvectl", "status", "--no-pager" } },
	{ "networkctl", { "networkctl", "status", "--all", "--no-pager", "--full" } },
	{ "timedatectl", { "timedatectl", "--no-pager" } },
	{ "units", { "systemctl", "list-units", "--all", "--no-pager", "--full", "--plain" } },
	{ "failed", { "systemctl", "status", "--failed", "--no-pager", "--lines=0" } },
	{ "disks", { "lsblk", "-o", "NAME,SIZE,TYPE,FSTYPE,LABEL,MOUNTPOINTS,MODEL,RO" } },
	{ "room", { "df", "-hT" } },
	{ "kernel", { "uname", "-a" } },
	{ "modules", { "lsmod" } },
	{ "packages", { "dpkg-query", "-W" } },
	{ "slots", { "palette-slot", "status" } },
	{ "boot-entries", { "efibootmgr", "-v" } },
};

/* Kept under their own names, with '_' for '/'. */
static const char *const files[] = {
	"/etc/os-release",
	"/etc/hostname",
	"/etc/palette/*.conf",
	"/etc/palette/network/*.conf",
	"/etc/systemd/network/*",
	"/etc/systemd/resolved.conf.d/*",
	"/etc/systemd/timesyncd.conf.d/*",
	"/data/keep/settings.conf",
	"/run/palette/boot.conf",
	"/run/palette/init.log",
	"/run/systemd/resolve/resolv.conf",
	"/var/log/palette-install.log",
	"/var/log/palette-audit.log*",
	"/proc/cmdline",
	"/proc/meminfo",
	"/proc/cpuinfo",
	"/proc/mounts",
	"/proc/net/dev",
};

/* A file of the archive; the first error of a write is kept until finish() tells it. */
struct out {
	const char *name;
	FILE *f;
	int error;
	struct redactor redactor;
};

/* False: it could not be made; @why says so. */
static bool create(const struct site *site, const char *name, struct out *ret, struct fail *why)
{
	struct site_path path = site_pathf(site, FOLDER "/%s", name);
	int fd = open(path.s, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	*ret = (struct out){ .name = name, .f = fd < 0 ? NULL : fdopen(fd, "w") };
	if (!ret->f)
		(void)fail_errno(why, errno, "make %s", path.s);
	return ret->f != NULL;
}

/* @text is changed. */
static void put(struct out *out, char *text)
{
	redact(&out->redactor, text);
	if (fputs(text, out->f) < 0 && !out->error)
		out->error = errno;
}

static int finish(struct out *out, struct fail *why)
{
	if (fclose(out->f) != 0 && !out->error)
		out->error = errno;
	return out->error ? fail_errno(why, out->error, "write %s", out->name) : 0;
}

static int run_command(const struct site *site, size_t i, char *buf, struct fail *why)
{
	struct fail ours = { 0 };
	char name[64], end[40];
	struct out out;
	int status = 0;

	snprintf(name, sizeof(name), "%s.txt", commands[i].name);
	if (!create(site, name, &out, why))
		return -why->code;
	if (proc_run_answer(commands[i].argv, &status, buf, ANSWER_BYTES, &ours) < 0)
		snprintf(buf, ANSWER_BYTES, "%s\n", ours.msg);
	put(&out, buf);
	snprintf(end, sizeof(end), "(exit status %d)\n", status);
	if (status)
		put(&out, end);
	return finish(&out, why);
}

/* The end of the file, line by line; one line is not longer than what getline() finds. */
static int copy_file(const struct site *site, const char *path, struct fail *why)
{
	autofclose FILE *in = fopen(path, "re");
	autofree char *line = NULL;
	char name[256];
	size_t room = 0;
	struct stat st;
	struct out out;

	/* One that is not there is left out: it is not what the archive is for. */
	if (!in || fstat(fileno(in), &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	snprintf(name, sizeof(name), "%s", path + strlen(site->root) + 1);
	for (char *p = name; *p; p++)
		if (*p == '/')
			*p = '_';
	/* From the middle: the rest of the line that was hit is no line. */
	if (st.st_size > FILE_BYTES_MAX &&
	    (fseeko(in, -FILE_BYTES_MAX, SEEK_END) < 0 || getline(&line, &room, in) < 0))
		return fail_errno(why, errno, "read the end of %s", path);
	if (!create(site, name, &out, why))
		return -why->code;
	while (getline(&line, &room, in) >= 0)
		put(&out, line);
	return finish(&out, why);
}

static int copy_files(const struct site *site, const char *pattern, struct fail *why)
{
	glob_t found = { 0 };
	int r = 0;

	if (glob(site_path(site, pattern).s, 0, NULL, &found) != 0)
		return 0;
	for (size_t i = 0; r == 0 && i < found.gl_pathc; i++)
		r = copy_file(site, found.gl_pathv[i], why);
	globfree(&found);
	return r;
}

/* "2026-11-23T16:00:00.000000Z identifier[pid] <priority>: message" */
static int write_row(const char *const values[JOURNAL_COLUMNS], void *arg)
{
	uint64_t time_us = strtoull(values[1], NULL, 10);
	time_t seconds = (time_t)(time_us / 1000000);
	char when[32], line[6144];
	struct out *out = arg;
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(line, sizeof(line), "%s.%06uZ %s[%s] <%s>: %s\n", when,
		 (unsigned)(time_us % 1000000), values[4], values[5], values[2], values[6]);
	put(out, line);
	return -out->error;
}

static int write_journal(const struct site *site, struct fail *why)
{
	struct fail ours = { 0 };
	struct out out;

	if (!create(site, "journal.txt", &out, why))
		return -why->code;
	if (journal_visit(site, JOURNAL_ROWS, write_row, &out, &ours) < 0)
		put(&out, ours.msg);
	return finish(&out, why);
}

static int collect(const struct site *site, struct fail *why)
{
	autofree char *buf = malloc(ANSWER_BYTES);
	int r;

	if (!buf)
		return fail_errno(why, ENOMEM, "collect the logs");
	r = write_journal(site, why);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(commands); i++)
		r = run_command(site, i, buf, why);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(files); i++)
		r = copy_files(site, files[i], why);
	return r;
}

static int pack(const struct site *site, struct fail *why)
{
	struct site_path from = site_path(site, COLLECT), to = site_path(site, ARCHIVE_FILE ".new");
	struct site_path last = site_path(site, ARCHIVE_FILE);
	const char *const argv[] = { "tar",  "--zstd", "--owner=0", "--group=0",    "-C",
				     from.s, "-cf",    to.s,	    "palette-logs", NULL };
	int r = proc_run(argv, NULL, 0, why);

	if (r == 0 && chmod(to.s, 0600) < 0)
		r = fail_errno(why, errno, "close %s to others", to.s);
	/* The one of before goes with the rename: a power cut must not leave an empty one in its place. */
	if (r == 0)
		r = file_flush(to.s, why);
	if (r == 0 && rename(to.s, last.s) < 0)
		r = fail_errno(why, errno, "move the archive to %s", last.s);
	if (r < 0)
		(void)unlink(to.s);
	return r;
}

static void remove_folder(const struct site *site)
{
	struct site_path path = site_path(site, FOLDER);
	DIR *dir = opendir(path.s);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			(void)unlink(site_pathf(site, FOLDER "/%s", entry->d_name).s);
	if (dir)
		closedir(dir);
	(void)rmdir(path.s);
	(void)rmdir(site_path(site, COLLECT).s);
}

void archive_tidy(const struct site *site)
{
	remove_folder(site);
	(void)unlink(site_path(site, ARCHIVE_FILE ".new").s);
}

int archive_make(const struct site *site, struct fail *why)
{
	static const char *const folders[] = { "/var/lib", "/var/lib/palette", SITE_STATE, COLLECT,
					       FOLDER };
	int r = 0;

	archive_tidy(site);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(folders); i++)
		if (mkdir(site_path(site, folders[i]).s, i < 2 ? 0755 : 0700) < 0 &&
		    errno != EEXIST)
			r = fail_errno(why, errno, "make directory %s", folders[i]);
	if (r == 0)
		r = collect(site, why);
	if (r == 0)
		r = pack(site, why);
	remove_folder(site);
	return r;
}
