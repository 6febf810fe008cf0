/* SPDX-License-Identifier: Apache-2.0 */
/* early - what PID 1 knows and holds, for every role. */
#ifndef PALETTE_EARLY_H
#define PALETTE_EARLY_H

#include "boot_args.h"
#include "lib/cmdline.h"
#include "lib/fail.h"
#include "lib/image_conf.h"
#include "modules.h"
#include "notice.h"

#define LOG_PATH "/run/palette/init.log"

struct early {
	char cmdline[CMDLINE_BYTES_MAX];
	struct boot_args args;
	struct image_conf image;
	struct modules modules;
	struct notice notice;
	int uevent_fd;
	int signal_fd; /* SIGCHLD, SIGINT (Ctrl+Alt+Del), SIGTERM */
	int probe_fds[2];
	unsigned n_searches;
};

/*
 * The roles. Each returns only when it failed, with @why set; main says so and restarts the machine.
 */
int role_install(struct early *early, struct fail *why);
int role_run(struct early *early, struct fail *why); /* run and reset */
int role_live(struct early *early, struct fail *why);
int role_recovery(struct early *early, struct fail *why);

#endif
