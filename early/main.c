/* SPDX-License-Identifier: Apache-2.0 */
/*
 * palette-init - PID 1 of the initrd.
 *
 * Mounts the kernel's file systems, gives every device its driver and plays the role that GRUB names
 * (docs/FORMATS.md). It never exits: whatever fails is said on every console, then the machine starts
 * again, so that GRUB can count the attempt and take the other slot.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "boot_clock.h"
#include "coldplug.h"
#include "early.h"
#include "events.h"
#include "hotkeys.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "mounts.h"
#include "power.h"

#define FAILED_SECONDS 30
#define CONSOLE_OFF    6 /* syslog(2): no kernel messages on the consoles */
#define CONSOLE_LEVEL  8

static void setup_descriptors(void)
{
	int fd = open("/dev/null", O_RDWR);

	for (int i = 0; fd >= 0 && i < 3; i++)
		(void)dup2(fd, i);
	if (fd > 2)
		close(fd);
}

static int read_conf(struct early *early, struct fail *why)
{
	autofree char *text = NULL;
	int r = file_read(IMAGE_CONF_PATH, IMAGE_CONF_BYTES_MAX, &text, NULL, why);

	return r < 0 ? r : image_conf_parse(text, &early->image, why);
}

/*
 * The kernel asks /sbin/modprobe for what it lacks, from a mount or from its crypto. Not in the initrd
 * from the beginning: while it starts, the kernel would run it a dozen times for modules nobody has,
 * which is a second of an emulated machine's start.
 */
static void provide_modprobe(void)
{
	if (symlink("busybox", "/usr/bin/modprobe") < 0 && errno != EEXIST)
		log_warn("make /usr/bin/modprobe: %s", strerror(errno));
}

static int setup_modules(struct early *early, struct fail *why)
{
	struct utsname kernel;
	char dir[200];
	int r;

	(void)uname(&kernel);
	snprintf(dir, sizeof(dir), "/lib/modules/%s", kernel.release);
	provide_modprobe();
	r = modules_open(dir, early->cmdline, &early->modules, why);
	return r < 0 ? r : modules_start(&early->modules, why);
}

static int setup(struct early *early, struct fail *why)
{
	autofree char *cmdline = NULL;
	int r = mounts_kernel(why);

	if (r < 0)
		return r;
	setup_descriptors();
	(void)log_open(LOG_PATH);
	log_info("initrd: begin");
	/* Kernel messages stay in its log: on a console they would tear a screen apart. */
	(void)klogctl(CONSOLE_LEVEL, NULL, 1);
	(void)reboot(RB_DISABLE_CAD); /* Ctrl+Alt+Del becomes SIGINT */
	r = file_read("/proc/cmdline", sizeof(early->cmdline) - 1, &cmdline, NULL, why);
	if (r < 0)
		return r;
	snprintf(early->cmdline, sizeof(early->cmdline), "%s", cmdline);
	if (cmdline_has(early->cmdline, "palette.debug=1"))
		log_set_level(LOG_LEVEL_DEBUG);
	/* The event socket is open before the devices are listed: nothing falls between. */
	r = events_open(early, why);
	if (r == 0)
		r = setup_modules(early, why);
	if (r < 0)
		return r;
	coldplug("/sys", &early->modules);
	modules_listed(&early->modules);
	log_info("devices listed");
	return 0;
}

static int run_role(struct early *early, struct fail *why)
{
	int r = boot_args_parse(early->cmdline, &early->args, why);

	if (r < 0)
		return r;
	log_info("role %s", role_name(early->args.role));
	r = read_conf(early, why);
	if (r < 0)
		return r;
	switch (early->args.role) {
	case ROLE_INSTALL:
		return role_install(early, why);
	case ROLE_RUN:
	case ROLE_RESET:
		return role_run(early, why);
	case ROLE_LIVE:
		return role_live(early, why);
	case ROLE_RECOVERY:
		return role_recovery(early, why);
	}
	return fail_with(why, EINVAL, "role %d is none", (int)early->args.role);
}

/*
 * Counts down on every console. Without an account there is nobody who could be asked for a password:
 * a shell is offered only where the kernel arguments allow it.
 */
static void failed(struct early *early, const struct fail *why)
{
	unsigned keys = HOTKEY_RESTART | HOTKEY_POWER_OFF | (early->args.debug ? HOTKEY_SHELL : 0);
	struct event event;
	int64_t end = boot_clock_ms() + FAILED_SECONDS * INT64_C(1000);
	int left, shown = -1;

	log_error("%s", why->msg);
	notice_clear(&early->notice);
	notice_print(&early->notice, "Palette Edge %s could not start%s%.1s.\n\n%s\n\n",
		     early->image.version, early->args.slot ? " from slot " : "",
		     early->args.slot ? &early->args.slot : "", why->msg);
	hotkeys_print(early, keys);
	notice_print(&early->notice, "\n");
	while ((left = (int)((end - boot_clock_ms() + 999) / 1000)) > 0) {
		if (left != shown)
			notice_print(&early->notice, "\rThis machine restarts in %2d s. ", left);
		shown = left;
		events_wait(early, 200, &event);
		if (hotkeys_take(early, &event, keys) || notice_has_shell(&early->notice))
			end = boot_clock_ms() + FAILED_SECONDS * INT64_C(1000);
	}
	notice_print(&early->notice, "\n");
	power_down(POWER_REBOOT);
}

int main(void)
{
	struct early *early = xcalloc(1, sizeof(*early));
	struct fail why = { 0 };
	int r;

	if (getpid() != 1) {
		fputs("palette-init: this is the initrd's first process, not a command\n", stderr);
		return 2;
	}
	(void)umask(022);
	(void)setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	early->notice.cmdline = early->cmdline;
	early->uevent_fd = early->signal_fd = early->modules.loader_fd = -1;
	early->probe_fds[0] = early->probe_fds[1] = -1;
	r = setup(early, &why);
	if (r == 0)
		r = run_role(early, &why);
	if (r == 0)
		(void)fail_with(&why, EINVAL, "the role ended without an error");
	failed(early, &why);
}
