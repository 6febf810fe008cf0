/* SPDX-License-Identifier: Apache-2.0 */
/*
 * site - where the files are, and how other services are reached.
 *
 * Everything that touches the machine takes a site, so that a test gives it a directory and a bus
 * of its own. Used in jobs (job.h), which may block.
 */
#ifndef PALETTE_SITE_H
#define PALETTE_SITE_H

#include <dirent.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/fail.h"

#define SITE_ADMIN_GROUP "palette-admin"
#define SITE_STATE	 "/var/lib/palette/hostd"
#define SITE_KEEP	 "/data/keep"

struct site {
	const char *root; /* before every path; "" the machine's own */
	const char *
		adapter_kind; /* links of this kind count as adapters too (tests: "veth"); "" none */
	unsigned probe_ms;    /* between two ARP probes; RFC 5227 has 1000 to 2000 */
};

struct site_path {
	char s[512];
};

/* @path under the root; cut where it is too long, so that it does not exist. */
struct site_path site_path(const struct site *site, const char *path);
struct site_path site_pathf(const struct site *site, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Writes a file atomically and makes its directory where there is none. */
int site_write(const struct site *site, const char *path, const void *data, size_t bytes,
	       mode_t mode, struct fail *why);

/* The same, but leaves a file alone that has these bytes. 1: written, 0: it was so. */
int site_write_changed(const struct site *site, const char *path, const void *data, size_t bytes,
		       mode_t mode, struct fail *why);

/* Waits for the lock that the file stands for; closing the descriptor gives it back. */
int site_lock(const struct site *site, const char *path, struct fail *why);

/* The next one of @dir, "what" for people: 1; 0 at the end, and of no folder (NULL); -errno. */
int site_next_entry(DIR *dir, const char *what, struct dirent **ret, struct fail *why);

/* Removes a file. 1: removed, 0: there was none. */
int site_remove(const struct site *site, const char *path, struct fail *why);

/* The file's text, "" where there is none; caller frees. At most 1 MiB. */
int site_read(const struct site *site, const char *path, char **ret, struct fail *why);

/*
 * Calls a service over a connection to the system bus of its own and drops the answer; @types as for
 * sd_bus_call_method(). @what is what it is for, in the failure's message.
 */
int site_call(const char *what, const char *service, const char *path, const char *interface,
	      const char *member, struct fail *why, const char *types, ...);

/*
 * Waits until networkd, resolved and logind are on the bus, 60 s at most: this service starts before
 * them all, and what site_call() calls is as late as they are.
 */
void site_await_services(void);

/* Starts a oneshot unit and waits for its end, 90 s. */
int site_start_unit(const char *unit, struct fail *why);

/* Reloads or restarts a unit. One that is not running stays so. */
int site_restart_unit(const char *unit, struct fail *why);

/* The same without a reload, for what a unit reads at its start alone. */
int site_try_restart_unit(const char *unit, struct fail *why);

#endif
