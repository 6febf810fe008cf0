/* SPDX-License-Identifier: Apache-2.0 */
#include "slots.h"

#include <stdio.h>
#include <string.h>

static const char *const tries_names[] = { "tries_a", "tries_b" };

static unsigned *tries_of(struct slots *slots, char slot)
{
	return &slots->tries[slot == 'b'];
}

void slots_from_env(const struct grubenv *env, struct slots *ret)
{
	char value[8];

	*ret = (struct slots){ .order = { 'a', 'b' } };
	if (grubenv_get(env, "order", value, sizeof(value)) == 0 && strcmp(value, "ba") == 0) {
		ret->order[0] = 'b';
		ret->order[1] = 'a';
	}
	for (int i = 0; i < 2; i++) {
		if (grubenv_get(env, tries_names[i], value, sizeof(value)) == 0 &&
		    value[0] >= '0' && value[0] <= '0' + SLOTS_TRIES_MAX && value[1] == '\0')
			ret->tries[i] = (unsigned)(value[0] - '0');
	}
}

char slots_next(const struct slots *slots)
{
	unsigned first = slots->tries[slots->order[0] == 'b'];
	unsigned second = slots->tries[slots->order[1] == 'b'];

	if (first == SLOTS_TRIES_MAX && second != SLOTS_TRIES_MAX)
		return slots->order[1];
	return slots->order[0];
}

void slots_mark_good(struct slots *slots, char slot)
{
	*tries_of(slots, slot) = 0;
}

void slots_set_next(struct slots *slots, char slot)
{
	slots->order[0] = slot;
	slots->order[1] = slot == 'a' ? 'b' : 'a';
	*tries_of(slots, slot) = 0;
}

static int set_if_other(struct grubenv *env, const char *name, const char *value, bool *ret_changed,
			struct fail *why)
{
	char old[8];

	if (grubenv_get(env, name, old, sizeof(old)) == 0 && strcmp(old, value) == 0)
		return 0;
	*ret_changed = true;
	return grubenv_set(env, name, value, why);
}

int slots_to_env(const struct slots *slots, struct grubenv *env, bool *ret_changed,
		 struct fail *why)
{
	char value[8];
	int r;

	*ret_changed = false;
	snprintf(value, sizeof(value), "%.2s", slots->order);
	r = set_if_other(env, "order", value, ret_changed, why);
	for (int i = 0; i < 2 && r == 0; i++) {
		snprintf(value, sizeof(value), "%u", slots->tries[i]);
		r = set_if_other(env, tries_names[i], value, ret_changed, why);
	}
	return r;
}

bool slots_parse_letter(const char *text, char *ret)
{
	if (strcmp(text, "a") != 0 && strcmp(text, "b") != 0)
		return false;
	*ret = text[0];
	return true;
}
