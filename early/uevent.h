/* SPDX-License-Identifier: Apache-2.0 */
/* uevent - what the kernel says about devices that come, change and go. */
#ifndef PALETTE_UEVENT_H
#define PALETTE_UEVENT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/fail.h"

#define UEVENT_BYTES_MAX 8192

/* All strings point into the message it was taken from; "" where the event does not say. */
struct uevent {
	const char *action;
	const char *subsystem;
	const char *devname; /* relative to /dev */
	const char *modalias;
};

/* "add@/devices/..." and NUL-separated KEY=value behind it. Pure. -EINVAL: something else. */
int uevent_parse(const char *message, size_t bytes, struct uevent *ret);

/* A nonblocking socket that receives the kernel's events from now on, or -errno. */
int uevent_open(struct fail *why);

/*
 * The next event into @buf, taken apart. True when there was one. Sets @ret_lost when the kernel had
 * more events than fit into the socket: what sysfs shows now has to be read again.
 */
bool uevent_receive(int fd, char *buf, size_t size, struct uevent *ret, bool *ret_lost);

#endif
