/* SPDX-License-Identifier: Apache-2.0 */
/* adapter_form.c - one adapter: addressing, VLAN, MTU. */
#include "tui.h"

#include <stdio.h>
#include <string.h>

#include "adapter_text.h"

#define CONFIRM_S   60
#define BLINK_S	    10
#define CABLE_TICKS 10 /* switches tell themselves every 30 s */

#define CONNECTED_TEXT                                                                             \
	"\nYou may be connected through this adapter: a change is taken back after 60 s unless "   \
	"it is "                                                                                   \
	"confirmed. If the connection ends, log in at the new address and run palette-tui."

#define NO_GATEWAY_TEXT                                                                            \
	"\nWithout a default gateway this host is reached from its own subnet alone, and reaches " \
	"nothing outside it."

struct edit {
	struct host_settings s;	     /* what is typed */
	struct host_settings loaded; /* what that began with */
	char said[TUI_TEXT];
	char cable[HOST_TEXT_BYTES]; /* what is at its other end */
	unsigned ticks;		     /* since that was asked */
	size_t current;
	bool connected; /* the person's own connection may go through it */
};

static const struct host_adapter *find(const struct tui *t)
{
	for (size_t i = 0; i < t->adapters.n; i++)
		if (strcmp(t->adapters.items[i].name, t->adapter) == 0)
			return &t->adapters.items[i];
	return NULL;
}

/* Where it is not known which address the person came in by, it may be any. */
static bool may_be_connected(const struct tui *t, const struct host_adapter *adapter)
{
	return t->place == TUI_REMOTE && (!*t->server || adapter_has_address(adapter, t->server));
}

static void describe(const struct tui *t, const struct edit *e, char *buf, size_t size)
{
	const struct host_adapter *adapter = find(t);
	size_t used;

	if (!adapter) {
		snprintf(buf, size, "%s is not there (any more).", t->adapter);
		return;
	}
	adapter_in_force(adapter, buf, size);
	used = strlen(buf);
	if (adapter->mtu_max)
		used += (size_t)snprintf(buf + used, size - used, " (possible: %u to %u)",
					 adapter->mtu_min, adapter->mtu_max);
	if (e->cable[0] && used < size)
		used += (size_t)snprintf(buf + used, size - used, "\nOn the cable: %s", e->cable);
	/* Before anything is typed the fields are not meant yet. */
	if (e->s.address[0] && adapters_without_gateway(&t->adapters, t->adapter, &e->s) &&
	    used < size)
		used += (size_t)snprintf(buf + used, size - used, NO_GATEWAY_TEXT);
	if (e->connected && used < size)
		snprintf(buf + used, size - used, CONNECTED_TEXT);
}

/* As @s is shown: without a word there it is DHCP. */
static struct host_settings settings_of(const struct host_adapter *adapter)
{
	struct host_settings s = adapter->settings;

	if (strcmp(s.mode, "static") != 0)
		snprintf(s.mode, sizeof(s.mode), "dhcp");
	return s;
}

/* 1, and said, when another screen has set this adapter since the form was filled in. */
static int check_unchanged(struct tui *t, struct edit *e, struct fail *failed)
{
	const struct host_adapter *adapter;
	struct host_settings now;
	char text[600];
	int r = tui_read_adapters(t, failed);

	adapter = find(t);
	/* Where it is gone hostd says so. */
	if (r < 0 || !adapter)
		return r;
	now = settings_of(adapter);
	if (adapter_settings_equal(&now, &e->loaded) || adapter_settings_equal(&now, &e->s))
		return 0;
	e->loaded = now;
	snprintf(e->said, sizeof(e->said),
		 "Changed meanwhile by somebody else, to %s. ENTER again overwrites that.",
		 adapter_settings(&now, text, sizeof(text)));
	return 1;
}

