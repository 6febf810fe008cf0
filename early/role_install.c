/* SPDX-License-Identifier: Apache-2.0 */
/* role install - from the medium to the installer's screens. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "early.h"
#include "events.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "medium.h"
#include "mounts.h"
#include "power.h"
#include "spawn_tty.h"

#define SHELL_TTY	 "/dev/tty2"
#define CRASH_PAUSE_MAX	 10 /* seconds */
#define STATUS_REBOOT	 10
#define STATUS_POWER_OFF 11
#define STATUS_RESTART	 12

struct children {
	pid_t program;
	pid_t shell; /* on SHELL_TTY, so that Ctrl+Alt+F2 finds one */
	time_t shell_since;
};

static time_t seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec;
}

static void start_shell(struct children *children)
{
	children->shell = spawn_shell_on_request(SHELL_TTY);
	children->shell_since = seconds_now();
}

/* Waits until the program has ended and returns its status; the shell is started again on the way. */
static int wait_for_program(struct early *early, struct children *children)
{
	struct event event;

	for (;;) {
		events_wait(early, -1, &event);
		if (event.kind == EVENT_RESTART)
			power_down(POWER_REBOOT);
		if (event.kind != EVENT_CHILD)
			continue;
		if (event.pid == children->program)
			return event.status;
		/* One that ends at once has no terminal: a machine without a screen. */
		if (event.pid == children->shell && seconds_now() - children->shell_since >= 1)
			start_shell(children);
	}
}

static int run_screens(struct early *early, struct children *children, const char *const program[])
{
	int status;

	notice_close(&early->notice);
	children->program = spawn_on_tty(NULL, program);
	if (children->program < 0)
		return -1;
	status = wait_for_program(early, children);
	if (WIFEXITED(status)) {
		log_info("%s: exit status %d", program[0], WEXITSTATUS(status));
		return WEXITSTATUS(status);
	}
	log_error("%s: killed by signal %d", program[0], WTERMSIG(status));
	return -1;
}

static void pause_seconds(struct early *early, unsigned seconds)
{
	struct event event;
	time_t end = seconds_now() + (time_t)seconds;

	while (seconds_now() < end) {
		events_wait(early, 200, &event);
		if (event.kind == EVENT_RESTART)
			power_down(POWER_REBOOT);
		if (event.kind == EVENT_KEY && (event.key == 's' || event.key == 'S'))
			notice_shell(&early->notice, event.console);
	}
}

int role_install(struct early *early, struct fail *why)
{
	static const char *const installer[] = { "/bin/palette-console", "--shell", "/bin/sh", "--",
						 "palette-install",	 NULL };
	static const char *const shell[] = {
		"/bin/palette-console", "--shell", "/bin/sh", "--", "/bin/sh", "-l", NULL
	};
	struct children children = { 0 };
	unsigned n_crashes = 0;
	int r = medium_find(early, why);

	if (r == -EINTR)
		power_down(POWER_REBOOT);
	if (r < 0)
		return r;
	modules_queue(&early->modules, "vfat");
	modules_queue(&early->modules, "nls_cp437");
	modules_queue(&early->modules, "nls_ascii");
	modules_queue(&early->modules, "efivarfs");
	if (mounts_efivars(why) < 0)
		log_warn("%s", why->msg);
	start_shell(&children);
	for (;;) {
		switch (run_screens(early, &children, installer)) {
		case STATUS_REBOOT:
		case STATUS_RESTART:
			power_down(POWER_REBOOT);
		case STATUS_POWER_OFF:
			power_down(POWER_OFF);
		case 0:
			(void)run_screens(early, &children, shell);
			n_crashes = 0;
			break;
		default:
			if (n_crashes < CRASH_PAUSE_MAX)
				n_crashes++;
			notice_clear(&early->notice);
			notice_print(&early->notice,
				     "The installer ended unexpectedly and starts again in %u s.\n"
				     "Its log is /run/palette/install.log. Press s for a shell.\n",
				     n_crashes);
			pause_seconds(early, n_crashes);
		}
	}
}
