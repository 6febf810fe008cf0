/* SPDX-License-Identifier: Apache-2.0 */
#include "screens.h"

#include <sys/wait.h>

#include "boot_clock.h"
#include "events.h"
#include "lib/log.h"
#include "power.h"
#include "spawn_tty.h"

void screens_start_shell(struct screens_children *children)
{
	children->shell = spawn_shell_on_request(SCREENS_SHELL_TTY);
	children->shell_since_ms = boot_clock_ms();
}

/* Waits until the program has ended and returns its status; the shell is started again on the way. */
static int wait_for_program(struct early *early, struct screens_children *children)
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
		if (event.pid == children->shell &&
		    boot_clock_ms() - children->shell_since_ms >= 1000)
			screens_start_shell(children);
	}
}

int screens_run(struct early *early, struct screens_children *children, const char *const program[])
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
