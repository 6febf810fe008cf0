/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_append.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/file.h"

int audit_append(const char *path, const struct audit_event *event, struct fail *why)
{
	autoclose int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0640);
	char line[AUDIT_LINE_BYTES + 1] = "\n", last = '\n';
	const char *text = line;
	ssize_t n;
	off_t end;

	if (fd < 0)
		return fail_errno(why, errno, "open %s", path);
	end = lseek(fd, 0, SEEK_END);
	if (end > 0)
		(void)file_read_all(fd, &last, 1, (uint64_t)end - 1);
	(void)audit_line(event, line + 1);
	/* A torn last line is closed first. */
	text += last == '\n';
	n = write(fd, text, strlen(text));
	if (n != (ssize_t)strlen(text))
		return fail_errno(why, n < 0 ? errno : ENOSPC, "write %s", path);
	return 0;
}
