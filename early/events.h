/* SPDX-License-Identifier: Apache-2.0 */
/* events - everything PID 1 waits for, one at a time. */
#ifndef PALETTE_EVENTS_H
#define PALETTE_EVENTS_H

#include <sys/types.h>

#include "early.h"
#include "probe.h"

enum event_kind {
	EVENT_TIMEOUT,
	EVENT_DISK,    /* a block device came or changed: name */
	EVENT_LOST,    /* the kernel had too much to say: look at all disks again */
	EVENT_PROBED,  /* a probe ended: probe */
	EVENT_CHILD,   /* a child ended: pid, status */
	EVENT_RESTART, /* Ctrl+Alt+Del */
	EVENT_KEY,     /* a key was pressed at a console: console, key */
};

struct event {
	enum event_kind kind;
	char name[64];
	struct probe_result probe;
	pid_t pid;
	int status;
	size_t console;
	char key;
};

int events_open(struct early *early, struct fail *why);

/*
 * Waits at most @timeout_ms (-1: for ever). Drivers for devices that came are asked for on the way.
 * Keys are waited for only while the notice is shown.
 */
void events_wait(struct early *early, int timeout_ms, struct event *ret);

#endif
