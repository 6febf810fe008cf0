/* SPDX-License-Identifier: Apache-2.0 */
/* host.c - the host behind the system bus: one connection, made anew when it is lost. */
#include "host.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_read.h"
#include "lib/cleanup.h"
#include "lib/memory.h"
#include "lib/monotonic.h"

#define NAME	  "internal.palette.Host1"
#define PATH	  "/internal/palette/Host1"
#define ACCESS	  NAME ".Access"
#define ACCOUNTS  NAME ".Accounts"
#define HOST	  NAME ".Host"
#define NETWORK	  NAME ".Network"
#define ERROR	  "internal.palette.Error."
#define READ_US	  (10 * UINT64_C(1000000))
#define CHANGE_US (90 * UINT64_C(1000000)) /* probes and a reload, behind another's */
#define READY_MS  1000
#define RETRY_MS  1000

struct bus_host {
	struct host host; /* first: a struct host * is cast back to this */
	sd_bus *bus;	  /* NULL: not connected */
	char session[128];
	unsigned news;
	bool lost;
	bool changed;	    /* another process has the name, and has not answered yet */
	sd_bus_slot *probe; /* a question whether it is back; NULL: none on its way */
	int64_t retry_at_ms;
};

static void lose(struct bus_host *h)
{
	h->lost = true;
	h->retry_at_ms = monotonic_ms() + RETRY_MS;
}

static void disconnect(struct bus_host *h)
{
	h->probe = sd_bus_slot_unref(h->probe);
	h->bus = sd_bus_close_unref(h->bus);
	lose(h);
}

static void found(struct bus_host *h)
{
	if (h->lost || h->changed)
		h->news |= HOST_NEWS_ALL;
	h->lost = h->changed = false;
}

static int on_signal(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	static const struct {
		const char *member;
		unsigned news;
	} signals[] = {
		{ "Changed", HOST_NEWS_HOST },
		{ "AdaptersChanged", HOST_NEWS_ADAPTERS },
		{ "DnsChanged", HOST_NEWS_DNS },
		{ "ChangeEnded", HOST_NEWS_CHANGE | HOST_NEWS_ADAPTERS },
	};
	struct bus_host *h = userdata;
	const char *member = sd_bus_message_get_member(m);

	(void)error;
	for (size_t i = 0; member && i < ARRAY_SIZE(signals); i++)
		if (strcmp(signals[i].member, member) == 0)
			h->news |= signals[i].news;
	return 0;
}

static int on_owner(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct bus_host *h = userdata;
	const char *name, *before, *after;

	(void)error;
	if (sd_bus_message_read(m, "sss", &name, &before, &after) < 0)
		return 0;
	if (!*after)
		lose(h);
	/* A new one has other facts, but may have the name long before it answers. */
	h->changed = *after != '\0';
	if (h->changed)
		h->retry_at_ms = 0;
	return 0;
}

static int connect_bus(struct bus_host *h)
{
	int r = sd_bus_open_system(&h->bus);

	if (r >= 0)
		r = sd_bus_match_signal_async(h->bus, NULL, NAME, PATH, NULL, NULL, on_signal, NULL,
					      h);
	if (r >= 0)
		r = sd_bus_add_match_async(h->bus, NULL,
					   "type='signal',sender='org.freedesktop.DBus',"
					   "member='NameOwnerChanged',arg0='" NAME "'",
					   on_owner, NULL, h);
	return r;
}

/* Connected, or a negative errno after @wait_ms: the bus may take its time while a machine starts. */
static int ensure(struct bus_host *h, unsigned wait_ms, struct fail *why)
{
	int64_t until = monotonic_ms() + wait_ms;
	int r = 0;

	if (!h->bus)
		r = connect_bus(h);
	while (r >= 0 && (r = sd_bus_is_ready(h->bus)) == 0 && monotonic_ms() < until) {
		r = sd_bus_process(h->bus, NULL);
		if (r == 0)
			r = sd_bus_wait(h->bus, 100000);
	}
	if (r > 0)
		return 0;
	if (r < 0)
		disconnect(h);
	else
		lose(h);
	return fail_with(why, HOST_GONE, "the host service (palette-hostd) does not answer");
}

