/* SPDX-License-Identifier: Apache-2.0 */
/* internal.palette.Host1.Link: what the link daemon may know and have written down. */
#include <string.h>

#include "api.h"
#include "audit.h"
#include "hostname_check.h"
#include "lib/cleanup.h"
#include "names.h"
#include "refuse.h"
#include "request.h"

#define LINK_ACTION "link-"

static int method_self(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	autobusmessage sd_bus_message *reply = NULL;
	char hostname[HOSTNAME_MAX + 1];
	struct hostd *h = userdata;
	struct caller caller;
	struct info info;
	int r = caller_admit_read(h, m, &caller);

	(void)error;
	if (r != 0)
		return r;
	info_read(&h->site, &info);
	hostname_read(&h->site, hostname);
	r = api_dict_begin(m, &reply);
	if (r >= 0)
		r = api_string(reply, "hostname", hostname);
	if (r >= 0)
		/* Two boards with their maker's sample are not one host. */
		r = api_string(reply, "product-uuid",
			       product_uuid_is_real(info.product_uuid) ? info.product_uuid : "");
	if (r >= 0)
		r = api_u32(reply, "localui-port", info.localui_port);
	return api_dict_send(reply, r);
}

/* Others' events are none of the link daemon's: nothing in the log can be made to look like them. */
static int check_event(const struct audit_event *event, struct fail *why)
{
	static const char *const results[] = { "ok", "refused", "denied", "failed" };

	if (strncmp(event->action, LINK_ACTION, sizeof(LINK_ACTION) - 1) != 0)
		return fail_with(why, REFUSED, "action: \"%.40s\" must begin with " LINK_ACTION,
				 event->action);
	for (size_t i = 0; i < ARRAY_SIZE(results); i++)
		if (strcmp(event->result, results[i]) == 0)
			return 0;
	return fail_with(why, REFUSED, "result: \"%.40s\" is none", event->result);
}

static int method_record(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct audit_event event = { 0 };
	struct hostd *h = userdata;
	struct fail why = { 0 };
	struct caller caller;
	const char *token;
	int r = sd_bus_message_read(m, "sssssss", &token, &event.actor, &event.from, &event.action,
				    &event.object, &event.result, &event.reason);

	(void)error;
	if (r < 0)
		return r;
	if (caller_admit(h, m, token, &caller, &why) < 0 || check_event(&event, &why) < 0)
		return answer_fail(m, &why);
	audit(&h->site, event);
	r = sd_bus_reply_method_return(m, "");
	return r < 0 ? r : 1;
}

#define FLAGS (SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE)

const sd_bus_vtable hostd_link_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD_WITH_ARGS("Self", SD_BUS_ARGS("s", session), SD_BUS_RESULT("a{sv}", facts),
				method_self, FLAGS),
	SD_BUS_METHOD_WITH_ARGS("Record",
				SD_BUS_ARGS("s", session, "s", actor, "s", from, "s", action, "s",
					    object, "s", result, "s", reason),
				SD_BUS_NO_RESULT, method_record, FLAGS),
	SD_BUS_VTABLE_END,
};
