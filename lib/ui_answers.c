/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ui_answers.c - the answers side of ui.h.
 *
 * A line answers one question: asked again, the question takes the next line of that id. The answer
 * "<back>" is ESC and "<extra>" the extra button. A countdown is over at once unless its answer is
 * "hold"; a message needs no answer.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/memory.h"
#include "lib/ui.h"

#define ID_MAX	    64
#define PERCENT_BIG 10 /* progress is written once each so many percent */

struct answer {
	char id[ID_MAX];
	const char *value; /* in text */
	bool used;
};

struct answers_ui {
	struct ui ui; /* first: a struct ui * is cast back to this */
	char *text;   /* the lines, cut up */
	size_t bytes; /* of it */
	struct answer *answers;
	size_t n_answers;
	int out;
	unsigned percent_next; /* progress to write next */
};

__attribute__((format(printf, 2, 3))) static void show(const struct answers_ui *a, const char *fmt,
						       ...)
{
	va_list args;

	if (a->out < 0)
		return;
	va_start(args, fmt);
	vdprintf(a->out, fmt, args);
	va_end(args);
}

static char *trim(char *text)
{
	char *end;

	text += strspn(text, " \t");
	end = text + strlen(text);
	while (end > text && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	return text;
}

/* The next unused answer to @id, NULL when there is none. */
static const char *find(struct answers_ui *a, const char *id)
{
	for (size_t i = 0; i < a->n_answers; i++) {
		struct answer *answer = &a->answers[i];

		if (answer->used || strcmp(answer->id, id) != 0)
			continue;
		answer->used = true;
		return answer->value;
	}
	return NULL;
}

static int missing(const char *id, struct fail *why)
{
	return fail_with(why, ENODATA, "no answer to the question \"%s\"", id);
}

static void show_question(const struct answers_ui *a, const char *title, const char *text)
{
	show(a, "== %s ==\n", title);
	if (text && *text)
		show(a, "%s%s", text, text[strlen(text) - 1] == '\n' ? "" : "\n");
}

static int menu(struct ui *ui, struct ui_menu *menu, struct fail *why)
{
	struct answers_ui *a = (struct answers_ui *)ui;
	const char *value = find(a, menu->id);

	show_question(a, menu->title, menu->text);
	for (size_t i = 0; i < menu->n_items; i++) {
		show(a, "  %s: %s\n", menu->items[i].key, menu->items[i].text);
		if (menu->items[i].detail)
			show(a, "    %s\n", menu->items[i].detail);
	}
	if (!value)
		return missing(menu->id, why);
	show(a, "%s = %s\n", menu->id, value);
	if (strcmp(value, "<back>") == 0)
		return UI_BACK;
	if (strcmp(value, "<extra>") == 0 && menu->extra_label)
		return UI_EXTRA;
	for (size_t i = 0; i < menu->n_items; i++) {
		if (strcmp(menu->items[i].key, value) != 0)
			continue;
		menu->chosen = i;
		return UI_OK;
	}
	return fail_with(why, EINVAL, "the question \"%s\" has no choice \"%s\"", menu->id, value);
}

static bool is_choice(const struct ui_field *field, const char *value)
{
	for (const char *const *choice = field->choices; *choice; choice++)
		if (strcmp(*choice, value) == 0)
			return true;
	return false;
}

static int form(struct ui *ui, struct ui_form *form, struct fail *why)
{
	struct answers_ui *a = (struct answers_ui *)ui;
	const char *value = find(a, form->id);

	show_question(a, form->title, form->text);
	if (value && strcmp(value, "<back>") == 0)
		return UI_BACK;
	for (size_t i = 0; i < form->n_fields; i++) {
		struct ui_field *field = &form->fields[i];

		if (field->kind == UI_FIELD_READONLY) {
			show(a, "  %s: %s\n", field->label, field->buf);
			continue;
		}
		value = find(a, field->id);
		if (!value)
			return missing(field->id, why);
		if (strlen(value) >= field->size)
			return fail_with(why, EINVAL,
					 "the answer to \"%s\" is longer than %zu bytes", field->id,
					 field->size - 1);
		if (field->kind == UI_FIELD_CHOICE && !is_choice(field, value))
			return fail_with(why, EINVAL, "the question \"%s\" has no choice \"%s\"",
					 field->id, value);
		snprintf(field->buf, field->size, "%s", value);
		show(a, "  %s: %s\n", field->label,
		     field->kind == UI_FIELD_SECRET ? "(not shown)" : value);
	}
	return UI_OK;
}

static int confirm(struct ui *ui, const char *id, const char *title, const char *text,
		   const char *yes, const char *no, struct fail *why)
{
	struct answers_ui *a = (struct answers_ui *)ui;
	const char *value = find(a, id);

	(void)yes;
	(void)no;
	show_question(a, title, text);
	if (!value)
		return missing(id, why);
	show(a, "%s = %s\n", id, value);
	if (strcmp(value, "yes") == 0)
		return UI_OK;
	if (strcmp(value, "no") == 0 || strcmp(value, "<back>") == 0)
		return UI_BACK;
	return fail_with(why, EINVAL, "the answer to \"%s\" must be yes or no, not \"%s\"", id,
			 value);
}

static int message(struct ui *ui, const char *id, const char *title, const char *text,
		   const char *ok, struct fail *why)
{
	(void)id;
	(void)ok;
	(void)why;
	show_question((struct answers_ui *)ui, title, text);
	return UI_OK;
}

static int page(struct ui *ui, struct ui_page *page, struct fail *why)
{
	struct answers_ui *a = (struct answers_ui *)ui;
	const char *value = find(a, page->id);

	show_question(a, page->title, page->text);
	if (!value)
		return missing(page->id, why);
	show(a, "%s = %s\n", page->id, value);
	if (strcmp(value, "<back>") == 0)
		return UI_BACK;
	if (strcmp(value, "<extra>") == 0 && page->extra_label)
		return UI_EXTRA;
	if (strcmp(value, "<more>") == 0 && page->more_label)
		return UI_MORE;
	if (strcmp(value, "ok") == 0)
		return UI_OK;
	return fail_with(why, EINVAL, "the page \"%s\" has no button \"%s\"", page->id, value);
}

/* Answers do not wait. */
static int64_t idle_ms(const struct ui *ui)
{
	(void)ui;
	return 0;
}

static int countdown(struct ui *ui, const char *id, const char *title, const char *text,
		     unsigned seconds, struct fail *why)
{
	struct answers_ui *a = (struct answers_ui *)ui;
	const char *value = find(a, id);

	(void)why;
	/* Nobody is there who could hold it: it is over at once, and no seconds are promised. */
	(void)seconds;
	show_question(a, title, text);
	return value && strcmp(value, "hold") == 0 ? UI_BACK : UI_OK;
}

static int progress(struct ui *ui, const struct ui_progress *now, struct fail *why)
{
	struct answers_ui *a = (struct answers_ui *)ui;

	(void)why;
	if (now->percent + PERCENT_BIG < a->percent_next)
		a->percent_next = 0; /* another job */
	if (now->percent < a->percent_next)
		return UI_OK;
	show(a, "%s: %u %%\n", now->title, now->percent);
	a->percent_next = now->percent / PERCENT_BIG * PERCENT_BIG + PERCENT_BIG;
	return UI_OK;
}

static void header(struct ui *ui, const char *line)
{
	show((struct answers_ui *)ui, "%s\n", line);
}

static void suspend(struct ui *ui)
{
	(void)ui;
}

static void done(struct ui *ui)
{
	struct answers_ui *a = (struct answers_ui *)ui;

	if (!a)
		return;
	explicit_bzero(a->text, a->bytes); /* there may be passwords in it */
	free(a->text);
	free(a->answers);
	free(a);
}

/* Cuts @line, the @number-th, up into @ret. 1: it holds no answer. */
static int parse_line(char *line, unsigned number, struct answer *ret, struct fail *why)
{
	char *equals, *id;

	line = trim(line);
	if (!*line || *line == '#')
		return 1;
	equals = strchr(line, '=');
	if (!equals)
		return fail_with(why, EINVAL, "answers, line %u: not \"id = answer\"", number);
	*equals = '\0';
	id = trim(line);
	if (!*id || strlen(id) >= sizeof(ret->id))
		return fail_with(why, EINVAL, "answers, line %u: an id of 1 to %zu characters",
				 number, sizeof(ret->id) - 1);
	snprintf(ret->id, sizeof(ret->id), "%s", id);
	ret->value = trim(equals + 1);
	return 0;
}

static int parse(struct answers_ui *a, struct fail *why)
{
	size_t lines = 1;
	unsigned number = 0;
	char *rest = a->text, *line;

	for (const char *c = a->text; *c; c++)
		lines += *c == '\n';
	a->answers = xcalloc(lines, sizeof(*a->answers));
	while ((line = strsep(&rest, "\n"))) {
		int r = parse_line(line, ++number, &a->answers[a->n_answers], why);

		if (r < 0)
			return r;
		a->n_answers += r == 0;
	}
	return 0;
}

struct ui *ui_answers_new(const char *text, int out, struct fail *why)
{
	static const struct ui ui = { menu,   form,    confirm, message, countdown, progress,
				      header, suspend, done,	page,	 idle_ms };
	struct answers_ui *a = xcalloc(1, sizeof(*a));

	a->ui = ui;
	a->text = xstrdup(text);
	a->bytes = strlen(text);
	a->out = out;
	if (parse(a, why) < 0) {
		done(&a->ui);
		return NULL;
	}
	return &a->ui;
}
