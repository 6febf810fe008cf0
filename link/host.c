/* SPDX-License-Identifier: Apache-2.0 */
/* host.c - palette-hostd: who this host is, and the audit log. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hostd/bus.h"
#include "lib/log.h"
#include "linkd.h"

#define HOST_NAME "internal.palette.Host1"
#define HOST_PATH "/internal/palette/Host1"
#define HOST_LINK HOST_NAME ".Link"

static int read_facts(struct linkd *l, sd_bus_message *m)
{
	const char *key, *name = "", *host_id = "";
	uint32_t port = 0;
	int r = sd_bus_message_enter_container(m, 'a', "{sv}");

	while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
		r = sd_bus_message_read(m, "s", &key);
		if (r >= 0 && strcmp(key, "hostname") == 0)
			r = sd_bus_message_read(m, "v", "s", &name);
		else if (r >= 0 && strcmp(key, "product-uuid") == 0)
			r = sd_bus_message_read(m, "v", "s", &host_id);
		else if (r >= 0 && strcmp(key, "localui-port") == 0)
			r = sd_bus_message_read(m, "v", "u", &port);
		else if (r >= 0)
			r = sd_bus_message_skip(m, "v");
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
	}
	if (r >= 0 && *name && port)
		linkd_know_self(l, name, host_id, port);
	return r;
}

static int on_facts(sd_bus_message *m, void *linkd, sd_bus_error *error)
{
	const sd_bus_error *failed = sd_bus_message_get_error(m);

	(void)error;
	if (failed)
		log_warn("palette-hostd does not say who this host is: %s", failed->message);
	else if (read_facts(linkd, m) < 0)
		log_warn("palette-hostd's answer cannot be read");
	return 0;
}

void host_ask_self(struct linkd *l)
{
	autobusmessage sd_bus_message *m = NULL;
	int r = sd_bus_message_new_method_call(l->bus, &m, HOST_NAME, HOST_PATH, HOST_LINK, "Self");

	if (r >= 0)
		r = sd_bus_message_set_auto_start(m, 0);
	if (r >= 0)
		r = sd_bus_message_append(m, "s", "");
	if (r >= 0)
		(void)sd_bus_call_async(l->bus, NULL, m, on_facts, l, 0);
}

static int on_owner(sd_bus_message *m, void *linkd, sd_bus_error *error)
{
	const char *name, *before, *after;

	(void)error;
	if (sd_bus_message_read(m, "sss", &name, &before, &after) >= 0 && *after)
		host_ask_self(linkd);
	return 0;
}

static int on_changed(sd_bus_message *m, void *linkd, sd_bus_error *error)
{
	(void)m;
	(void)error;
	host_ask_self(linkd);
	return 0;
}

int host_start(struct linkd *l, struct fail *why)
{
	int r = sd_bus_match_signal_async(l->bus, NULL, HOST_NAME, HOST_PATH, HOST_NAME ".Host",
					  "Changed", on_changed, NULL, l);

	if (r >= 0)
		r = sd_bus_add_match_async(l->bus, NULL,
					   "type='signal',sender='org.freedesktop.DBus',"
					   "member='NameOwnerChanged',arg0='" HOST_NAME "'",
					   on_owner, NULL, l);
	if (r < 0)
		return fail_errno(why, -r, "listen to " HOST_NAME);
	host_ask_self(l);
	return 0;
}

static int on_recorded(sd_bus_message *m, void *linkd, sd_bus_error *error)
{
	const sd_bus_error *failed = sd_bus_message_get_error(m);

	(void)linkd;
	(void)error;
	if (failed)
		log_error("an event is missing in the audit log: %s", failed->message);
	return 0;
}

void host_record(struct linkd *l, struct record record)
{
	int r = sd_bus_call_method_async(l->bus, NULL, HOST_NAME, HOST_PATH, HOST_LINK, "Record",
					 on_recorded, l, "sssssss", "", record.user, record.origin,
					 record.action, record.object, record.result,
					 record.reason);

	if (r < 0)
		log_error("an event is missing in the audit log: %s", strerror(-r));
}
