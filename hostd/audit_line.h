/* SPDX-License-Identifier: Apache-2.0 */
/* audit_line - one event of the audit log as a line of JSON. Pure. */
#ifndef PALETTE_AUDIT_LINE_H
#define PALETTE_AUDIT_LINE_H

#include <stddef.h>
#include <time.h>

#define AUDIT_LINE_BYTES 2048

struct audit_event {
	time_t time;
	const char *actor;  /* user name, "uid 0" for a local caller without one, "hostd" itself */
	const char *from;   /* address or terminal */
	const char *action; /* "login", "set-hostname" ... */
	const char *object; /* what it was done to; "" none */
	const char *result; /* "ok", "refused", "denied", "failed" */
	const char *reason; /* the error's message; "" where it is ok */
};

/* With the newline; never cut inside a string. Returns @buf of AUDIT_LINE_BYTES. */
char *audit_line(const struct audit_event *event, char *buf);

#endif
