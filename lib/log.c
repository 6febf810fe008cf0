/* SPDX-License-Identifier: Apache-2.0 */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static enum log_level max_level = LOG_LEVEL_INFO;
static int log_fd = STDERR_FILENO;

static const char *const level_names[] = {
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_WARN] = "warn",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_DEBUG] = "debug",
};

void log_set_level(enum log_level level)
{
	max_level = level;
}

int log_open(const char *path)
{
	int fd = STDERR_FILENO;

	if (path) {
		fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
		if (fd < 0)
			return -errno;
	}
	if (log_fd != STDERR_FILENO)
		close(log_fd);
	log_fd = fd;
	return 0;
}

void log_line(enum log_level level, const char *fmt, ...)
{
	struct timespec now = { 0 };
	char line[1024];
	va_list args;
	int n;

	if (level > max_level)
		return;
	clock_gettime(CLOCK_BOOTTIME, &now);
	n = snprintf(line, sizeof(line), "[%6ld.%03ld] %s: ", (long)now.tv_sec,
		     now.tv_nsec / 1000000, level_names[level]);
	va_start(args, fmt);
	vsnprintf(line + n, sizeof(line) - (size_t)n, fmt, args);
	va_end(args);
	/* One write per line, so that lines of several processes in one file do not mix. */
	n = (int)strlen(line);
	if (n == (int)sizeof(line) - 1)
		n--;
	line[n] = '\n';
	if (write(log_fd, line, (size_t)n + 1) < 0)
		return; /* nowhere left to say it */
}
