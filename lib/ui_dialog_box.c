/* SPDX-License-Identifier: Apache-2.0 */
/* ui_dialog_box.c - what every screen is put together from: frame, text, rules, buttons. */
#include "lib/ui_dialog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "lib/text.h"

#define HEADER_LINES 2 /* the line and a rule, or two lines */
#define HINT_LINES   1
#define LINES_MIN    12
#define COLUMNS_MIN  60
#define TEXT_LINES   512 /* of one text, wrapped */

static int box_width(void)
{
	return COLS < DUI_COLUMNS ? COLS : DUI_COLUMNS;
}

size_t dui_rows_max(void)
{
	return LINES > 6 ? (size_t)LINES - HEADER_LINES - HINT_LINES - 2 : 1;
}

size_t dui_columns(void)
{
	return (size_t)box_width() - 4;
}

/* Copies what a terminal can show in one column a character; anything else becomes '?'. */
static void printable(const char *text, size_t bytes, char *buf, size_t size)
{
	mbstate_t state = { 0 };
	size_t out = 0;

	for (size_t in = 0; in < bytes && text[in];) {
		wchar_t c;
		size_t n = mbrtowc(&c, text + in, bytes - in, &state);
		bool bad = n == (size_t)-1 || n == (size_t)-2;

		if (bad) {
			memset(&state, 0, sizeof(state));
			n = 1;
		}
		if (out + n >= size)
			break;
		if (bad || wcwidth(c) != 1 || (n > 1 && dialog_vars.ascii_lines)) {
			buf[out++] = '?';
		} else {
			memcpy(buf + out, text + in, n);
			out += n;
		}
		in += n;
	}
	buf[out] = '\0';
}

static void put_window(WINDOW *win, int row, int column, const char *text, size_t bytes,
		       int columns, chtype attr)
{
	char line[DUI_LINE_MAX];

	if (columns <= 0)
		return;
	printable(text, bytes, line, sizeof(line));
	line[text_bytes(line, (size_t)columns)] = '\0';
	wattrset(win, (int)attr);
	mvwaddstr(win, row, column, line);
}

/* The header's second line, or where there is none a rule. */
static void put_header(const char *header)
{
	size_t first = strcspn(header, "\n");

	put_window(stdscr, 0, 1, header, first, COLS - 2, screen_attr);
	if (header[first]) {
		put_window(stdscr, 1, 1, header + first + 1, strlen(header + first + 1), COLS - 2,
			   screen_attr);
		return;
	}
	wattrset(stdscr, (int)screen_attr);
	wmove(stdscr, 1, 1);
	for (int i = 0; i < COLS - 2; i++)
		waddch(stdscr, dlg_boxchar(ACS_HLINE));
}

static void put_background(struct dui *d, const char *hint)
{
	wbkgdset(stdscr, screen_attr | ' ');
	werase(stdscr);
	put_header(d->header);
	put_window(stdscr, LINES - 1, 2, hint, strlen(hint), COLS - 3, screen_attr);
	wnoutrefresh(stdscr);
}

struct dui_box dui_open(struct dui *d, const char *title, size_t rows, const char *hint)
{
	struct dui_box box = { .width = box_width(), .row = 0 };
	size_t max = dui_rows_max();
	int room = LINES - HEADER_LINES - HINT_LINES;
	char spaced[DUI_COLUMNS - 2];

	put_background(d, hint);
	box.height = (int)(rows < max ? rows : max) + 2;
	if (LINES < LINES_MIN || COLS < COLUMNS_MIN)
		return box;
	box.win = newwin(box.height, box.width, HEADER_LINES + (room - box.height) / 2,
			 (COLS - box.width) / 2);
	if (!box.win)
		return box;
	wbkgdset(box.win, dialog_attr | ' ');
	werase(box.win);
	dlg_draw_box2(box.win, 0, 0, box.height, box.width, dialog_attr, border_attr, border2_attr);
	snprintf(spaced, sizeof(spaced), " %s ", title);
	dlg_draw_title(box.win, spaced);
	return box;
}

