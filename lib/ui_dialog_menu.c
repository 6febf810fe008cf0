/* SPDX-License-Identifier: Apache-2.0 */
/* ui_dialog_menu.c - a list to choose one row of. */
#include "lib/ui_dialog.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <wctype.h>

#include "lib/text.h"

#define DETAIL_ROWS_MAX 2

struct view {
	struct dui *d;
	struct ui_menu *menu;
	struct dui_buttons buttons;
	int button;
	size_t top;   /* the first row shown */
	size_t shown; /* rows shown */
};

/* Rows for the details: as many as the longest needs, so that the box keeps its size. */
static size_t detail_rows(const struct ui_menu *menu)
{
	size_t most = 0;

	for (size_t i = 0; i < menu->n_items; i++) {
		const char *detail = menu->items[i].detail;
		size_t rows = detail ? text_wrap(detail, dui_columns(), NULL, 0) : 0;

		if (rows > most)
			most = rows;
	}
	return most < DETAIL_ROWS_MAX ? most : DETAIL_ROWS_MAX;
}

/* Rows of the box that are not rows of the list. */
static size_t rows_beside(const struct ui_menu *menu, size_t text_rows)
{
	size_t details = detail_rows(menu);

	return text_rows + 1 + (details ? details + 1 : 0) + 2;
}

/* What is typed to get to a row: "sda" of "/dev/sda". */
static const char *name_of(const struct ui_item *item)
{
	const char *slash = strrchr(item->key, '/');

	return slash ? slash + 1 : item->key;
}

static void put_row(const struct dui_box *box, int row, const struct ui_item *item, bool selected)
{
	char line[DUI_LINE_MAX];
	const char *letter = strstr(item->text, name_of(item));
	int columns = (int)dui_columns();

	snprintf(line, sizeof(line), "%c %-*s", selected ? '>' : ' ', columns, item->text);
	dui_put(box, row, 0, line, strlen(line), selected ? item_selected_attr : item_attr);
	/* The letter that selects the row, where the row has the key in it. */
	if (letter)
		dui_put(box, row, 2 + (int)text_columns(item->text, (size_t)(letter - item->text)),
			letter, 1, selected ? tag_key_selected_attr : tag_key_attr);
}

/* Brings the chosen row into what is shown. */
static void scroll_to_chosen(struct view *v, size_t text_rows)
{
	size_t beside = rows_beside(v->menu, text_rows);
	size_t max = dui_rows_max();
	size_t room = max > beside ? max - beside : 1;

	v->shown = v->menu->n_items < room ? v->menu->n_items : room;
	if (v->menu->chosen < v->top)
		v->top = v->menu->chosen;
	if (v->menu->chosen >= v->top + v->shown)
		v->top = v->menu->chosen + 1 - v->shown;
	if (v->top + v->shown > v->menu->n_items)
		v->top = v->menu->n_items - v->shown;
}

static const char *note_of(size_t hidden, const char *where, char *buf, size_t size)
{
	buf[0] = '\0';
	if (hidden)
		snprintf(buf, size, " %zu more %s ", hidden, where);
	return buf;
}

static void put_detail(struct dui_box *box, const char *detail)
{
	size_t rows = detail ? text_wrap(detail, dui_columns(), NULL, 0) : 0;
	char line[DUI_LINE_MAX];

	if (rows <= DETAIL_ROWS_MAX) {
		if (detail)
			dui_put_text(box, detail, 0, rows);
		return;
	}
	/* Too long even so: the end of the last row says it. */
	text_fit(detail, dui_columns() * DETAIL_ROWS_MAX - 12, line, sizeof(line));
	dui_put_text(box, line, 0, DETAIL_ROWS_MAX);
}

