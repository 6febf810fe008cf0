/* SPDX-License-Identifier: Apache-2.0 */
/* dns.c - name servers and search domain. */
#include "tui.h"

#include <stdio.h>
#include <string.h>

#define TITLE TUI_TITLE " - DNS Configuration"

struct edit {
	bool known;		/* read at least once */
	struct host_dns dns;	/* its fields are what is typed */
	struct host_dns loaded; /* what they began with */
	char text[TUI_TEXT];
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
	char servers[800], domains[800];

	join(&now->servers, "none", servers, sizeof(servers));
	join(&now->domains, "none", domains, sizeof(domains));
	snprintf(buf, size,
		 "In force%s: name servers %s; search domain %s.\n"
		 "With all fields empty, what DHCP says is used.",
		 now->by_dhcp ? " by DHCP" : "", servers, domains);
}

static bool equal(const struct host_dns *a, const struct host_dns *b)
{
	return strcmp(a->primary, b->primary) == 0 && strcmp(a->alternate, b->alternate) == 0 &&
	       strcmp(a->search, b->search) == 0;
}

/* What is set, but not over what was typed. */
static int fill_in(struct tui *t, struct edit *e, struct fail *failed)
{
	struct host_dns now;
	int r = t->host->dns(t->host, &now, failed);

	if (r < 0)
		return r;
	if (!e->known || equal(&e->dns, &e->loaded))
		e->dns = e->loaded = now;
	describe(&now, e->text, sizeof(e->text));
	e->known = true;
	return 0;
}

/* 1, and said, when another screen has set others since this form was filled in. */
static int check_unchanged(struct tui *t, struct edit *e, struct fail *failed)
{
	struct host_dns now;
	int r = t->host->dns(t->host, &now, failed);

	if (r < 0 || equal(&now, &e->loaded) || equal(&now, &e->dns))
		return r;
	e->loaded = now;
	snprintf(e->said, sizeof(e->said),
		 "Changed meanwhile by somebody else, to primary %s, alternate %s, search domain "
		 "%s. ENTER again overwrites that.",
		 *now.primary ? now.primary : "none", *now.alternate ? now.alternate : "none",
		 *now.search ? now.search : "none");
	return 1;
}

/* SCREEN_MENU when it is done, SCREEN_DNS to ask again. */
static int apply(struct tui *t, struct edit *e, const struct ui_form *form, struct fail *why)
{
	struct fail failed = { 0 };
	int r;

	tui_wait_box(t, "Setting the name servers ...");
	r = check_unchanged(t, e, &failed);
	if (r == 0)
		r = t->host->set_dns(t->host, e->dns.primary, e->dns.alternate, e->dns.search,
				     &failed);
	if (r == 0) {
		snprintf(t->notice, sizeof(t->notice), "The name servers are set.");
		return SCREEN_MENU;
	}
	if (r < 0) {
		r = tui_trouble(t, r, &failed, e->said, sizeof(e->said), why);
		e->current = tui_refused_field(form, e->said, e->current);
	}
	return r < 0 ? r : SCREEN_DNS;
}

static int ask(struct tui *t, struct edit *e, struct fail *why)
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
				.title = TITLE,
				.text = tui_text(t, e->said, e->text, shown),
				.fields = fields,
				.n_fields = 3,
				.current = e->current,
				.tick_ms = TUI_TICK_MS };
	int r = tui_form(t, &form, why);

	e->current = form.current;
	if (r == UI_OK)
		return apply(t, e, &form, why);
	if (r != UI_TICK)
		return r < 0 ? r : SCREEN_MENU;
	if (tui_news(t) & HOST_NEWS_DNS)
		(void)fill_in(t, e, NULL);
	return SCREEN_DNS;
}

static int read_first(struct tui *t, struct edit *e, struct fail *why)
{
	struct fail failed = { 0 };
	int r = t->lost ? -HOST_GONE : fill_in(t, e, &failed);

	return tui_read_first(t, &(struct tui_form){ TITLE, SCREEN_DNS }, r, &failed, why);
}

int screen_dns(struct tui *t, struct fail *why)
{
	struct edit edit = { .current = 0 };
	int r;

	do {
		r = edit.known ? ask(t, &edit, why) : read_first(t, &edit, why);
	} while (r == SCREEN_DNS);
	return r;
}
