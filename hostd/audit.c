/* SPDX-License-Identifier: Apache-2.0 */
#include "audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

/* Before any header of ours: sd-journal.h would otherwise write our file names into the journal. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "lib/cleanup.h"
#include "lib/log.h"

static void rotate(const struct site *site)
{
	struct site_path now = site_path(site, AUDIT_FILE);
	struct site_path first = site_path(site, AUDIT_FILE ".1");

	(void)rename(first.s, site_path(site, AUDIT_FILE ".2").s);
	if (rename(now.s, first.s) < 0)
		log_error("rotate %s: %s", now.s, strerror(errno));
}

/* Whether a full disk or a power cut left a line without its end. */
static bool is_torn(int fd)
{
	off_t end = lseek(fd, 0, SEEK_END);
	char last;

	return end > 0 && pread(fd, &last, 1, end - 1) == 1 && last != '\n';
}

/* @line stands behind a newline. */
static void append(const struct site *site, const char *line)
{
	struct site_path path = site_path(site, AUDIT_FILE);
	autoclose int fd = -1;
	struct stat st;
	size_t bytes;

	if (stat(path.s, &st) == 0 && st.st_size >= AUDIT_FILE_BYTES_MAX)
		rotate(site);
	fd = open(path.s, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (fd < 0) {
		log_error("write the audit log %s: %s", path.s, strerror(errno));
		return;
	}
	/* The torn line is lost; this one begins on its own. */
	line += !is_torn(fd);
	bytes = strlen(line);
	errno = ENOSPC; /* of a write that was cut */
	/* One write: lines of two processes do not mix. */
	if (write(fd, line, bytes) != (ssize_t)bytes)
		log_error("write the audit log %s: %s", path.s, strerror(errno));
}

void audit(const struct site *site, struct audit_event event)
{
	char line[1 + AUDIT_LINE_BYTES] = "\n";

	event.time = time(NULL);
	audit_line(&event, line + 1);
	append(site, line);
	if (*site->root)
		return; /* a test's events do not belong into the machine's journal */
	(void)sd_journal_send("MESSAGE=%s by %s from %s: %s%s%s%s%s", event.action, event.actor,
			      event.from, event.result, *event.object ? ": " : "", event.object,
			      *event.reason ? ": " : "", event.reason, "PRIORITY=%i", LOG_NOTICE,
			      "SYSLOG_IDENTIFIER=palette-audit", "PALETTE_ACTOR=%s", event.actor,
			      "PALETTE_FROM=%s", event.from, "PALETTE_ACTION=%s", event.action,
			      "PALETTE_OBJECT=%s", event.object, "PALETTE_RESULT=%s", event.result,
			      NULL);
}
