/* SPDX-License-Identifier: Apache-2.0 */
/* internal.palette.Host1.Host: what it is, its name, power and factory reset. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "accounts.h"
#include "api.h"
#include "api_stats.h"
#include "encode.h"
#include "lib/file.h"
#include "names.h"
#include "preset.h"
#include "request.h"

/* Two units, each of which may take its time (site_start_unit()), and logind. */
#define RESET_SECONDS 300

static int append_machine(sd_bus_message *reply, const struct hostd *h, const struct info *info)
{
	char name[HOSTNAME_MAX + 1], mac[HOSTNAME_MAC_BYTES];
	int r = api_string(reply, "hostname", hostname_read(&h->site, name));

	hostname_mac(&h->site, mac);
	if (r >= 0)
		r = api_string(reply, "default-hostname",
			       hostname_default(info->product_uuid, mac, name));
	if (r >= 0)
		r = api_string(reply, "product-uuid", info->product_uuid);
	if (r >= 0)
		r = api_string(reply, "serial", info->serial);
	if (r >= 0)
		r = api_string(reply, "vendor", info->vendor);
	if (r >= 0)
		r = api_string(reply, "model", info->model);
	if (r >= 0)
		r = api_string(reply, "version", info->version);
	if (r >= 0)
		r = api_string(reply, "slot", info->slot);
	return r;
}

static int append_services(sd_bus_message *reply, const struct hostd *h, const struct info *info)
{
	int r = api_strings(reply, "ssh-fingerprints", info->ssh_fingerprints[0],
			    sizeof(info->ssh_fingerprints[0]), info->n_ssh_fingerprints);

	if (r >= 0)
		r = api_bool(reply, "ssh-running", info->ssh_running);
	if (r >= 0)
		r = api_u32(reply, "localui-port", info->localui_port);
	if (r >= 0)
		r = api_string(reply, "localui-fingerprint", info->localui_fingerprint);
	if (r >= 0)
		r = api_bool(reply, "configured", account_admins(&h->site, NULL) > 0);
	if (r >= 0)
		r = api_bool(reply, "reset-requested", info->reset_requested);
	if (r >= 0)
		r = api_string(reply, "copied-from", info->copied_from);
	if (r >= 0)
		r = api_u64(reply, "boot-time", info->boot_time_s);
	return r;
}

static int method_info(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	autobusmessage sd_bus_message *reply = NULL;
	struct hostd *h = userdata;
	struct caller caller;
	struct info info;
	int r = caller_admit_read(h, m, &caller);

	(void)error;
	if (r != 0)
		return r;
	info_read(&h->site, &info);
	r = api_dict_begin(m, &reply);
	if (r >= 0)
		r = append_machine(reply, h, &info);
	if (r >= 0)
		r = append_services(reply, h, &info);
	return api_dict_send(reply, r);
}

struct host_data {
	struct site site;
	char text[512];
};

static struct host_data *new_host_data(struct request *request)
{
	struct host_data *data = request_data(request, sizeof(*data));

	if (data)
		data->site = request->h->site;
	return data;
}

static void after_change(struct request *request, int result)
{
	if (result >= 0)
		hostd_emit(request->h, HOSTD_HOST, "Changed");
}

static int work_hostname(void *arg, struct fail *why)
{
	struct host_data *data = arg;

	return preset_settle(&data->site, "hostname", hostname_apply(&data->site, data->text, why));
}

static int method_set_hostname(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	const char *token, *name;
	struct host_data *data;
	struct fail why = { 0 };
	struct request *request;
	int r = sd_bus_message_read(m, "ss", &token, &name);

	(void)error;
	if (r < 0)
		return r;
	request = request_new(userdata, m, token, "set-hostname", name, NULL, &r);
	if (!request)
		return r;
	request->after = after_change;
	data = new_host_data(request);
	if (!data)
		return request_run(request, fail_errno(&why, ENOMEM, "set the host name"), &why,
				   JOB_HOST, NULL);
	r = hostname_check(name, &why);
	if (r == 0)
		snprintf(data->text, sizeof(data->text), "%s", name);
	return request_run(request, r, &why, JOB_HOST, work_hostname);
}

/* @member: of logind's manager. */
static int ask_logind(const char *member, struct fail *why)
{
	return site_call(member, "org.freedesktop.login1", "/org/freedesktop/login1",
			 "org.freedesktop.login1.Manager", member, why, "b", 0);
}

static int work_power(void *arg, struct fail *why)
{
	const struct host_data *data = arg;

	return ask_logind(data->text, why);
}

static int power(sd_bus_message *m, void *userdata, const char *action, const char *member)
{
	struct host_data *data;
	struct request *request;
	struct fail why = { 0 };
	const char *token;
	int r = sd_bus_message_read(m, "s", &token);

	if (r < 0)
		return r;
	request = request_new(userdata, m, token, action, "", NULL, &r);
	if (!request)
		return r;
	data = new_host_data(request);
	if (data)
		snprintf(data->text, sizeof(data->text), "%s", member);
	else
		r = fail_errno(&why, ENOMEM, "%s", action);
	return request_run(request, r, &why, JOB_HOST, work_power);
}