static void draw(struct view *v)
{
	const struct ui_menu *menu = v->menu;
	size_t text_rows = menu->text ? text_wrap(menu->text, dui_columns(), NULL, 0) : 0;
	struct dui_box box;
	char note[48];

	scroll_to_chosen(v, text_rows);
	box = dui_open(
		v->d, menu->title, rows_beside(menu, text_rows) + v->shown,
		"Up/Down or first letter: row   Left/Right: button   ENTER: press   ESC: back");
	if (menu->text)
		dui_put_text(&box, menu->text, 0, text_rows);
	dui_rule(&box, note_of(v->top, "above", note, sizeof(note)));
	for (size_t i = v->top; i < v->top + v->shown; i++)
		put_row(&box, box.row++, &menu->items[i], i == menu->chosen);
	note_of(menu->n_items - v->top - v->shown, "below", note, sizeof(note));
	if (detail_rows(menu)) {
		dui_rule(&box, note);
		put_detail(&box, menu->items[menu->chosen].detail);
		dui_put_buttons(&box, &v->buttons, v->button);
	} else {
		dui_put_buttons(&box, &v->buttons, v->button);
		box.row--;
		if (*note)
			dui_rule(&box, note);
	}
	dui_close(&box, -1, 0);
}

/* The next row behind the chosen one, round the end, whose key begins with @letter. */
static void choose_letter(struct ui_menu *menu, int letter)
{
	for (size_t i = 1; i <= menu->n_items; i++) {
		size_t at = (menu->chosen + i) % menu->n_items;

		if (towlower((wint_t)letter) == towlower((wint_t)name_of(&menu->items[at])[0])) {
			menu->chosen = at;
			return;
		}
	}
}

static void move_chosen(struct view *v, int key)
{
	struct ui_menu *menu = v->menu;
	size_t last = menu->n_items - 1;

	switch (key) {
	case DUI_FN(KEY_UP):
		menu->chosen -= menu->chosen > 0;
		break;
	case DUI_FN(KEY_DOWN):
		menu->chosen += menu->chosen < last;
		break;
	case DUI_TAB:
		menu->chosen = menu->chosen < last ? menu->chosen + 1 : 0;
		break;
	case DUI_FN(KEY_BTAB):
		menu->chosen = menu->chosen > 0 ? menu->chosen - 1 : last;
		break;
	case DUI_FN(KEY_PPAGE):
		menu->chosen -= menu->chosen < v->shown ? menu->chosen : v->shown;
		break;
	case DUI_FN(KEY_NPAGE):
		menu->chosen = last - menu->chosen < v->shown ? last : menu->chosen + v->shown;
		break;
	case DUI_FN(KEY_HOME):
		menu->chosen = 0;
		break;
	case DUI_FN(KEY_END):
		menu->chosen = last;
		break;
	default:
		if (key >= 0 && key < DUI_FN(0))
			choose_letter(menu, key);
		break;
	}
}

static int run(struct view *v, struct fail *why)
{
	int64_t deadline = dui_deadline(v->menu->tick_ms);
	int key, pressed;

	for (;;) {
		draw(v);
		key = dui_key(v->d, deadline);
		switch (key) {
		case DUI_GONE:
			return dui_gone(why);
		case DUI_TIMEOUT:
			return UI_TICK;
		case DUI_ESC:
			return v->d->interrupted ? UI_INTERRUPT : UI_BACK;
		case '\n':
			return v->buttons.items[v->button].result;
		default:
			break;
		}
		pressed = dui_button_for(&v->buttons, key);
		if (pressed >= 0)
			return v->buttons.items[pressed].result;
		if (!dui_button_key(&v->buttons, key, &v->button))
			move_chosen(v, key);
	}
}

int dui_menu(struct ui *ui, struct ui_menu *menu, struct fail *why)
{
	struct view v = { .d = (struct dui *)ui, .menu = menu };
	struct dui_kept *kept = &v.d->kept;
	int r;

	if (menu->n_items == 0)
		return fail_with(why, EINVAL, "%s: a menu without rows", menu->id);
	if (menu->chosen >= menu->n_items)
		menu->chosen = menu->n_items - 1;
	dui_button_add(&v.buttons, menu->ok_label ? menu->ok_label : "Select", UI_OK);
	if (menu->extra_label)
		dui_button_add(&v.buttons, menu->extra_label, UI_EXTRA);
	dui_button_add(&v.buttons, menu->back_label ? menu->back_label : "Back", UI_BACK);
	if (kept->valid && strcmp(kept->id, menu->id) == 0) {
		v.top = kept->top;
		v.button = kept->button < (int)v.buttons.n ? kept->button : 0;
	}

	r = run(&v, why);
	kept->valid = r == UI_TICK;
	snprintf(kept->id, sizeof(kept->id), "%s", menu->id);
	kept->top = v.top;
	kept->button = v.button;
	return r;
}
