/* SPDX-License-Identifier: Apache-2.0 */
#include "view.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ROWS_BELOW 5 /* what follows the adapters */

struct page {
	char *text;
	size_t used;
	unsigned rows;
};

/* One line; what is wider than the screen is cut. */
static void add(struct page *page, const char *fmt, ...)
{
	char line[VIEW_COLUMNS + 1];
	va_list args;

	if (page->rows == VIEW_ROWS)
		return;
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	page->used += (size_t)sprintf(page->text + page->used, "%s\n", line);
	page->rows++;
}

static void add_adapter(struct page *page, const struct view_adapter *adapter)
{
	size_t shown = adapter->n_addresses ? 1 : 0;

	add(page, "  %-15s %-17s  %-7s  %s", adapter->name, adapter->mac,
	    adapter->link ? "link" : "no link", shown ? adapter->addresses[0] : "no address");
	for (; shown < adapter->n_addresses && page->rows < VIEW_ROWS - ROWS_BELOW; shown++)
		add(page, "%46s%s", "", adapter->addresses[shown]);
}

void view_print(const struct view *view, char text[static VIEW_TEXT_BYTES])
{
	struct page page = { .text = text };
	size_t i;

	text[0] = '\0';
	add(&page, "Palette Edge");
	add(&page, "");
	add(&page, "  Host name  %s", view->host_name);
	if (view->slot)
		add(&page, "  Version    %s, slot %c", view->version, view->slot);
	else
		add(&page, "  Version    %s, not installed on this machine", view->version);
	add(&page, "");
	add(&page, "Network adapters");
	add(&page, "");
	for (i = 0; i < view->n_adapters && page.rows < VIEW_ROWS - ROWS_BELOW; i++)
		add_adapter(&page, &view->adapters[i]);
	if (view->n_adapters == 0)
		add(&page, "  none");
	if (i < view->n_adapters)
		add(&page, "  and %zu more", view->n_adapters - i);
	add(&page, "");
	if (!view->account_exists) {
		add(&page, "No account has been made on this machine yet: nobody can log in.");
		add(&page, "");
	}
}
