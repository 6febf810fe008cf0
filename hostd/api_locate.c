/* SPDX-License-Identifier: Apache-2.0 */
/* Which of several adapters is which: the switch at its other end, and its light. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api_adapters.h"
#include "ethtool.h"
#include "lib/cleanup.h"
#include "neighbour.h"
#include "refuse.h"
#include "request.h"

#define BLINK_SECONDS_MAX 30

struct locate_data {
	struct site site;
	char adapter[16];
	unsigned seconds;
	char neighbour[NEIGHBOUR_BYTES];
};

/* NULL: @why says it. */
static struct locate_data *new_data(struct request *request, const char *name, struct fail *why)
{
	struct locate_data *data = request_shared(request, sizeof(*data));
	autofree struct links *links = calloc(1, sizeof(*links));
	const struct link *link;

	if (!data || !links) {
		(void)fail_errno(why, ENOMEM, "find %s", name);
		return NULL;
	}
	link = adapter_find(request->h, links, name, why);
	if (!link)
		return NULL;
	data->site = request->h->site;
	snprintf(data->adapter, sizeof(data->adapter), "%s", link->name);
	return data;
}

static int work_neighbour(void *arg, struct fail *why)
{
	struct locate_data *data = arg;

	return neighbour_read(&data->site, data->adapter, data->neighbour, why);
}

static int answer_neighbour(struct request *request)
{
	const struct locate_data *data = request->data;

	return sd_bus_reply_method_return(request->message, "s", data->neighbour);
}

int method_neighbour(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct request *request;
	const char *token, *name;
	struct fail why = { 0 };
	int r = sd_bus_message_read(m, "ss", &token, &name);

	(void)error;
	if (r < 0)
		return r;
	request = request_new(userdata, m, token, NULL, "", NULL, &r);
	if (!request)
		return r;
	request->answer = answer_neighbour;
	r = new_data(request, name, &why) ? 0 : -why.code;
	return request_run(request, r, &why, JOB_READ, work_neighbour);
}

static int work_blink(void *arg, struct fail *why)
{
	struct locate_data *data = arg;

	return ethtool_blink(data->adapter, data->seconds, why);
}

int method_blink(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct locate_data *data;
	struct request *request;
	const char *token, *name;
	struct fail why = { 0 };
	unsigned seconds;
	int r = sd_bus_message_read(m, "ssu", &token, &name, &seconds);

	(void)error;
	if (r < 0)
		return r;
	request = request_new(userdata, m, token, "blink-adapter", name, NULL, &r);
	if (!request)
		return r;
	data = new_data(request, name, &why);
	r = data ? 0 : -why.code;
	if (data && (seconds < 1 || seconds > BLINK_SECONDS_MAX))
		r = refuse(&why, FIELD_SECONDS, NULL, "%u must be 1 to %d", seconds,
			   BLINK_SECONDS_MAX);
	if (data)
		data->seconds = seconds;
	return request_run(request, r, &why, JOB_DIAGNOSE, work_blink);
}