void dui_put(const struct dui_box *box, int row, int column, const char *text, size_t bytes,
	     chtype attr)
{
	if (!box->win || row < 0 || row >= box->height - 2)
		return;
	put_window(box->win, row + 1, column + 2, text, bytes, box->width - 4 - column, attr);
}

void dui_put_text(struct dui_box *box, const char *text, size_t first, size_t n)
{
	static struct text_line lines[TEXT_LINES];
	size_t all = text_wrap(text, dui_columns(), lines, TEXT_LINES);

	for (size_t i = first; i < first + n; i++) {
		if (i < all && i < TEXT_LINES)
			dui_put(box, box->row, (int)lines[i].indent, lines[i].start, lines[i].bytes,
				dialog_attr);
		box->row++;
	}
}

void dui_rule(struct dui_box *box, const char *note)
{
	int row = box->row++;

	if (!box->win || row >= box->height - 2)
		return;
	wattrset(box->win, (int)border_attr);
	mvwaddch(box->win, row + 1, 0, dlg_boxchar(ACS_LTEE));
	for (int i = 1; i < box->width - 1; i++)
		waddch(box->win, dlg_boxchar(ACS_HLINE));
	wattrset(box->win, (int)border2_attr);
	waddch(box->win, dlg_boxchar(ACS_RTEE));
	if (note && *note)
		dui_put(box, row, box->width - 7 - (int)strlen(note), note, strlen(note),
			title_attr);
}

void dui_button_add(struct dui_buttons *buttons, const char *label, int result)
{
	if (buttons->n < DUI_BUTTONS)
		buttons->items[buttons->n++] = (struct dui_button){ label, result };
}

/* The active button is the one in angle brackets, so that no colour is needed to see it. */
void dui_put_buttons(struct dui_box *box, const struct dui_buttons *buttons, int active)
{
	size_t columns = 0;
	int gap, at;

	box->row = box->height - 4;
	dui_rule(box, NULL);
	for (size_t i = 0; i < buttons->n; i++)
		columns += text_columns(buttons->items[i].label, DUI_LINE_MAX) + 4;
	gap = ((int)dui_columns() - (int)columns) / (int)(buttons->n + 1);
	if (gap < 0)
		gap = 0;
	at = gap;
	for (size_t i = 0; i < buttons->n; i++) {
		char text[80];
		bool on = (int)i == active;

		snprintf(text, sizeof(text), on ? "< %s >" : "  %s  ", buttons->items[i].label);
		dui_put(box, box->row, at, text, strlen(text),
			on ? button_active_attr : button_inactive_attr);
		at += (int)text_columns(text, sizeof(text)) + gap;
	}
}

void dui_close(struct dui_box *box, int row, int column)
{
	bool visible = box->win && row >= 0;

	if (box->win) {
		leaveok(box->win, !visible);
		if (visible)
			wmove(box->win, row + 1, column + 2);
		wnoutrefresh(box->win);
	} else {
		put_window(stdscr, 0, 0, "This terminal is too small.", 27, COLS, screen_attr);
		wnoutrefresh(stdscr);
	}
	curs_set(visible ? 1 : 0);
	doupdate();
	if (box->win)
		delwin(box->win);
	box->win = NULL;
}

bool dui_button_key(const struct dui_buttons *buttons, int key, int *active)
{
	int n = (int)buttons->n;

	if (key == DUI_FN(KEY_RIGHT))
		*active = (*active + 1) % n;
	else if (key == DUI_FN(KEY_LEFT))
		*active = (*active + n - 1) % n;
	else
		return false;
	return true;
}

int dui_button_for(const struct dui_buttons *buttons, int key)
{
	for (size_t i = 0; i < buttons->n; i++) {
		const char *label = buttons->items[i].label;
		char *end;
		long number;

		if (label[0] != 'F')
			continue;
		number = strtol(label + 1, &end, 10);
		if (end > label + 1 && *end == ' ' && key == DUI_FN(KEY_F(number)))
			return (int)i;
	}
	return -1;
}
