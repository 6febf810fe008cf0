/* SPDX-License-Identifier: Apache-2.0 */
#include "power.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/log.h"

#define GRACE_MS   3000
#define MOUNTS_MAX 128

static bool no_children_left(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD;
}

static void end_processes(void)
{
	const struct timespec moment = { .tv_nsec = 20 * 1000000L };

	(void)kill(-1, SIGTERM);
	for (int ms = 0; ms < GRACE_MS && !no_children_left(); ms += 20)
		nanosleep(&moment, NULL);
	(void)kill(-1, SIGKILL);
	for (int ms = 0; ms < GRACE_MS && !no_children_left(); ms += 20)
		nanosleep(&moment, NULL);
}

static bool is_below(const char *place, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(place, dir, n) == 0 && (place[n] == '/' || place[n] == '\0');
}

/* /sysroot is not one of them. */
static bool is_kernels(const char *place)
{
	return strcmp(place, "/") == 0 || is_below(place, "/proc") || is_below(place, "/sys") ||
	       is_below(place, "/dev");
}

/* Mounts are listed oldest first: the last has to go first. */
static void unmount_all(void)
{
	autofclose FILE *list = fopen("/proc/self/mounts", "re");
	char *places[MOUNTS_MAX] = { 0 };
	char line[1024], place[512];
	size_t n = 0;

	while (list && n < MOUNTS_MAX && fgets(line, sizeof(line), list)) {
		if (sscanf(line, "%*s %511s", place) == 1 && !is_kernels(place))
			places[n++] = strdup(place);
	}
	while (n > 0) {
		n--;
		if (places[n] && umount2(places[n], 0) < 0 && umount2(places[n], MNT_DETACH) < 0)
			log_warn("unmount %s: %s", places[n], strerror(errno));
		free(places[n]);
	}
}

void power_down(enum power_action action)
{
	log_info("%s", action == POWER_OFF ? "power off" : "reboot");
	end_processes();
	(void)log_open(NULL);
	sync();
	unmount_all();
	sync();
	(void)reboot(action == POWER_OFF ? RB_POWER_OFF : RB_AUTOBOOT);
	/* No way to power off, e.g. without ACPI: the disks are flushed, it may be switched off. */
	for (;;)
		pause();
}
