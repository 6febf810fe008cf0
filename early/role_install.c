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
#include <unistd.h>

#include "boot_clock.h"
#include "early.h"
#include "efivars.h"
#include "events.h"
#include "hotkeys.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "medium.h"
#include "mounts.h"
#include "power.h"
#include "screens.h"

#define CRASH_PAUSE_MAX	 10 /* seconds */
#define STATUS_DONE	 0
#define STATUS_REBOOT	 10
#define STATUS_POWER_OFF 11
#define STATUS_RESTART	 12

/* The person left for a shell; from here on the keys decide. */
static void wait_for_person(struct early *early)
{
	struct event event;

	notice_clear(&early->notice);
	notice_print(&early->notice, "Palette Edge Interactive Installer has ended.\n"
				     "Its log is /run/palette/install.log.\n\n");
	hotkeys_print(early, HOTKEY_ALL);
	for (;;) {
		events_wait(early, -1, &event);
		(void)hotkeys_take(early, &event, HOTKEY_ALL);
	}
}

/* A pause that grows, so that a crash at every start leaves time to read and to type. */
static void pause_after_crash(struct early *early, unsigned seconds)
{
	int64_t end = boot_clock_ms() + seconds * INT64_C(1000);
	struct event event;

	notice_clear(&early->notice);
	notice_print(&early->notice,
		     "The installer ended unexpectedly and starts again in %u s.\n"
		     "Its log is /run/palette/install.log.\n\n",
		     seconds);
	hotkeys_print(early, HOTKEY_ALL);
	while (boot_clock_ms() < end || notice_has_shell(&early->notice)) {
		events_wait(early, 200, &event);
		(void)hotkeys_take(early, &event, HOTKEY_ALL);
	}
}

static void prepare(struct early *early)
{
	static const char *const soon[] = { "vfat", "nls_cp437", "nls_ascii" };
	struct fail why;

	for (size_t i = 0; i < ARRAY_SIZE(soon); i++)
		modules_queue(&early->modules, soon[i]);
	modules_offer_extra(&early->modules, MEDIUM_DIR "/palette/drivers.img");
	if (efivars_mount(&early->modules, &why) < 0)
		log_warn("%s", why.msg);
}

/* An unattended run must not go on for ever: the next one is told how this one ended. */
static int run_again(struct early *early, struct screens_children *children, int status)
{
	char text[16];
	const char *const installer[] = { "/bin/palette-console", "--shell", "/bin/sh", "--",
					  "palette-install",	  "--ended", text,	NULL };

	snprintf(text, sizeof(text), "%d", status > 0 && status < 256 ? status : 255);
	return screens_run(early, children, installer);
}

int role_install(struct early *early, struct fail *why)
{
	static const char *const installer[] = { "/bin/palette-console", "--shell", "/bin/sh", "--",
						 "palette-install",	 NULL };
	static const char *const verifier[] = {
		"/bin/palette-console", "--shell",	   "/bin/sh", "--",
		"palette-install",	"--verify-screen", NULL
	};
	struct screens_children children = { 0 };
	unsigned n_crashes = 0;
	int status, r = medium_find(early, why);

	if (r < 0)
		return r;
	prepare(early);
	screens_start_shell(&children);
	status = screens_run(early, &children, early->args.verify ? verifier : installer);
	for (;;) {
		switch (status) {
		case STATUS_REBOOT:
		case STATUS_RESTART:
			power_down(POWER_REBOOT);
		case STATUS_POWER_OFF:
			power_down(POWER_OFF);
		case STATUS_DONE:
			wait_for_person(early);
			break;
		default:
			if (n_crashes < CRASH_PAUSE_MAX)
				n_crashes++;
			pause_after_crash(early, n_crashes);
			status = run_again(early, &children, status);
			continue;
		}
		status = screens_run(early, &children, installer);
	}
}
