/* SPDX-License-Identifier: Apache-2.0 */
/* dns.c - name servers and search domain. */
#include "tui.h"

#include <stdio.h>
#include <string.h>

struct edit {
	struct host_dns dns; /* its fields are what is typed */
	char said[TUI_TEXT];
	size_t current;
};

static void join(const struct host_list *list, const char *none, char *buf, size_t size)
{
	size_t used = (size_t)snprintf(buf, size, "%s", list->n ? "" : none);

	for (size_t i = 0; i < list->n && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s", i ? ", " : "",
					 list->items[i]);
}

static void describe(const struct host_dns *now, char *buf, size_t size)
{
	bool own = now->primary[0] || now->alternate[0] || now->search[0];
	char servers[800], domains[800];

	join(&now->servers, "none", servers, sizeof(servers));
	join(&now->domains, "none", domains, sizeof(domains));
	snprintf(buf, size,
		 "In force%s: name servers %s; search domain %s.\n"
		 "With all fields empty, what DHCP says is used.",
		 own ? "" : " by DHCP", servers, domains);
}

/* SCREEN_MENU when it is done, SCREEN_DNS to ask again. */
static int apply(struct tui *t, struct edit *e, const struct ui_form *form, struct fail *why)
{
	struct fail failed = { 0 };
	int r;

	tui_wait_box(t, "Setting the name servers ...");
	r = t->host->set_dns(t->host, e->dns.primary, e->dns.alternate, e->dns.search, &failed);
	if (r < 0) {
		r = tui_trouble(t, r, &failed, e->said, sizeof(e->said), why);
		e->current = tui_refused_field(form, e->said, e->current);
		return r < 0 ? r : SCREEN_DNS;
	}
	snprintf(t->notice, sizeof(t->notice), "The name servers are set.");
	return SCREEN_MENU;
}

static int ask(struct tui *t, struct edit *e, const char *text, struct fail *why)
{
	char shown[TUI_TEXT];
	struct ui_field fields[] = {
		{ "primary name server", "Primary name server", UI_FIELD_TEXT, e->dns.primary, 48,
		  NULL },
		{ "alternate name server", "Alternate name server", UI_FIELD_TEXT, e->dns.alternate,
		  48, NULL },
		{ "search domain", "Search domain", UI_FIELD_TEXT, e->dns.search,
		  sizeof(e->dns.search), NULL },
	};
	struct ui_form form = { .id = "dns",
				.title = TUI_TITLE " - DNS Configuration",
				.text = tui_text(t, e->said, text, shown),
				.fields = fields,
				.n_fields = 3,
				.current = e->current,
				.tick_ms = TUI_TICK_MS };
	int r = tui_form(t, &form, why);

	e->current = form.current;
	if (r == UI_OK)
		return apply(t, e, &form, why);
	if (r == UI_TICK)
		return SCREEN_DNS;
	return r < 0 ? r : SCREEN_MENU;
}

int screen_dns(struct tui *t, struct fail *why)
{
	struct edit edit = { .current = 0 };
	struct fail failed = { 0 };
	char text[TUI_TEXT] = "";
	int r = t->host->dns(t->host, &edit.dns, &failed);

	if (r == -HOST_NO_SESSION)
		return tui_login_ended(t);
	if (r < 0)
		(void)tui_trouble(t, r, &failed, edit.said, sizeof(edit.said), why);
	else
		describe(&edit.dns, text, sizeof(text));
	do {
		struct host_dns now;

		r = ask(t, &edit, text, why);
		if (r == SCREEN_DNS && (tui_news(t) & HOST_NEWS_DNS) &&
		    t->host->dns(t->host, &now, NULL) == 0)
			describe(&now, text, sizeof(text));
	} while (r == SCREEN_DNS);
	return r;
}
