/* SPDX-License-Identifier: Apache-2.0 */
#include "api_archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "api.h"
#include "archive.h"
#include "audit.h"
#include "lib/cleanup.h"
#include "names.h"
#include "request.h"

static const char *state_name(const struct hostd *h, struct stat *ret)
{
	bool there = stat(site_path(&h->site, ARCHIVE_FILE).s, ret) == 0;

	if (h->archive_running)
		return "InProgress";
	if (h->archive_reason[0])
		return "Failed";
	return there ? "Completed" : "Unknown";
}

static void emit(struct hostd *h)
{
	struct stat st;

	(void)sd_bus_emit_signal(h->bus, HOSTD_PATH, HOSTD_LOGS, "ArchiveChanged", "s",
				 state_name(h, &st));
}

static int work(void *arg, struct fail *why)
{
	const struct hostd *h = arg;

	return archive_make(&h->site, why);
}

static void after(int result, const struct fail *why, void *arg)
{
	struct hostd *h = arg;

	h->archive_running = false;
	if (result < 0)
		snprintf(h->archive_reason, sizeof(h->archive_reason), "%s", why->msg);
	emit(h);
}

int method_archive(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct hostd *h = userdata;
	struct request *request;
	struct fail why = { 0 };
	const char *token;
	int r = sd_bus_message_read(m, "s", &token);

	(void)error;
	if (r < 0)
		return r;
	request = request_new(h, m, token, "collect-logs", "", NULL, &r);
	if (!request)
		return r;
	/* Not a job of the request: its answer does not wait for the archive. */
	if (job_start(&h->jobs, h->event, JOB_ARCHIVE, work, after, h, &why) < 0)
		return request_fail(request, &why);
	h->archive_running = true;
	h->archive_reason[0] = '\0';
	emit(h);
	return request_done(request);
}

static void file_name(const struct hostd *h, const struct stat *st, char *buf, size_t size)
{
	char host[HOSTNAME_MAX + 1], when[32];
	struct tm tm;

	gmtime_r(&st->st_mtime, &tm);
	strftime(when, sizeof(when), "%Y%m%d-%H%M%S", &tm);
	snprintf(buf, size, "palette-logs-%s-%s.tar.zst", hostname_read(&h->site, host), when);
}

int method_archive_status(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	autobusmessage sd_bus_message *reply = NULL;
	struct hostd *h = userdata;
	struct stat st = { 0 };
	char name[160] = "";
	const char *state;
	int r = api_list_begin(m, h, "{sv}", &reply);

	(void)error;
	if (!reply)
		return r;
	state = state_name(h, &st);
	if (strcmp(state, "Completed") == 0)
		file_name(h, &st, name, sizeof(name));
	if (r >= 0)
		r = api_string(reply, "state", state);
	if (r >= 0)
		r = api_string(reply, "reason", h->archive_reason);
	if (r >= 0)
		r = api_u64(reply, "size", name[0] ? (uint64_t)st.st_size : 0);
	if (r >= 0)
		r = api_u64(reply, "time", name[0] ? (uint64_t)st.st_mtime : 0);
	if (r >= 0)
		r = api_string(reply, "name", name);
	return api_dict_send(reply, r);
}

static int answer_open(struct request *request)
{
	autoclose int fd = -1;
	struct hostd *h = request->h;

	fd = open(site_path(&h->site, ARCHIVE_FILE).s, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : sd_bus_reply_method_return(request->message, "h", fd);
}

int method_open_archive(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct hostd *h = userdata;
	struct request *request;
	struct fail why = { 0 };
	const char *token, *state;
	struct stat st;
	int r = sd_bus_message_read(m, "s", &token);

	(void)error;
	if (r < 0)
		return r;
	request = request_new(h, m, token, "download-logs", "", NULL, &r);
	if (!request)
		return r;
	state = state_name(h, &st);
	if (strcmp(state, "Completed") != 0) {
		(void)fail_with(&why, NOT_FOUND, "there is no archive to download: its state is %s",
				state);
		return request_fail(request, &why);
	}
	request->answer = answer_open;
	return request_done(request);
}
