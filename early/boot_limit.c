/* SPDX-License-Identifier: Apache-2.0 */
#include "boot_limit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/watchdog.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/log.h"

#define WATCHDOG	  "/dev/watchdog0" /* the first: no driver of a real one is in the initrd */
#define LIMIT_SECONDS_MAX 65535		   /* softdog's own */

int boot_limit_start(struct early *early, struct fail *why)
{
	autoclose int fd = -1;
	char text[16], *end;
	long seconds;
	int value, r;

	if (cmdline_get(early->cmdline, "palette.goal-within", text, sizeof(text)) < 0)
		return 0;
	seconds = strtol(text, &end, 10);
	if (*end || seconds < 1 || seconds > LIMIT_SECONDS_MAX)
		return fail_with(
			why, EINVAL,
			"kernel argument palette.goal-within: '%s' is no number from 1 to %d", text,
			LIMIT_SECONDS_MAX);
	r = modules_load(&early->modules, "softdog", why);
	if (r < 0)
		return r;
	fd = open(WATCHDOG, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return fail_errno(why, errno, "open %s", WATCHDOG);
	value = (int)seconds;
	if (ioctl(fd, WDIOC_SETTIMEOUT, &value) < 0)
		return fail_errno(why, errno, "set %s to %ld s", WATCHDOG, seconds);
	/* Closed without the letter that would stop it. */
	log_info("this system has %ld s to reach its goal", seconds);
	return 0;
}
