/* SPDX-License-Identifier: Apache-2.0 */
/* ui_dialog_form.c - labelled fields to type into. */
#include "lib/ui_dialog.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "lib/text.h"

#define LABEL_MAX 54 /* columns; what is behind must find room */

struct view {
	struct dui *d;
	struct ui_form *form;
	struct dui_buttons buttons;
	int button;
	bool in_buttons; /* TAB went past the last field */
	bool reveal;
	bool full;     /* what was typed last had no room in its field */
	size_t cursor; /* byte in the present field */
	size_t top;    /* the first field shown */
	int cursor_row, cursor_column;
};

static bool typed_into(const struct ui_field *field)
{
	return field->kind != UI_FIELD_READONLY;
}

static bool has(const struct ui_form *form, enum ui_field_kind kind)
{
	for (size_t i = 0; i < form->n_fields; i++)
		if (form->fields[i].kind == kind)
			return true;
	return false;
}

static size_t label_columns(const struct ui_form *form)
{
	size_t most = 0;

	for (size_t i = 0; i < form->n_fields; i++) {
		size_t columns = text_columns(form->fields[i].label, LABEL_MAX);

		if (columns > most)
			most = columns;
	}
	return most;
}

/* Columns between the brackets: no more than fit into the field, and one for the cursor. */
static size_t field_room(const struct ui_field *field, int column)
{
	size_t beside = (size_t)column + (field->kind == UI_FIELD_SECRET ? 18 : 2);
	size_t room = dui_columns() > beside ? dui_columns() - beside : 1;

	return room < field->size ? room : field->size;
}

/* What stands between the brackets: stars for a secret, and the part round the cursor when long. */
static void put_value(struct view *v, const struct dui_box *box, const struct ui_field *field,
		      int column, bool present)
{
	bool stars = field->kind == UI_FIELD_SECRET && !v->reveal;
	size_t room = field_room(field, column);
	size_t all = text_columns(field->buf, field->size);
	size_t at = present ? text_columns(field->buf, v->cursor) : 0;
	size_t skip = at >= room ? at - room + 1 : 0;
	size_t shown = all - skip < room ? all - skip : room;
	const char *from = field->buf + text_bytes(field->buf, skip);
	chtype attr = present ? form_active_text_attr : form_text_attr;
	char line[DUI_LINE_MAX];

	if (stars)
		snprintf(line, sizeof(line), "%.*s%*s", (int)shown,
			 "**********************************************************************",
			 (int)(room - shown), "");
	else
		snprintf(line, sizeof(line), "%.*s%*s", (int)text_bytes(from, shown), from,
			 (int)(room - shown), "");
	dui_put(box, box->row, column, "[", 1, dialog_attr);
	dui_put(box, box->row, column + 1, line, strlen(line), attr);
	dui_put(box, box->row, column + 1 + (int)room, "]", 1, dialog_attr);
	if (field->kind == UI_FIELD_SECRET) {
		snprintf(line, sizeof(line), "%zu character%s", all, all == 1 ? "" : "s");
		dui_put(box, box->row, column + 3 + (int)room, line, strlen(line), dialog_attr);
	}
	if (present) {
		v->cursor_row = box->row;
		v->cursor_column = column + 1 + (int)(at - skip);
	}
}

/* All the words, with a star before the one that is chosen. */
static void put_choices(struct view *v, const struct dui_box *box, const struct ui_field *field,
			int column, bool present)
{
	for (const char *const *choice = field->choices; *choice; choice++) {
		bool chosen = strcmp(*choice, field->buf) == 0;
		char text[80];

		snprintf(text, sizeof(text), "(%c) %s", chosen ? '*' : ' ', *choice);
		dui_put(box, box->row, column, text, strlen(text),
			present && chosen ? form_active_text_attr : dialog_attr);
		if (present && chosen) {
			v->cursor_row = box->row;
			v->cursor_column = column + 1;
		}
		column += (int)text_columns(text, sizeof(text)) + 3;
	}
}

static void put_field(struct view *v, struct dui_box *box, size_t i)
{
	const struct ui_field *field = &v->form->fields[i];
	bool present = i == v->form->current && !v->in_buttons;
	int column = (int)label_columns(v->form) + 4;

	dui_put(box, box->row, 0, present ? ">" : " ", 1, dialog_attr);
	dui_put(box, box->row, 2, field->label, strlen(field->label), dialog_attr);
	if (field->kind == UI_FIELD_CHOICE)
		put_choices(v, box, field, column, present);
	else if (typed_into(field))
		put_value(v, box, field, column, present);
	else
		dui_put(box, box->row, column + 1, field->buf, strlen(field->buf),
			form_item_readonly_attr);
	box->row++;
}

