/* SPDX-License-Identifier: Apache-2.0 */
/* internal.palette.Host1.Diagnostics: can this host reach another one? */
#include <errno.h>

#include "bus.h"
#include "diagnose.h"
#include "request.h"

struct diagnose_data {
	struct endpoint endpoint;
	diagnose_run *run;
	struct diagnosis diagnosis;
};

static int work(void *arg, struct fail *why)
{
	struct diagnose_data *data = arg;

	return data->run(&data->endpoint, &data->diagnosis, why);
}

static int answer(struct request *request)
{
	const struct diagnose_data *data = request->data;

	return sd_bus_reply_method_return(request->message, "si", data->diagnosis.text,
					  data->diagnosis.status);
}

static int diagnose(sd_bus_message *m, struct hostd *h, const char *action, diagnose_run *run,
		    bool with_port)
{
	const char *token, *endpoint;
	struct diagnose_data *data;
	struct request *request;
	struct fail why = { 0 };
	int r = sd_bus_message_read(m, "ss", &token, &endpoint);

	if (r < 0)
		return r;
	request = request_new(h, m, token, action, endpoint, NULL, &r);
	if (!request)
		return r;
	request->answer = answer;
	data = request_shared(request, sizeof(*data));
	if (!data) {
		r = fail_errno(&why, ENOMEM, "%s", action);
	} else {
		data->run = run;
		r = endpoint_check(endpoint, with_port, &data->endpoint, &why);
	}
	return request_run(request, r, &why, JOB_DIAGNOSE, work);
}

static int method_ping(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	(void)error;
	return diagnose(m, userdata, "ping", diagnose_ping, false);
}

static int method_traceroute(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	(void)error;
	return diagnose(m, userdata, "traceroute", diagnose_traceroute, false);
}

static int method_lookup(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	(void)error;
	return diagnose(m, userdata, "lookup", diagnose_lookup, false);
}

static int method_connect(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	(void)error;
	return diagnose(m, userdata, "connect", diagnose_connect, true);
}

#define METHOD(name, handler)                                                                      \
	SD_BUS_METHOD_WITH_ARGS(name, SD_BUS_ARGS("s", session, "s", endpoint),                    \
				SD_BUS_RESULT("s", text, "i", status), handler,                    \
				SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE)

const sd_bus_vtable hostd_diagnose_vtable[] = {
	SD_BUS_VTABLE_START(0),
	METHOD("Ping", method_ping),
	METHOD("Traceroute", method_traceroute),
	METHOD("Lookup", method_lookup),
	METHOD("Connect", method_connect),
	SD_BUS_VTABLE_END,
};