/* The errors of the bus that mean: nobody is behind the name now. */
static bool is_absence(const char *name, int code)
{
	static const char *const names[] = {
		SD_BUS_ERROR_SERVICE_UNKNOWN, SD_BUS_ERROR_NAME_HAS_NO_OWNER,
		SD_BUS_ERROR_NO_REPLY,	      SD_BUS_ERROR_TIMEOUT,
		SD_BUS_ERROR_DISCONNECTED,    SD_BUS_ERROR_NO_SERVER,
	};

	for (size_t i = 0; name && i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	if (name && strncmp(name, "org.freedesktop.DBus.Error.Spawn.", 33) == 0)
		return true;
	return code == ECONNRESET || code == ENOTCONN || code == ETIMEDOUT || code == EPIPE;
}

static int fail_call(struct bus_host *h, const sd_bus_error *error, int code, struct fail *why)
{
	static const struct {
		const char *name;
		int code;
	} errors[] = {
		{ ERROR "Refused", HOST_REFUSED },	{ ERROR "Denied", HOST_DENIED },
		{ ERROR "NoSession", HOST_NO_SESSION }, { ERROR "BadLogin", HOST_BAD_LOGIN },
		{ ERROR "Blocked", HOST_BLOCKED },	{ ERROR "Busy", HOST_BUSY },
		{ ERROR "Exists", HOST_EXISTS },	{ ERROR "NotFound", HOST_NOT_FOUND },
	};

	for (size_t i = 0; error->name && i < ARRAY_SIZE(errors); i++)
		if (strcmp(errors[i].name, error->name) == 0)
			return fail_with(why, errors[i].code, "%s", error->message);
	/* The bus's own policy: the same for everything, and its words are not for a person. */
	if (sd_bus_error_has_name(error, SD_BUS_ERROR_ACCESS_DENIED))
		return fail_with(why, HOST_DENIED,
				 "only root and members of palette-admin may do this");
	if (is_absence(error->name, code)) {
		if (sd_bus_is_open(h->bus) <= 0)
			disconnect(h);
		lose(h);
		return fail_with(why, HOST_GONE,
				 "the host service (palette-hostd) does not answer");
	}
	return fail_with(why, HOST_FAILED, "%s", error->message ? error->message : strerror(code));
}

/*
 * A method: its arguments by @types, which gets the session in front unless @types begins with '-'.
 * @ret may be NULL. Secrets in it are wiped with the message.
 */
static int ask(struct bus_host *h, const char *interface, const char *method, uint64_t timeout_us,
	       sd_bus_message **ret, struct fail *why, const char *types, ...)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *m = NULL;
	va_list args;
	int r = ensure(h, READY_MS, why);

	if (r < 0)
		return r;
	r = sd_bus_message_new_method_call(h->bus, &m, NAME, PATH, interface, method);
	if (r >= 0)
		r = sd_bus_message_sensitive(m);
	if (r >= 0 && *types != '-')
		r = sd_bus_message_append(m, "s", h->session);
	va_start(args, types);
	if (r >= 0)
		r = sd_bus_message_appendv(m, types + (*types == '-'), args);
	va_end(args);
	if (r >= 0)
		r = sd_bus_call(h->bus, m, timeout_us, &error, ret);
	r = r < 0 ? fail_call(h, &error, -r, why) : 0;
	if (r == 0)
		found(h);
	sd_bus_message_unref(m);
	sd_bus_error_free(&error);
	return r;
}

/* Frees @m; @r is what reading it gave. */
static int finish(sd_bus_message *m, int r, const char *what, struct fail *why)
{
	sd_bus_message_unref(m);
	return r < 0 ? fail_errno(why, -r, "read the answer to %s", what) : 0;
}

static int facts(struct host *host, struct host_public *ret, struct fail *why)
{
	sd_bus_message *reply = NULL;
	int r = ask((struct bus_host *)host, ACCESS, "Public", READ_US, &reply, why, "-");

	return r < 0 ? r : finish(reply, read_public(reply, ret), "Public", why);
}

static int on_probe(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct bus_host *h = userdata;

	(void)error;
	h->probe = sd_bus_slot_unref(h->probe);
	if (sd_bus_message_is_method_error(m, NULL))
		h->retry_at_ms = monotonic_ms() + RETRY_MS;
	else
		found(h);
	return 0;
}

/* Does not wait for the answer: a person is typing. The bus holds it until the service has started. */
static void probe(struct bus_host *h)
{
	if (h->probe || monotonic_ms() < h->retry_at_ms || ensure(h, 0, NULL) < 0)
		return;
	if (sd_bus_call_method_async(h->bus, &h->probe, NAME, PATH, ACCESS, "Public", on_probe, h,
				     "") < 0)
		lose(h);
}

static unsigned news(struct host *host)
{
	struct bus_host *h = (struct bus_host *)host;
	unsigned news;
	int r = 0;

	while (h->bus && (r = sd_bus_process(h->bus, NULL)) > 0)
		;
	if (r < 0)
		disconnect(h);
	if (h->lost || h->changed)
		probe(h);
	news = h->news | (h->lost ? HOST_NEWS_LOST : 0);
	h->news = 0;
	return news;
}

static int login(struct host *host, const char *user, const char *password, const char *origin,
		 struct fail *why)
{
	struct bus_host *h = (struct bus_host *)host;
	sd_bus_message *reply = NULL;
	const char *session = "";
	int r = ask(h, ACCESS, "Login", CHANGE_US, &reply, why, "-sssb", user, password, origin, 0);

	if (r < 0)
		return r;
	r = sd_bus_message_read(reply, "s", &session);
	snprintf(h->session, sizeof(h->session), "%s", session);
	return finish(reply, r, "Login", why);
}

static void logout(struct host *host)
{
	struct bus_host *h = (struct bus_host *)host;

	if (h->session[0])
		(void)ask(h, ACCESS, "Logout", READ_US, NULL, NULL, "");
	explicit_bzero(h->session, sizeof(h->session));
}