/* SCREEN_ADAPTER: ask again. */
static int apply(struct tui *t, struct edit *e, const struct ui_form *form, struct fail *why)
{
	static const char text[] =
		"Applying ...\n\nA static address is probed first, so this takes "
		"some seconds.";
	char change[HOST_CHANGE_BYTES] = "";
	struct fail failed = { 0 };
	int r;

	tui_wait_box(t, text);
	r = check_unchanged(t, e, &failed);
	if (r == 0)
		r = t->host->set_adapter(t->host, t->adapter, &e->s, e->connected ? CONFIRM_S : 0,
					 change, &failed);
	if (r > 0)
		return SCREEN_ADAPTER;
	if (r < 0) {
		r = tui_trouble(t, r, &failed, e->said, sizeof(e->said), why);
		e->current = tui_refused_field(form, e->said, e->current);
		return r < 0 ? r : SCREEN_ADAPTER;
	}
	/* A second ENTER of an impatient person is no answer to the next question. */
	r = tui_drain(t, text, 200, why);
	if (r < 0)
		return r;
	if (change[0])
		return SCREEN_CHANGE;
	snprintf(t->notice, sizeof(t->notice), "%s is configured.", t->adapter);
	return SCREEN_ADAPTERS;
}

/* Not worth a word where it cannot be read. */
static void look_at_cable(struct tui *t, struct edit *e)
{
	e->ticks = 0;
	if (t->lost || t->host->neighbour(t->host, t->adapter, e->cable, NULL) < 0)
		e->cable[0] = '\0';
}

/* For whoever stands before a machine with many sockets. SCREEN_ADAPTER: ask again. */
static int blink(struct tui *t, struct edit *e, struct fail *why)
{
	char text[100];
	struct fail failed = { 0 };
	int r;

	snprintf(text, sizeof(text), "The light of %s blinks for %u s.", t->adapter, BLINK_S);
	tui_wait_box(t, text);
	r = t->host->blink(t->host, t->adapter, BLINK_S, &failed);
	if (r < 0)
		r = tui_trouble(t, r, &failed, e->said, sizeof(e->said), why);
	else
		e->said[0] = '\0';
	return r < 0 ? r : SCREEN_ADAPTER;
}

static int ask(struct tui *t, struct edit *e, struct fail *why)
{
	static const char *const modes[] = { "dhcp", "static", NULL };
	char text[TUI_TEXT], shown[TUI_TEXT];
	struct ui_field fields[] = {
		{ "addressing", "Addressing", UI_FIELD_CHOICE, e->s.mode, sizeof(e->s.mode),
		  modes },
		{ "IP address", "Static IP address", UI_FIELD_TEXT, e->s.address, 64, NULL },
		{ "subnet mask", "Subnet mask", UI_FIELD_TEXT, e->s.netmask, 40, NULL },
		{ "default gateway", "Default gateway", UI_FIELD_TEXT, e->s.gateway, 40, NULL },
		{ "VLAN ID", "VLAN ID, if any", UI_FIELD_TEXT, e->s.vlan, 16, NULL },
		{ "MTU", "MTU, if not 1500", UI_FIELD_TEXT, e->s.mtu, 16, NULL },
	};
	/* An address that is typed is meant. */
	static const struct ui_implied implied = { 1 << 1 | 1 << 2 | 1 << 3, 0, "static" };
	struct ui_form form = { .id = "adapter",
				.title = TUI_TITLE " - Network Adapter",
				.fields = fields,
				.n_fields = 6,
				.current = e->current,
				.implied = &implied,
				.extra_label = "F2 Blink",
				.tick_ms = TUI_TICK_MS };
	int r;

	describe(t, e, text, sizeof(text));
	form.text = tui_text(t, e->said, text, shown);
	r = tui_form(t, &form, why);
	e->current = form.current;
	if (r == UI_OK)
		return apply(t, e, &form, why);
	if (r == UI_EXTRA)
		return blink(t, e, why);
	if (r != UI_TICK)
		return r < 0 ? r : SCREEN_ADAPTERS;
	if (tui_news(t) & (HOST_NEWS_ADAPTERS | HOST_NEWS_BACK))
		(void)tui_read_adapters(t, NULL);
	if (++e->ticks >= CABLE_TICKS)
		look_at_cable(t, e);
	return SCREEN_ADAPTER;
}

int screen_adapter(struct tui *t, struct fail *why)
{
	const struct host_adapter *adapter = find(t);
	struct edit edit = { .current = 0 };
	int r;

	if (!adapter)
		return SCREEN_ADAPTERS;
	edit.s = edit.loaded = settings_of(adapter);
	edit.connected = may_be_connected(t, adapter);
	look_at_cable(t, &edit);
	do {
		r = ask(t, &edit, why);
	} while (r == SCREEN_ADAPTER);
	return r;
}