static void draw(struct view *v)
{
	const struct ui_form *form = v->form;
	size_t text_rows = form->text ? text_wrap(form->text, dui_columns(), NULL, 0) : 0;
	size_t beside = text_rows + 3;
	size_t room = dui_rows_max() > beside ? dui_rows_max() - beside : 1;
	size_t shown = form->n_fields < room ? form->n_fields : room;
	struct dui_box box;

	if (form->current < v->top)
		v->top = form->current;
	if (form->current >= v->top + shown)
		v->top = form->current + 1 - shown;
	box = dui_open(v->d, form->title, beside + shown,
		       has(form, UI_FIELD_SECRET)
			       ? "TAB, Up/Down: next field   F2: show password   ENTER: press   "
				 "ESC: back"
		       : has(form, UI_FIELD_CHOICE)
			       ? "TAB, Up/Down: next field   SPACE: choose   ENTER: press   "
				 "ESC: back"
			       : "TAB, Up/Down: next field   ENTER: press the button   ESC: back");
	if (form->text)
		dui_put_text(&box, form->text, 0, text_rows);
	dui_rule(&box, NULL);
	v->cursor_row = -1;
	for (size_t i = v->top; i < v->top + shown; i++)
		put_field(v, &box, i);
	dui_put_buttons(&box, &v->buttons, v->button);
	if (v->full) {
		box.row--;
		dui_rule(&box, " No more room in this field ");
	}
	dui_close(&box, v->cursor_row, v->cursor_column);
}

static void enter_field(struct view *v, size_t i)
{
	v->form->current = i;
	v->in_buttons = v->full = false;
	v->button = 0;
	v->cursor = strlen(v->form->fields[i].buf);
}

/* Fields one after the other, then the buttons, then round again. @step is 1 or -1. */
static void move_field(struct view *v, int step)
{
	size_t n = v->form->n_fields;
	long at = (long)v->form->current;

	if (v->in_buttons) {
		int next = v->button + step;

		if (next >= 0 && next < (int)v->buttons.n) {
			v->button = next;
			return;
		}
		at = step > 0 ? -1 : (long)n;
	}
	for (at += step; at >= 0 && at < (long)n; at += step) {
		if (typed_into(&v->form->fields[at])) {
			enter_field(v, (size_t)at);
			return;
		}
	}
	v->in_buttons = true;
	v->button = step > 0 ? 0 : (int)v->buttons.n - 1;
}

static void imply(struct ui_form *form)
{
	const struct ui_implied *implied = form->implied;

	if (implied && implied->fields & 1U << form->current)
		snprintf(form->fields[implied->choice].buf, form->fields[implied->choice].size,
			 "%s", implied->word);
}

static void type_character(struct view *v, struct ui_field *field, int key)
{
	mbstate_t state = { 0 };
	char utf8[MB_LEN_MAX + 1] = "";
	size_t n;

	if (key < ' ' || key >= DUI_FN(0) || key == 127)
		return;
	n = wcrtomb(utf8, (wchar_t)key, &state);
	if (n == (size_t)-1)
		return;
	utf8[n] = '\0';
	v->full = !text_insert(field->buf, field->size, &v->cursor, utf8);
	if (v->full)
		beep();
	else
		imply(v->form);
}

/* The next word, round the end; or the one that begins with the letter typed. */
static void choose(struct ui_field *field, int key)
{
	size_t n = 0, at = 0, step;

	for (; field->choices[n]; n++)
		if (strcmp(field->choices[n], field->buf) == 0)
			at = n;
	step = key == DUI_FN(KEY_LEFT) ? n - 1 : 1;
	for (size_t i = 0; i < n; i++) {
		at = (at + step) % n;
		if (key == ' ' || key == DUI_FN(KEY_LEFT) || key == DUI_FN(KEY_RIGHT) ||
		    towlower((wint_t)key) ==
			    towlower((wint_t)(unsigned char)field->choices[at][0])) {
			snprintf(field->buf, field->size, "%s", field->choices[at]);
			return;
		}
	}
}

