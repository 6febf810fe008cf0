/* SPDX-License-Identifier: Apache-2.0 */
#include "site.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "bus.h"
#include "lib/cleanup.h"
#include "lib/file.h"

#define FILE_MAX     ((size_t)1024 * 1024)
#define CALL_TIMEOUT (UINT64_C(20) * 1000 * 1000) /* microseconds */

struct site_path site_path(const struct site *site, const char *path)
{
	return site_pathf(site, "%s", path);
}

struct site_path site_pathf(const struct site *site, const char *fmt, ...)
{
	struct site_path path;
	size_t used = (size_t)snprintf(path.s, sizeof(path.s), "%s", site->root);
	va_list args;

	va_start(args, fmt);
	if (used < sizeof(path.s))
		vsnprintf(path.s + used, sizeof(path.s) - used, fmt, args);
	va_end(args);
	return path;
}

/* The directory of @path and those above it, down from the root of the site. */
static int make_directories(const struct site *site, const char *path, struct fail *why)
{
	struct site_path full = site_path(site, path);

	for (char *p = full.s + strlen(site->root) + 1; (p = strchr(p, '/')) != NULL; p++) {
		*p = '\0';
		if (mkdir(full.s, 0755) < 0 && errno != EEXIST)
			return fail_errno(why, errno, "make directory %s", full.s);
		*p = '/';
	}
	return 0;
}

int site_write(const struct site *site, const char *path, const void *data, size_t bytes,
	       mode_t mode, struct fail *why)
{
	int r = make_directories(site, path, why);

	return r < 0 ? r : file_write_atomic(site_path(site, path).s, data, bytes, mode, why);
}

int site_write_changed(const struct site *site, const char *path, const void *data, size_t bytes,
		       mode_t mode, struct fail *why)
{
	autofree char *now = NULL;
	size_t n = 0;
	int r;

	r = file_read(site_path(site, path).s, FILE_MAX, &now, &n, NULL);
	if (r == 0 && n == bytes && memcmp(now, data, n) == 0)
		return 0;
	r = site_write(site, path, data, bytes, mode, why);
	return r < 0 ? r : 1;
}

int site_remove(const struct site *site, const char *path, struct fail *why)
{
	struct site_path full = site_path(site, path);

	if (unlink(full.s) == 0)
		return 1;
	return errno == ENOENT ? 0 : fail_errno(why, errno, "remove %s", full.s);
}

int site_read(const struct site *site, const char *path, char **ret, struct fail *why)
{
	struct fail ours = { 0 };
	int r = file_read(site_path(site, path).s, FILE_MAX, ret, NULL, &ours);

	if (r == -ENOENT) {
		*ret = calloc(1, 1);
		return *ret ? 0 : fail_errno(why, ENOMEM, "read %s", path);
	}
	if (r < 0 && why)
		*why = ours;
	return r;
}

int site_call(const char *what, const char *service, const char *path, const char *interface,
	      const char *member, struct fail *why, const char *types, ...)
{
	autobusmessage sd_bus_message *m = NULL;
	autobuserror sd_bus_error error = SD_BUS_ERROR_NULL;
	autobus sd_bus *bus = NULL;
	va_list args;
	int r;

	r = sd_bus_open_system(&bus);
	if (r >= 0)
		r = sd_bus_message_new_method_call(bus, &m, service, path, interface, member);
	if (r >= 0) {
		va_start(args, types);
		r = sd_bus_message_appendv(m, types, args);
		va_end(args);
	}
	if (r >= 0)
		r = sd_bus_call(bus, m, CALL_TIMEOUT, &error, NULL);
	if (r < 0 && sd_bus_error_is_set(&error))
		return fail_with(why, EIO, "%s: %s", what, error.message);
	return r < 0 ? fail_errno(why, -r, "%s", what) : 0;
}

int site_restart_unit(const char *unit, struct fail *why)
{
	char what[128];

	snprintf(what, sizeof(what), "restart %s", unit);
	return site_call(what, "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
			 "org.freedesktop.systemd1.Manager", "ReloadOrTryRestartUnit", why, "ss",
			 unit, "replace");
}