static int password_rules(struct host *host, struct host_list *ret, struct fail *why)
{
	sd_bus_message *reply = NULL;
	int r = ask((struct bus_host *)host, ACCOUNTS, "PasswordRules", READ_US, &reply, why, "");

	return r < 0 ? r : finish(reply, read_list(reply, ret), "PasswordRules", why);
}

static int create_account(struct host *host, const char *user, const char *password,
			  struct fail *why)
{
	return ask((struct bus_host *)host, ACCOUNTS, "CreateFirst", CHANGE_US, NULL, why, "ss",
		   user, password);
}

static int info(struct host *host, struct host_info *ret, struct fail *why)
{
	sd_bus_message *reply = NULL;
	int r = ask((struct bus_host *)host, HOST, "Info", READ_US, &reply, why, "");

	return r < 0 ? r : finish(reply, read_info(reply, ret), "Info", why);
}

static int set_hostname(struct host *host, const char *name, struct fail *why)
{
	return ask((struct bus_host *)host, HOST, "SetHostname", CHANGE_US, NULL, why, "s", name);
}

static int power_off(struct host *host, struct fail *why)
{
	return ask((struct bus_host *)host, HOST, "PowerOff", CHANGE_US, NULL, why, "");
}

static int adapters(struct host *host, struct host_adapters *ret, struct fail *why)
{
	sd_bus_message *reply = NULL;
	int r = ask((struct bus_host *)host, NETWORK, "ListAdapters", READ_US, &reply, why, "");

	return r < 0 ? r : finish(reply, read_adapters(reply, ret), "ListAdapters", why);
}

static int set_adapter(struct host *host, const char *name, const struct host_settings *s,
		       uint32_t confirm_s, char change[HOST_CHANGE_BYTES], struct fail *why)
{
	sd_bus_message *reply = NULL;
	const char *id = "";
	int r = ask((struct bus_host *)host, NETWORK, "SetAdapter", CHANGE_US, &reply, why,
		    "sa{ss}u", name, 6, "mode", s->mode, "address", s->address, "netmask",
		    s->netmask, "gateway", s->gateway, "vlan", s->vlan, "mtu", s->mtu, confirm_s);

	if (r < 0)
		return r;
	r = sd_bus_message_read(reply, "s", &id);
	snprintf(change, HOST_CHANGE_BYTES, "%s", id);
	return finish(reply, r, "SetAdapter", why);
}

static int neighbour(struct host *host, const char *name, char text[HOST_TEXT_BYTES],
		     struct fail *why)
{
	sd_bus_message *reply = NULL;
	const char *said = "";
	int r = ask((struct bus_host *)host, NETWORK, "Neighbour", READ_US, &reply, why, "s", name);

	if (r < 0)
		return r;
	r = sd_bus_message_read(reply, "s", &said);
	snprintf(text, HOST_TEXT_BYTES, "%s", said);
	return finish(reply, r, "Neighbour", why);
}

static int blink(struct host *host, const char *name, uint32_t seconds, struct fail *why)
{
	return ask((struct bus_host *)host, NETWORK, "Blink", CHANGE_US, NULL, why, "su", name,
		   seconds);
}

static int confirm(struct host *host, const char *change, struct fail *why)
{
	return ask((struct bus_host *)host, NETWORK, "Confirm", CHANGE_US, NULL, why, "s", change);
}

static int revert(struct host *host, const char *change, struct fail *why)
{
	return ask((struct bus_host *)host, NETWORK, "Revert", CHANGE_US, NULL, why, "s", change);
}

static int pending(struct host *host, struct host_pending *ret, struct fail *why)
{
	sd_bus_message *reply = NULL;
	int r = ask((struct bus_host *)host, NETWORK, "PendingChange", READ_US, &reply, why, "");

	return r < 0 ? r : finish(reply, read_pending(reply, ret), "PendingChange", why);
}

static int dns(struct host *host, struct host_dns *ret, struct fail *why)
{
	sd_bus_message *reply = NULL;
	int r = ask((struct bus_host *)host, NETWORK, "GetDns", READ_US, &reply, why, "");

	return r < 0 ? r : finish(reply, read_dns(reply, ret), "GetDns", why);
}

static int set_dns(struct host *host, const char *primary, const char *alternate,
		   const char *search, struct fail *why)
{
	return ask((struct bus_host *)host, NETWORK, "SetDns", CHANGE_US, NULL, why, "sss", primary,
		   alternate, search);
}

static void done(struct host *host)
{
	struct bus_host *h = (struct bus_host *)host;

	if (!h)
		return;
	logout(host);
	h->probe = sd_bus_slot_unref(h->probe);
	sd_bus_flush_close_unref(h->bus);
	free(h);
}

struct host *host_bus_new(void)
{
	static const struct host host = {
		news,		facts,	   login,	 logout,    password_rules,
		create_account, info,	   set_hostname, power_off, adapters,
		set_adapter,	neighbour, blink,	 confirm,   revert,
		pending,	dns,	   set_dns,	 done
	};
	struct bus_host *h = xcalloc(1, sizeof(*h));

	h->host = host;
	return &h->host;
}
