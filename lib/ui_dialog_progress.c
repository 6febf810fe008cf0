/* SPDX-License-Identifier: Apache-2.0 */
/* ui_dialog_progress.c - a bar with text above it, drawn and left standing. */
#include "lib/ui_dialog.h"

#include <stdio.h>
#include <string.h>

#include "lib/text.h"
#include "monotonic.h"

#define BAR_END 7 /* "] 100 %" */

static void put_bar(const struct dui_box *box, unsigned percent)
{
	char bar[DUI_LINE_MAX];
	size_t width = dui_columns() - BAR_END - 1;
	size_t full = width * percent / 100;

	if (width > sizeof(bar) - 32)
		return;
	memset(bar, '#', full);
	memset(bar + full, '.', width - full);
	snprintf(bar + width, sizeof(bar) - width, "] %3u %%", percent);
	dui_put(box, box->row, 0, "[", 1, dialog_attr);
	dui_put(box, box->row, 1, bar, full, gauge_attr);
	dui_put(box, box->row, 1 + (int)full, bar + full, strlen(bar + full), dialog_attr);
}

int dui_progress(struct ui *ui, const struct ui_progress *now, struct fail *why)
{
	struct dui *d = (struct dui *)ui;
	size_t max = dui_rows_max() - 2;
	size_t lines = text_wrap(now->text, dui_columns(), NULL, 0);
	size_t shown = lines < max ? lines : max;
	struct dui_box box;
	int key;

	box = dui_open(d, now->title, shown + 2, "Ctrl+C or ESC: stop (asks first)");
	/* The newest lines are the last ones. */
	dui_put_text(&box, now->text, lines - shown, shown);
	dui_rule(&box, NULL);
	put_bar(&box, now->percent > 100 ? 100 : now->percent);
	dui_close(&box, -1, 0);

	while ((key = dui_key(d, monotonic_ms())) != DUI_TIMEOUT) {
		if (key == DUI_GONE)
			return dui_gone(why);
		if (key == DUI_ESC)
			return UI_BACK;
	}
	return UI_OK;
}
