/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "events.h"
#include "hostd/bus.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "snapshot.h"

#define RETRY_US    UINT64_C(1000000)
#define USEC_SECOND UINT64_C(1000000)

static void connect_later(struct server *s);

/* Nobody is told that the server is up before the host service has answered it once. */
static int on_first_answer(sd_bus_message *m, void *server, sd_bus_error *error)
{
	struct server *s = server;

	(void)error;
	if (sd_bus_message_is_method_error(m, NULL)) {
		/* It applies the settings file, or is just starting. */
		if (s->bus_timer)
			(void)sd_event_source_set_time_relative(s->bus_timer, RETRY_US);
		if (s->bus_timer)
			(void)sd_event_source_set_enabled(s->bus_timer, SD_EVENT_ONESHOT);
		return 0;
	}
	s->host_there = true;
	if (!s->ready) {
		s->ready = true;
		log_info("the host service answers");
		(void)sd_notify(0, "READY=1");
	}
	return 0;
}

static void ask_public(struct server *s)
{
	(void)sd_bus_call_method_async(s->bus, NULL, HOST_NAME, HOST_PATH, HOST_ACCESS, "Public",
				       on_first_answer, s, "");
}

static int on_owner(sd_bus_message *m, void *server, sd_bus_error *error)
{
	struct server *s = server;
	const char *name, *before, *after;

	(void)error;
	if (sd_bus_message_read(m, "sss", &name, &before, &after) < 0)
		return 0;
	s->host_there = *after != '\0';
	log_info("the host service %s", *after ? "is there" : "went away");
	snapshot_stale(s);
	session_cache_drop(&s->sessions, NULL);
	events_host_service(s, s->host_there);
	if (*after)
		ask_public(s);
	return 0;
}

static int on_signal(sd_bus_message *m, void *server, sd_bus_error *error)
{
	(void)error;
	events_signal(server, m);
	return 0;
}

static int on_link(sd_bus_message *m, void *server, sd_bus_error *error)
{
	(void)m;
	(void)error;
	events_link(server);
	return 0;
}

static int on_disconnected(sd_bus_message *m, void *server, sd_bus_error *error)
{
	struct server *s = server;

	(void)m;
	(void)error;
	log_warn("the bus went away; connecting again every second");
	s->host_there = false;
	connect_later(s);
	return 0;
}

static int host_connect(struct server *s)
{
	int r = sd_bus_open_system(&s->bus);

	if (r >= 0)
		r = sd_bus_attach_event(s->bus, s->event, SD_EVENT_PRIORITY_NORMAL);
	if (r >= 0)
		r = sd_bus_match_signal_async(s->bus, NULL, NULL, "/org/freedesktop/DBus/Local",
					      "org.freedesktop.DBus.Local", "Disconnected",
					      on_disconnected, NULL, s);
	if (r >= 0)
		r = sd_bus_match_signal_async(s->bus, NULL, HOST_NAME, HOST_PATH, NULL, NULL,
					      on_signal, NULL, s);
	if (r >= 0)
		r = sd_bus_add_match_async(s->bus, NULL,
					   "type='signal',sender='org.freedesktop.DBus',"
					   "member='NameOwnerChanged',arg0='" HOST_NAME "'",
					   on_owner, NULL, s);
	/* Links changed, or the link service came or went. */
	if (r >= 0)
		r = sd_bus_match_signal_async(s->bus, NULL, LINK_NAME, LINK_PATH, LINK_NAME,
					      "Changed", on_link, NULL, s);
	if (r >= 0)
		r = sd_bus_add_match_async(s->bus, NULL,
					   "type='signal',sender='org.freedesktop.DBus',"
					   "member='NameOwnerChanged',arg0='" LINK_NAME "'",
					   on_link, NULL, s);
	return r;
}

static int on_retry(sd_event_source *source, uint64_t usec, void *server)
{
	struct server *s = server;

	(void)source;
	(void)usec;
	if (s->bus && sd_bus_is_open(s->bus) > 0) {
		ask_public(s);
		return 0;
	}
	/* Calls under way are answered by their errors, here, before the bus is gone. */
	s->bus = sd_bus_close_unref(s->bus);
	if (host_connect(s) < 0) {
		s->bus = sd_bus_close_unref(s->bus);
		connect_later(s);
		return 0;
	}
	ask_public(s);
	return 0;
}

static void connect_later(struct server *s)
{
	(void)sd_event_source_set_time_relative(s->bus_timer, RETRY_US);
	(void)sd_event_source_set_enabled(s->bus_timer, SD_EVENT_ONESHOT);
}

void host_start(struct server *s)
{
	(void)sd_event_add_time_relative(s->event, &s->bus_timer, CLOCK_MONOTONIC, 0, 0, on_retry,
					 s);
}

void host_stop(struct server *s)
{
	s->bus_timer = sd_event_source_unref(s->bus_timer);
	s->bus = sd_bus_flush_close_unref(s->bus);
}

static void fail_away(struct exchange *x)
{
	fail_answer(
		x, (struct refusal){ .status = 503, .code = "HostUnavailable", .retry_after_s = 2 },
		"The %s service does not answer; it is started again by itself. Try again in "
		"a few seconds",
		x->asks_link ? "link" : "host");
}

/* The text in front of the first ": ", which names the field. */
static void refuse_field(struct exchange *x, const char *message)
{
	const char *end = strstr(message, ": ");
	char field[64];

	if (!end || (size_t)(end - message) >= sizeof(field)) {
		fail_answer(x, (struct refusal){ .status = 422, .code = "Refused" }, "%s", message);
		return;
	}
	memcpy(field, message, (size_t)(end - message));
	field[end - message] = '\0';
	fail_answer(x,
		    (struct refusal){ .status = 422,
				      .code = strcmp(field, "SHA-256") == 0 ? "DigestMismatch"
									    : "Refused",
				      .field = field },
		    "%s", message);
}

