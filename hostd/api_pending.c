/* SPDX-License-Identifier: Apache-2.0 */
/* A change of an adapter that is in force for a while: Confirm records it, silence takes it back. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api.h"
#include "api_adapters.h"
#include "audit.h"
#include "encode.h"
#include "lib/log.h"
#include "preset.h"
#include "request.h"

#define AGAIN_US       UINT64_C(1000000)
#define AGAIN_STUCK_US UINT64_C(5000000)

struct pending_data {
	struct hostd *h;
	struct site site;
	struct network_change change;
};

static void end_pending(struct hostd *h, const char *outcome)
{
	(void)sd_bus_emit_signal(h->bus, HOSTD_PATH, HOSTD_NETWORK, "ChangeEnded", "ss",
				 h->pending.id, outcome);
	h->pending.timer = sd_event_source_disable_unref(h->pending.timer);
	memset(&h->pending, 0, sizeof(h->pending));
	hostd_emit(h, HOSTD_NETWORK, "AdaptersChanged");
}

static int work_revert(void *arg, struct fail *why)
{
	struct pending_data *data = arg;

	return network_sync(&data->site, NULL, why);
}

static int look_again(struct hostd *h, uint64_t us)
{
	(void)sd_event_source_set_time_relative(h->pending.timer, us);
	return sd_event_source_set_enabled(h->pending.timer, SD_EVENT_ONESHOT);
}

/* As long as it cannot be taken back it is in force, and said to be; the audit log has it once. */
static void after_expiry(int result, const struct fail *why, void *arg)
{
	struct pending_data *data = arg;
	struct hostd *h = data->h;
	struct audit_event event = { .actor = "hostd",
				     .from = "local",
				     .action = "revert-adapter",
				     .object = h->pending.change.adapter,
				     .result = result < 0 ? "failed" : "ok",
				     .reason = result < 0 ? why->msg : "" };

	free(data);
	if (result >= 0 || !h->pending.stuck)
		audit(&h->site, event);
	if (result >= 0) {
		end_pending(h, "expired");
		return;
	}
	log_warn("take the change of %s back: %s; tries again", h->pending.change.adapter,
		 why->msg);
	h->pending.stuck = true;
	(void)look_again(h, AGAIN_STUCK_US);
}

static int on_expiry(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct hostd *h = userdata;
	struct pending_data *data = calloc(1, sizeof(*data));
	struct fail why = { 0 };
	int r;

	(void)source;
	(void)usec;
	if (data) {
		*data = (struct pending_data){ .h = h, .site = h->site };
		r = job_start(&h->jobs, h->event, JOB_NETWORK, work_revert, after_expiry, data,
			      &why);
		if (r == 0)
			return 0;
		log_warn("take the change of %s back: %s", h->pending.change.adapter, why.msg);
		free(data);
	}
	/* A Confirm is running, or there was no memory. */
	return look_again(h, AGAIN_US);
}

int pending_begin(struct hostd *h, const struct network_change *change, unsigned seconds)
{
	unsigned char random[8];

	hostd_random(random, sizeof(random));
	hex_encode(random, sizeof(random), h->pending.id);
	h->pending.change = *change;
	h->pending.until_s = hostd_now_s() + seconds;
	return sd_event_add_time_relative(h->event, &h->pending.timer, CLOCK_BOOTTIME,
					  seconds * UINT64_C(1000000), 100000, on_expiry, h);
}

static int work_confirm(void *arg, struct fail *why)
{
	struct pending_data *data = arg;

	return preset_settle_adapter(&data->site, data->change.adapter,
				     network_apply(&data->site, &data->change, why));
}

static void after_confirm(struct request *request, int result)
{
	if (result >= 0)
		end_pending(request->h, "confirmed");
}

static void after_revert(struct request *request, int result)
{
	if (result >= 0)
		end_pending(request->h, "reverted");
}

static int end_by_call(sd_bus_message *m, struct hostd *h, const char *action, job_work work,
		       void (*after)(struct request *request, int result))
{
	struct pending_data *data;
	const char *token, *id;
	struct fail why = { 0 };
	struct request *request;
	int r = sd_bus_message_read(m, "ss", &token, &id);

	if (r < 0)
		return r;
	request = request_new(h, m, token, action, h->pending.change.adapter, NULL, &r);
	if (!request)
		return r;
	request->after = after;
	data = request_data(request, sizeof(*data));
	if (!h->pending.id[0] || strcmp(h->pending.id, id) != 0)
		r = fail_with(&why, NOT_FOUND, "that change does not wait any more");
	else if (!data)
		r = fail_errno(&why, ENOMEM, "%s", action);
	else
		*data = (struct pending_data){ .h = h,
					       .site = h->site,
					       .change = h->pending.change };
	return request_run(request, r, &why, JOB_NETWORK, work);
}

int method_confirm(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	(void)error;
	return end_by_call(m, userdata, "confirm-adapter", work_confirm, after_confirm);
}

int method_revert(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	(void)error;
	return end_by_call(m, userdata, "revert-adapter", work_revert, after_revert);
}

int method_pending_change(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	autobusmessage sd_bus_message *reply = NULL;
	struct hostd *h = userdata;
	uint64_t now_s = hostd_now_s();
	struct caller caller;
	int r = caller_admit_read(h, m, &caller);

	(void)error;
	if (r != 0)
		return r;
	r = api_dict_begin(m, &reply);
	if (r >= 0 && h->pending.id[0]) {
		r = api_string(reply, "change", h->pending.id);
		if (r >= 0)
			r = api_string(reply, "adapter", h->pending.change.adapter);
		if (r >= 0)
			r = api_u32(reply, "remaining",
				    h->pending.until_s > now_s
					    ? (uint32_t)(h->pending.until_s - now_s)
					    : 0);
	}
	return api_dict_send(reply, r);
}
