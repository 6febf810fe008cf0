/* SPDX-License-Identifier: Apache-2.0 */
#include "site.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "bus.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"

#define FILE_MAX      ((size_t)1024 * 1024)
#define CALL_TIMEOUT  (UINT64_C(20) * 1000 * 1000) /* microseconds */
#define START_SECONDS 90
#define AWAIT_SECONDS 60
#define AWAIT_PER_S   4
#define BUS	      "org.freedesktop.DBus"
#define BUS_PATH      "/org/freedesktop/DBus"
#define SYSTEMD	      "org.freedesktop.systemd1"
#define SYSTEMD_PATH  "/org/freedesktop/systemd1"
#define MANAGER	      "org.freedesktop.systemd1.Manager"

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

int site_lock(const struct site *site, const char *path, struct fail *why)
{
	struct site_path full = site_path(site, path);
	autoclose int fd = -1;
	int r = make_directories(site, path, why);

	if (r < 0)
		return r;
	fd = open(full.s, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail_errno(why, errno, "open %s", full.s);
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return fail_errno(why, errno, "lock %s", full.s);
	return take_fd(&fd);
}

int site_next_entry(DIR *dir, const char *what, struct dirent **ret, struct fail *why)
{
	errno = 0;
	*ret = dir ? readdir(dir) : NULL;
	if (*ret)
		return 1;
	return errno ? fail_errno(why, errno, "list %s", what) : 0;
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

/* Whether the bus would start @service: its name is that of a unit, or of a file. */
static bool is_activatable(sd_bus *bus, const char *service)
{
	autobusmessage sd_bus_message *reply = NULL;
	const char *name;
	bool found = false;

	if (sd_bus_call_method(bus, BUS, BUS_PATH, BUS, "ListActivatableNames", NULL, &reply, "") <
		    0 ||
	    sd_bus_message_enter_container(reply, 'a', "s") < 0)
		return false;
	while (!found && sd_bus_message_read(reply, "s", &name) > 0)
		found = strcmp(name, service) == 0;
	return found;
}

static bool has_owner(sd_bus *bus, const char *service)
{
	autobusmessage sd_bus_message *reply = NULL;
	int owned = 0;

	return sd_bus_call_method(bus, BUS, BUS_PATH, BUS, "NameHasOwner", NULL, &reply, "s",
				  service) >= 0 &&
	       sd_bus_message_read(reply, "b", &owned) >= 0 && owned;
}

void site_await_services(void)
{
	/* logind for those that a call starts, such as hostnamed: it is as late as they are. */
	static const char *const services[] = { "org.freedesktop.network1",
						"org.freedesktop.resolve1",
						"org.freedesktop.login1" };
	autobus sd_bus *bus = NULL;
	size_t i = 0;

	if (sd_bus_open_system(&bus) < 0)
		return;
	for (unsigned n = 0; i < ARRAY_SIZE(services) && n < AWAIT_SECONDS * AWAIT_PER_S; n++) {
		while (i < ARRAY_SIZE(services) &&
		       (!is_activatable(bus, services[i]) || has_owner(bus, services[i])))
			i++;
		if (i < ARRAY_SIZE(services))
			usleep(1000000 / AWAIT_PER_S);
	}
	if (i < ARRAY_SIZE(services))
		log_warn("%s was not on the bus within %u s", services[i], AWAIT_SECONDS);
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

struct unit_job {
	const char *path; /* NULL: not known yet */
	char result[32];
};

static int on_job_removed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct unit_job *job = userdata;
	const char *path, *unit, *result;
	uint32_t id;

	(void)error;
	if (sd_bus_message_read(m, "uoss", &id, &path, &unit, &result) >= 0 && job->path &&
	    strcmp(path, job->path) == 0)
		snprintf(job->result, sizeof(job->result), "%s", result);
	return 0;
}

static int await_job(sd_bus *bus, const struct unit_job *job)
{
	unsigned waited = 0;

	while (!job->result[0]) {
		int r = sd_bus_process(bus, NULL);

		if (r == 0)
			r = sd_bus_wait(bus, 1000000);
		if (r < 0)
			return r;
		if (r == 0 && ++waited == START_SECONDS)
			return -ETIMEDOUT;
	}
	return 0;
}

int site_start_unit(const char *unit, struct fail *why)
{
	autobusmessage sd_bus_message *reply = NULL;
	autobuserror sd_bus_error error = SD_BUS_ERROR_NULL;
	autobus sd_bus *bus = NULL;
	struct unit_job job = { 0 };
	int r = sd_bus_open_system(&bus);

	if (r >= 0)
		r = sd_bus_match_signal(bus, NULL, SYSTEMD, SYSTEMD_PATH, MANAGER, "JobRemoved",
					on_job_removed, &job);
	if (r >= 0)
		r = sd_bus_call_method(bus, SYSTEMD, SYSTEMD_PATH, MANAGER, "Subscribe", &error,
				       NULL, "");
	if (r >= 0)
		r = sd_bus_call_method(bus, SYSTEMD, SYSTEMD_PATH, MANAGER, "StartUnit", &error,
				       &reply, "ss", unit, "replace");
	if (r >= 0)
		r = sd_bus_message_read(reply, "o", &job.path);
	if (r >= 0)
		r = await_job(bus, &job);
	if (r < 0 && sd_bus_error_is_set(&error))
		return fail_with(why, EIO, "start %s: %s", unit, error.message);
	if (r < 0)
		return fail_errno(why, -r, "start %s", unit);
	if (strcmp(job.result, "done") != 0)
		return fail_with(why, EIO, "start %s: %s; \"journalctl -u %s\" has more", unit,
				 job.result, unit);
	return 0;
}

static int restart_unit(const char *member, const char *unit, struct fail *why)
{
	char what[128];

	snprintf(what, sizeof(what), "restart %s", unit);
	return site_call(what, SYSTEMD, SYSTEMD_PATH, MANAGER, member, why, "ss", unit, "replace");
}

int site_restart_unit(const char *unit, struct fail *why)
{
	return restart_unit("ReloadOrTryRestartUnit", unit, why);
}

int site_try_restart_unit(const char *unit, struct fail *why)
{
	return restart_unit("TryRestartUnit", unit, why);
}
