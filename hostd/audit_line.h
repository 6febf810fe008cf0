/* SPDX-License-Identifier: Apache-2.0 */
/* audit_line - one event of the audit log as a line of JSON. Pure. */
#ifndef PALETTE_AUDIT_LINE_H
#define PALETTE_AUDIT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define AUDIT_LINE_BYTES 2048

struct audit_event {
	time_t time;
	const char *actor;  /* user name, "uid 0" for a local caller without one, "hostd" itself */
	const char *from;   /* address, terminal, "console" or "local" */
	const char *action; /* "login", "set-hostname" ... */
	const char *object; /* what it was done to; "" none */
	const char *result; /* "ok", "refused", "denied", "failed" */
	const char *reason; /* the error's message; "" where it is ok */
};

/* With the newline; never cut inside a string. Returns @buf of AUDIT_LINE_BYTES. */
char *audit_line(const struct audit_event *event, char *buf);

/* A line of the log, taken apart. */
struct audit_row {
	time_t time;
	char actor[96], from[160], action[64], object[320], result[24], reason[900];
};

/* Reads the @n bytes of one line without its newline. False: it is damaged. */
bool audit_parse(const char *line, size_t n, struct audit_row *ret);

/* What rows are wanted; "" and 0: any. */
struct audit_filter {
	uint64_t since_s, until_s; /* since 1970, both included */
	char actor[96], action[64], from[160], result[24];
	char contains[128]; /* in object or reason, in any case */
};

bool audit_matches(const struct audit_filter *filter, const struct audit_row *row);

#endif