static int method_reboot(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	(void)error;
	return power(m, userdata, "reboot", "Reboot");
}

static int method_power_off(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	(void)error;
	return power(m, userdata, "power-off", "PowerOff");
}

/*
 * Both, whatever the other comes to, and also where there is no request any more: the entry alone asks
 * its question, the request alone waits for it.
 */
static int take_back(const struct site *site, struct fail *why)
{
	int entry = site_start_unit("palette-next-boot@-.service", why);
	int r = file_remove(site_path(site, RESET_REQUEST_FILE).s, why);

	return r < 0 ? r : entry;
}

/*
 * The request first: an entry without it asks its question, which harms nobody. The entry is set by a
 * unit of its own, because what is mounted after this service has started is not writable for it.
 */
static int work_request_reset(void *arg, struct fail *why)
{
	struct host_data *data = arg;
	struct fail ignored = { 0 };
	int r;

	r = site_write(&data->site, RESET_REQUEST_FILE, data->text, strlen(data->text), 0600, why);
	if (r == 0)
		r = site_start_unit("palette-next-boot@reset.service", why);
	if (r < 0)
		(void)take_back(&data->site, &ignored);
	return r;
}

/* Whoever is told that it failed must not lose the host at some later start. */
static int work_reset(void *arg, struct fail *why)
{
	struct host_data *data = arg;
	struct fail ignored = { 0 };
	int r = work_request_reset(data, why);

	if (r < 0)
		return r;
	r = ask_logind("Reboot", why);
	if (r < 0)
		(void)take_back(&data->site, &ignored);
	return r;
}

static int work_cancel_reset(void *arg, struct fail *why)
{
	const struct host_data *data = arg;

	return take_back(&data->site, why);
}

static int ask_for_reset(sd_bus_message *m, void *userdata, job_work work)
{
	char actor[128], from[256];
	struct host_data *data;
	struct request *request;
	struct fail why = { 0 };
	const char *token;
	int r = sd_bus_message_read(m, "s", &token);

	if (r < 0)
		return r;
	request = request_new(userdata, m, token, "request-reset", "", NULL, &r);
	if (!request)
		return r;
	request->seconds = RESET_SECONDS;
	request->after = after_change;
	data = new_host_data(request);
	if (data)
		snprintf(data->text, sizeof(data->text),
			 "{\"time\":%jd,\"actor\":%s,\"from\":%s}\n", (intmax_t)time(NULL),
			 json_quote(request->actor, actor, sizeof(actor)),
			 json_quote(request->origin, from, sizeof(from)));
	else
		r = fail_errno(&why, ENOMEM, "ask for the reset");
	return request_run(request, r, &why, JOB_HOST, work);
}

static int method_request_reset(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	(void)error;
	return ask_for_reset(m, userdata, work_request_reset);
}

static int method_reset(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	(void)error;
	return ask_for_reset(m, userdata, work_reset);
}

static int method_cancel_reset(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct request *request;
	struct fail why = { 0 };
	const char *token;
	int r = sd_bus_message_read(m, "s", &token);

	(void)error;
	if (r < 0)
		return r;
	request = request_new(userdata, m, token, "cancel-reset", "", NULL, &r);
	if (!request)
		return r;
	request->after = after_change;
	if (!new_host_data(request))
		r = fail_errno(&why, ENOMEM, "take the reset back");
	return request_run(request, r, &why, JOB_HOST, work_cancel_reset);
}

#define METHOD(name, handler)                                                                      \
	SD_BUS_METHOD_WITH_ARGS(name, SD_BUS_ARGS("s", session), SD_BUS_NO_RESULT, handler,        \
				SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE)

const sd_bus_vtable hostd_host_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD_WITH_ARGS("Info", SD_BUS_ARGS("s", session), SD_BUS_RESULT("a{sv}", facts),
				method_info, SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE),
	SD_BUS_METHOD_WITH_ARGS("SetHostname", SD_BUS_ARGS("s", session, "s", hostname),
				SD_BUS_NO_RESULT, method_set_hostname,
				SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE),
	METHOD("Reboot", method_reboot),
	METHOD("PowerOff", method_power_off),
	METHOD("RequestReset", method_request_reset),
	METHOD("CancelReset", method_cancel_reset),
	METHOD("Reset", method_reset),
	SD_BUS_METHOD_WITH_ARGS("Stats", SD_BUS_ARGS("s", session), SD_BUS_RESULT("a{sv}", facts),
				method_stats, SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE),
	SD_BUS_SIGNAL("Changed", "", 0),
	SD_BUS_VTABLE_END,
};