/* "... in N s" says how long. */
static void refuse_blocked(struct exchange *x, const char *message)
{
	const char *in = strstr(message, " in ");
	uint64_t seconds = in ? strtoull(in + 4, NULL, 10) : 0;

	if (seconds == 0 || seconds > 86400)
		seconds = 60;
	fail_answer(x,
		    (struct refusal){
			    .status = 429, .code = "Blocked", .retry_after_s = (unsigned)seconds },
		    "%s", message);
}

void host_refuse(struct exchange *x, const sd_bus_error *error)
{
	static const char prefix[] = "internal.palette.Error.";
	static const struct {
		const char *name;
		struct refusal refusal;
	} known[] = {
		{ "Denied", { .status = 403, .code = "Forbidden" } },
		{ "NoSession", { .status = 401, .code = "Unauthorized" } },
		{ "Busy", { .status = 409, .code = "Busy" } },
		{ "Exists", { .status = 409, .code = "Conflict" } },
		{ "NotFound", { .status = 404, .code = "NotFound" } },
		{ "NoSpace", { .status = 507, .code = "NotEnoughSpace" } },
		{ "Failed", { .status = 500, .code = "Failed" } },
	};
	const char *name = error->name ? error->name : "";
	const char *message = error->message ? error->message : "";
	bool login = x->route && (x->route->flags & ROUTE_PUBLIC);

	if (strncmp(name, prefix, sizeof(prefix) - 1) != 0) {
		log_warn("request %ju: %s: %s", (uintmax_t)x->ref, name, message);
		fail_away(x);
		return;
	}
	name += sizeof(prefix) - 1;
	if (strcmp(name, "Refused") == 0)
		return refuse_field(x, message);
	if (strcmp(name, "Blocked") == 0)
		return refuse_blocked(x, message);
	if (strcmp(name, "BadLogin") == 0) {
		fail_answer(x, (struct refusal){ .status = login ? 401 : 422, .code = "BadLogin" },
			    "%s", message);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (strcmp(name, known[i].name) == 0) {
			fail_answer(x, known[i].refusal, "%s", message);
			return;
		}
	}
	fail_answer(x, (struct refusal){ .status = 500, .code = "Failed" }, "%s", message);
}

static int on_reply(sd_bus_message *m, void *exchange, sd_bus_error *ignored)
{
	struct exchange *x = exchange;
	const sd_bus_error *error = sd_bus_message_get_error(m);

	(void)ignored;
	x->call = sd_bus_slot_unref(x->call);
	if (error && !x->takes_errors)
		host_refuse(x, error);
	else
		x->reply(x, m);
	return 0;
}

static sd_bus_message *message_to(struct exchange *x, const char *name, const char *path,
				  const char *interface, const char *member)
{
	sd_bus_message *m = NULL;

	if (!x->server->bus ||
	    sd_bus_message_new_method_call(x->server->bus, &m, name, path, interface, member) < 0) {
		fail_away(x);
		return NULL;
	}
	/* The bus would wait for a start that systemd does anyway; a person wants an answer now. */
	(void)sd_bus_message_set_auto_start(m, 0);
	/* Passwords and tokens are in most of them. */
	(void)sd_bus_message_sensitive(m);
	return m;
}

sd_bus_message *host_message(struct exchange *x, const char *interface, const char *member)
{
	x->asks_link = false;
	return message_to(x, HOST_NAME, HOST_PATH, interface, member);
}

sd_bus_message *link_message(struct exchange *x, const char *member)
{
	x->asks_link = true;
	return message_to(x, LINK_NAME, LINK_PATH, LINK_NAME, member);
}

void host_send(struct exchange *x, sd_bus_message *m, int built, unsigned seconds, host_reply reply)
{
	autobusmessage sd_bus_message *message = m;

	if (!message)
		return;
	x->reply = reply;
	if (built >= 0)
		built = sd_bus_call_async(x->server->bus, &x->call, message, on_reply, x,
					  seconds * USEC_SECOND);
	if (built == -EINVAL) {
		/* A string that is no UTF-8, which D-Bus does not carry. */
		fail_bad_request(x, "The request holds text that is not UTF-8");
		return;
	}
	if (built < 0) {
		fail_away(x);
		return;
	}
	exchange_wait(x);
}

void host_call(struct exchange *x, const char *interface, const char *member, host_reply reply,
	       const char *const *strings)
{
	sd_bus_message *m = host_message(x, interface, member);
	int r = m ? sd_bus_message_append(m, "s", x->token) : 0;

	for (; m && r >= 0 && strings && *strings; strings++)
		r = sd_bus_message_append(m, "s", *strings);
	host_send(x, m, r, LIMIT_CALL_SECONDS, reply);
}

int host_ask(struct server *s, const char *interface, const char *member, const char *session,
	     sd_bus_slot **slot, sd_bus_message_handler_t done, void *arg)
{
	autobusmessage sd_bus_message *m = NULL;
	int r = s->bus ? sd_bus_message_new_method_call(s->bus, &m, HOST_NAME, HOST_PATH, interface,
							member)
		       : -ENOTCONN;

	if (r >= 0)
		r = sd_bus_message_set_auto_start(m, 0);
	if (r >= 0)
		r = sd_bus_message_sensitive(m);
	if (r >= 0)
		r = sd_bus_message_append(m, "s", session);
	return r < 0 ? r
		     : sd_bus_call_async(s->bus, slot, m, done, arg,
					 LIMIT_CALL_SECONDS * USEC_SECOND);
}
