/* SPDX-License-Identifier: Apache-2.0 */
/* ui_dialog_text.c - questions that are a text: confirm, message, page, countdown. */
#include "lib/ui_dialog.h"

#include <stdio.h>
#include <string.h>

#include "lib/text.h"
#include "monotonic.h"

struct view {
	struct dui *d;
	const char *title, *text;
	bool no_back; /* ESC does nothing that the hint should name */
	struct dui_buttons buttons;
	int button;
	bool question; /* Ctrl+C is told apart from ESC */
	size_t lines;  /* of the text, wrapped to this terminal */
	size_t top;    /* the first one shown */
	size_t shown;
};

static void draw(struct view *v)
{
	size_t beside = v->buttons.n ? 2 : 0;
	size_t room = dui_rows_max() - beside;
	struct dui_box box;
	char note[48] = "", hint[DUI_COLUMNS];

	v->lines = text_wrap(v->text, dui_columns(), NULL, 0);
	v->shown = v->lines < room ? v->lines : room;
	if (v->top > v->lines - v->shown)
		v->top = v->lines - v->shown;
	snprintf(hint, sizeof(hint), "%s%s%s",
		 v->shown < v->lines ? "Up/Down, PgUp/PgDn: scroll   " : "",
		 v->buttons.n ? "Left/Right: button   ENTER: press" : "",
		 v->no_back ? "" : "   ESC: back");
	box = dui_open(v->d, v->title, v->shown + beside, hint);
	dui_put_text(&box, v->text, v->top, v->shown);
	if (v->buttons.n)
		dui_put_buttons(&box, &v->buttons, v->button);
	if (v->buttons.n && v->shown < v->lines) {
		if (v->top + v->shown < v->lines)
			snprintf(note, sizeof(note), " %zu more lines below ",
				 v->lines - v->top - v->shown);
		else
			snprintf(note, sizeof(note), " end ");
		box.row--;
		dui_rule(&box, note);
	}
	dui_close(&box, -1, 0);
}

static void scroll_text(struct view *v, int key)
{
	size_t last = v->lines - v->shown;
	size_t page = v->shown > 1 ? v->shown - 1 : 1;

	switch (key) {
	case DUI_FN(KEY_UP):
		v->top -= v->top > 0;
		break;
	case DUI_FN(KEY_DOWN):
		v->top += v->top < last;
		break;
	case DUI_FN(KEY_PPAGE):
		v->top -= v->top < page ? v->top : page;
		break;
	case DUI_FN(KEY_NPAGE):
	case ' ':
		v->top = last - v->top < page ? last : v->top + page;
		break;
	case DUI_FN(KEY_HOME):
		v->top = 0;
		break;
	case DUI_FN(KEY_END):
		v->top = last;
		break;
	default:
		break;
	}
}

static int run(struct view *v, int64_t deadline_ms, struct fail *why)
{
	for (;;) {
		int key, pressed;

		draw(v);
		key = dui_key(v->d, deadline_ms);
		switch (key) {
		case DUI_GONE:
			return dui_gone(why);
		case DUI_TIMEOUT:
			return UI_TICK;
		case DUI_ESC:
			return v->question && v->d->interrupted ? UI_INTERRUPT : UI_BACK;
		case '\n':
			if (v->buttons.n == 0)
				continue;
			return v->buttons.items[v->button].result;
		case DUI_TAB:
			key = DUI_FN(KEY_RIGHT);
			break;
		case DUI_FN(KEY_BTAB):
			key = DUI_FN(KEY_LEFT);
			break;
		default:
			break;
		}
		pressed = dui_button_for(&v->buttons, key);
		if (pressed >= 0)
			return v->buttons.items[pressed].result;
		if (v->buttons.n == 0 || !dui_button_key(&v->buttons, key, &v->button))
			scroll_text(v, key);
	}
}

int dui_confirm(struct ui *ui, const char *id, const char *title, const char *text, const char *yes,
		const char *no, struct fail *why)
{
	struct view v = { .d = (struct dui *)ui, .title = title, .text = text, .question = true };

	(void)id;
	dui_button_add(&v.buttons, yes ? yes : "Yes", UI_OK);
	dui_button_add(&v.buttons, no ? no : "No", UI_BACK);
	return run(&v, DUI_FOREVER, why);
}

int dui_message(struct ui *ui, const char *id, const char *title, const char *text, const char *ok,
		struct fail *why)
{
	struct view v = { .d = (struct dui *)ui, .title = title, .text = text };

	(void)id;
	dui_button_add(&v.buttons, ok ? ok : "OK", UI_OK);
	return run(&v, DUI_FOREVER, why);
}

int dui_page(struct ui *ui, struct ui_page *page, struct fail *why)
{
	struct view v = { .d = (struct dui *)ui, .title = page->title, .text = page->text };
	struct dui_kept *kept = &v.d->kept;
	int r;

	v.no_back = !page->back_label;
	if (!page->ok_label || *page->ok_label)
		dui_button_add(&v.buttons, page->ok_label ? page->ok_label : "OK", UI_OK);
	if (page->extra_label)
		dui_button_add(&v.buttons, page->extra_label, UI_EXTRA);
	if (page->more_label)
		dui_button_add(&v.buttons, page->more_label, UI_MORE);
	if (page->back_label)
		dui_button_add(&v.buttons, page->back_label, UI_BACK);
	if (kept->valid && strcmp(kept->id, page->id) == 0) {
		v.top = kept->top;
		v.button = kept->button < (int)v.buttons.n ? kept->button : 0;
	}

	r = run(&v, dui_deadline(page->tick_ms), why);
	*kept = (struct dui_kept){ .valid = r == UI_TICK, .top = v.top, .button = v.button };
	snprintf(kept->id, sizeof(kept->id), "%s", page->id);
	return r;
}

int dui_countdown(struct ui *ui, const char *id, const char *title, const char *text,
		  unsigned seconds, struct fail *why)
{
	struct dui *d = (struct dui *)ui;
	size_t lines = text_wrap(text, dui_columns(), NULL, 0);
	int64_t end = monotonic_ms() + (int64_t)seconds * 1000;

	(void)id;
	for (;;) {
		int64_t left = end - monotonic_ms();
		struct dui_box box;
		char line[80];
		int key;

		if (left <= 0)
			return UI_OK;
		snprintf(line, sizeof(line), "in %d s - press any key to hold it",
			 (int)((left + 999) / 1000));
		box = dui_open(d, title, lines + 2, "Any key: hold");
		dui_put_text(&box, text, 0, lines);
		dui_rule(&box, NULL);
		dui_put(&box, box.row, ((int)dui_columns() - (int)strlen(line)) / 2, line,
			strlen(line), button_active_attr);
		dui_close(&box, -1, 0);
		key = dui_key(d, monotonic_ms() + (left - 1) % 1000 + 1);
		if (key == DUI_GONE)
			return dui_gone(why);
		if (key != DUI_TIMEOUT && key != DUI_FN(KEY_RESIZE))
			return UI_BACK;
	}
}