static void edit_field(struct view *v, int key)
{
	static const struct {
		int key;
		enum text_edit how;
	} edits[] = {
		{ DUI_FN(KEY_LEFT), TEXT_LEFT }, { DUI_FN(KEY_RIGHT), TEXT_RIGHT },
		{ DUI_FN(KEY_HOME), TEXT_HOME }, { DUI_FN(KEY_END), TEXT_END },
		{ DUI_FN(KEY_DC), TEXT_DELETE }, { DUI_FN(KEY_BACKSPACE), TEXT_BACKSPACE },
		{ 127, TEXT_BACKSPACE },	 { 'H' - '@', TEXT_BACKSPACE },
		{ 'A' - '@', TEXT_HOME },	 { 'E' - '@', TEXT_END },
		{ 'U' - '@', TEXT_CLEAR },
	};
	struct ui_field *field = &v->form->fields[v->form->current];

	v->full = false;
	if (field->kind == UI_FIELD_CHOICE) {
		choose(field, key);
		return;
	}
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		if (edits[i].key == key) {
			text_edit(field->buf, &v->cursor, edits[i].how);
			return;
		}
	}
	type_character(v, field, key);
}

static void handle_key(struct view *v, int key)
{
	switch (key) {
	case DUI_TAB:
	case DUI_FN(KEY_DOWN):
		move_field(v, 1);
		break;
	case DUI_FN(KEY_BTAB):
	case DUI_FN(KEY_UP):
		move_field(v, -1);
		break;
	default:
		if (!v->in_buttons)
			edit_field(v, key);
		else
			(void)dui_button_key(&v->buttons, key, &v->button);
		break;
	}
}

/* The result of pressing @button, or -1 when the form stays. */
static int press(struct view *v, int button)
{
	int result = v->buttons.items[button].result;

	if (result != DUI_REVEAL)
		return result;
	v->reveal = !v->reveal;
	v->buttons.items[button].label = v->reveal ? "F2 Hide password" : "F2 Show password";
	return -1;
}

static int run(struct view *v, struct fail *why)
{
	int64_t deadline = dui_deadline(v->form->tick_ms);
	int key, pressed, r;

	for (;;) {
		draw(v);
		key = dui_key(v->d, deadline);
		if (key == DUI_GONE)
			return dui_gone(why);
		if (key == DUI_TIMEOUT)
			return UI_TICK;
		if (key == DUI_ESC)
			return v->d->interrupted ? UI_INTERRUPT : UI_BACK;
		pressed = key == '\n' ? v->button : dui_button_for(&v->buttons, key);
		if (pressed < 0) {
			handle_key(v, key);
			continue;
		}
		r = press(v, pressed);
		if (r >= 0)
			return r;
	}
}

static void first_field(struct view *v)
{
	struct ui_form *form = v->form;

	if (form->current >= form->n_fields || !typed_into(&form->fields[form->current])) {
		form->current = 0;
		while (form->current < form->n_fields && !typed_into(&form->fields[form->current]))
			form->current++;
	}
	v->in_buttons = form->current == form->n_fields;
	if (v->in_buttons)
		form->current = 0;
	v->cursor = strlen(form->fields[form->current].buf);
}

int dui_form(struct ui *ui, struct ui_form *form, struct fail *why)
{
	struct view v = { .d = (struct dui *)ui, .form = form };
	struct dui_kept *kept = &v.d->kept;
	int r;

	if (form->n_fields == 0)
		return fail_with(why, EINVAL, "%s: a form without fields", form->id);
	first_field(&v);
	if (kept->valid && strcmp(kept->id, form->id) == 0) {
		v.top = kept->top;
		v.in_buttons = kept->in_buttons;
		v.reveal = kept->reveal;
		v.full = kept->full;
		v.button = kept->button;
		if (kept->cursor < v.cursor)
			v.cursor = kept->cursor;
	}
	dui_button_add(&v.buttons, form->ok_label ? form->ok_label : "Apply", UI_OK);
	if (form->extra_label)
		dui_button_add(&v.buttons, form->extra_label, UI_EXTRA);
	if (has(form, UI_FIELD_SECRET))
		dui_button_add(&v.buttons, v.reveal ? "F2 Hide password" : "F2 Show password",
			       DUI_REVEAL);
	dui_button_add(&v.buttons, form->back_label ? form->back_label : "Back", UI_BACK);
	if (v.button >= (int)v.buttons.n)
		v.button = 0;

	r = run(&v, why);
	*kept = (struct dui_kept){ .valid = r == UI_TICK,
				   .top = v.top,
				   .cursor = v.cursor,
				   .button = v.button,
				   .in_buttons = v.in_buttons,
				   .reveal = v.reveal,
				   .full = v.full };
	snprintf(kept->id, sizeof(kept->id), "%s", form->id);
	return r;
}
