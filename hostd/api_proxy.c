/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP proxy on the bus. A change is stored in the call and applied after its answer. */
#include "api_proxy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "audit.h"
#include "encode.h"
#include "lib/cleanup.h"
#include "preset.h"
#include "request.h"

static int append_certificates(sd_bus_message *m, const struct proxy_settings *proxy)
{
	int r = sd_bus_message_open_container(m, 'e', "sv");

	if (r >= 0)
		r = sd_bus_message_append(m, "s", "ca-certificates");
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'v', "as");
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'a', "s");
	for (size_t i = 0; r >= 0 && i < proxy->n_ca; i++) {
		autofree char *coded =
			base64_encode((const unsigned char *)proxy->ca[i], strlen(proxy->ca[i]));

		r = coded ? sd_bus_message_append(m, "s", coded) : -ENOMEM;
	}
	for (int depth = 0; r >= 0 && depth < 3; depth++)
		r = sd_bus_message_close_container(m);
	return r;
}

int method_get_proxy(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	autobusmessage sd_bus_message *reply = NULL;
	struct proxy_settings proxy = { 0 };
	struct hostd *h = userdata;
	struct fail why = { 0 };
	struct caller caller;
	int r = caller_admit_read(h, m, &caller);

	(void)error;
	if (r != 0)
		return r;
	if (proxy_stored(&h->site, &proxy, &why) < 0)
		return answer_fail(m, &why);
	r = api_dict_begin(m, &reply);
	if (r >= 0)
		r = api_string(reply, "http", proxy.http);
	if (r >= 0)
		r = api_string(reply, "https", proxy.https);
	if (r >= 0)
		r = api_string(reply, "no-proxy", proxy.no_proxy);
	if (r >= 0)
		r = append_certificates(reply, &proxy);
	if (r >= 0)
		r = api_string(reply, "state", proxy_state_name(h->proxy_state));
	if (r >= 0)
		r = api_string(reply, "reason", h->proxy_reason);
	proxy_done(&proxy);
	return api_dict_send(reply, r);
}

static void set_state(struct hostd *h, enum proxy_state state, const char *reason)
{
	h->proxy_state = state;
	snprintf(h->proxy_reason, sizeof(h->proxy_reason), "%s", reason);
	(void)sd_bus_emit_signal(h->bus, HOSTD_PATH, HOSTD_NETWORK, "ProxyChanged", "s",
				 proxy_state_name(state));
}

static int work_apply(void *arg, struct fail *why)
{
	struct hostd *h = arg;

	return proxy_apply(&h->site, why);
}

static void after_apply(int result, const struct fail *why, void *arg)
{
	struct proxy_settings proxy = { 0 };
	struct hostd *h = arg;
	struct audit_event event = { .actor = "hostd",
				     .from = "local",
				     .action = "apply-proxy",
				     .object = "",
				     .result = result < 0 ? "failed" : "ok",
				     .reason = result < 0 ? why->msg : "" };

	if (result != 0)
		audit(&h->site, event);
	if (result < 0)
		set_state(h, PROXY_FAILED, why->msg);
	else if (proxy_stored(&h->site, &proxy, NULL) == 0 && proxy_is_empty(&proxy))
		set_state(h, PROXY_NOT_CONFIGURED, "");
	else
		set_state(h, PROXY_CONFIGURED, "");
	proxy_done(&proxy);
}

void proxy_begin_apply(struct hostd *h)
{
	struct fail why = { 0 };

	set_state(h, PROXY_IN_PROGRESS, "");
	if (job_start(&h->jobs, h->event, JOB_PROXY, work_apply, after_apply, h, &why) < 0)
		set_state(h, PROXY_FAILED, why.msg);
}

struct proxy_data {
	struct site site;
	struct proxy_settings proxy;
};

static void free_proxy(void *arg)
{
	struct proxy_data *data = arg;

	if (data)
		proxy_done(&data->proxy);
	free(data);
}

static int work_store(void *arg, struct fail *why)
{
	struct proxy_data *data = arg;
	int r = proxy_check_certificates(&data->proxy, why);

	if (r == 0)
		r = proxy_store(&data->site, &data->proxy, why);
	return preset_settle(&data->site, "proxy", r);
}

static void after_store(struct request *request, int result)
{
	if (result >= 0)
		proxy_begin_apply(request->h);
}

static void free_strings(char **strings)
{
	for (char **p = strings; p && *p; p++)
		free(*p);
	free(strings);
}

int method_set_proxy(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	const char *token, *http, *https, *no_proxy;
	char shown[PROXY_ENDPOINT_BYTES], **ca = NULL;
	struct hostd *h = userdata;
	struct proxy_data *data;
	struct fail why = { 0 };
	struct request *request;
	size_t n_ca = 0;
	int r = sd_bus_message_read(m, "ssss", &token, &http, &https, &no_proxy);

	(void)error;
	if (r >= 0)
		r = sd_bus_message_read_strv(m, &ca);
	if (r < 0)
		return r;
	while (ca && ca[n_ca])
		n_ca++;
	request = request_new(h, m, token, "set-proxy", proxy_masked(http, shown, sizeof(shown)),
			      NULL, &r);
	if (!request) {
		free_strings(ca);
		return r;
	}
	request->after = after_store;
	data = request_data(request, sizeof(*data));
	request->free_data = free_proxy;
	if (!data) {
		r = fail_errno(&why, ENOMEM, "set the proxy");
	} else {
		data->site = h->site;
		r = proxy_check(http, https, no_proxy, (const char *const *)ca, n_ca, &data->proxy,
				&why);
	}
	free_strings(ca);
	return request_run(request, r, &why, JOB_PROXY, work_store);
}
