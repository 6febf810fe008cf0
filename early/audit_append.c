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
	char line[AUDIT_LINE_BYTES], last = '\n';
	off_t end;

	if (fd < 0)
		return fail_errno(why, errno, "open %s", path);
	end = lseek(fd, 0, SEEK_END);
	if (end > 0)
		(void)file_read_all(fd, &last, 1, (uint64_t)end - 1);
	(void)audit_line(event, line);
	if ((last != '\n' && write(fd, "\n", 1) != 1) ||
	    write(fd, line, strlen(line)) != (ssize_t)strlen(line))
		return fail_errno(why, errno, "write %s", path);
	return 0;
}
