/* SPDX-License-Identifier: Apache-2.0 */
#include "fields.h"

#include <errno.h>
#include <string.h>

#include "lib/text.h"
#include "limits.h"

static bool is_choice(const char *choices, const char *value)
{
	size_t n = strlen(value);

	while (choices && *choices) {
		size_t word = strcspn(choices, " ");

		if (word == n && strncmp(choices, value, n) == 0)
			return true;
		choices += word;
		choices += strspn(choices, " ");
	}
	return !choices;
}

static int check_string(const struct field *field, const json_t *value, struct fail *why)
{
	const char *text = json_string_value(value);

	/* jansson knows the length: a string may hold a NUL, which nothing behind us would see. */
	if (!text || strlen(text) != json_string_length(value))
		return fail_with(why, EINVAL, "%s must be a string without NUL", field->name);
	if (json_string_length(value) > field->most)
		return fail_with(why, EINVAL, "%s has %zu bytes, at most %ju are taken",
				 field->name, json_string_length(value), (uintmax_t)field->most);
	if (!is_choice(field->choices, text))
		return fail_with(why, EINVAL, "%s must be one of: %s", field->name, field->choices);
	return 0;
}

static int check_strings(const struct field *field, const json_t *value, struct fail *why)
{
	const json_t *item;
	size_t i;

	if (!json_is_array(value))
		return fail_with(why, EINVAL, "%s must be a list of strings", field->name);
	if (json_array_size(value) > field->items)
		return fail_with(why, EINVAL, "%s has %zu items, at most %ju are taken",
				 field->name, json_array_size(value), (uintmax_t)field->items);
	json_array_foreach(value, i, item)
	{
		int r = check_string(field, item, why);

		if (r < 0)
			return r;
	}
	return 0;
}

static int check(const struct field *field, const json_t *value, struct fail *why)
{
	switch (field->kind) {
	case FIELD_STRING:
		return check_string(field, value, why);
	case FIELD_STRINGS:
		return check_strings(field, value, why);
	case FIELD_BOOL:
		return json_is_boolean(value)
			       ? 0
			       : fail_with(why, EINVAL, "%s must be true or false", field->name);
	case FIELD_NUMBER:
		break;
	}
	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    (uint64_t)json_integer_value(value) > field->most)
		return fail_with(why, EINVAL, "%s must be a whole number from 0 to %ju",
				 field->name, (uintmax_t)field->most);
	return 0;
}

static const struct field *find(const struct field *table, const char *name)
{
	for (; table->name; table++)
		if (strcmp(table->name, name) == 0)
			return table;
	return NULL;
}

static int check_all(json_t *body, const struct field *table, struct fail *why)
{
	const char *name;
	json_t *value;

	if (!json_is_object(body))
		return fail_with(why, EINVAL, "the body must be a JSON object");
	json_object_foreach(body, name, value)
	{
		const struct field *field = find(table, name);
		int r;

		if (!field)
			return fail_with(why, EINVAL, "%.*s is no field of this request",
					 text_cut(name, 64), name);
		r = check(field, value, why);
		if (r < 0)
			return r;
	}
	for (; table->name; table++)
		if (table->required && !json_object_get(body, table->name))
			return fail_with(why, EINVAL, "%s is missing", table->name);
	return 0;
}

/* jansson takes objects and arrays down to 2048; nothing of ours needs more than a few. */
static bool too_deep(const char *text, size_t bytes)
{
	unsigned depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < bytes; i++) {
		if (quoted && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted && (text[i] == '{' || text[i] == '['))
			depth++;
		else if (!quoted && (text[i] == '}' || text[i] == ']') && depth)
			depth--;
		if (depth > LIMIT_JSON_DEPTH)
			return true;
	}
	return false;
}

json_t *fields_parse(const char *text, size_t bytes, const struct field *table, struct fail *why)
{
	json_error_t error;
	json_t *body;

	if (too_deep(text, bytes)) {
		fail_with(why, EINVAL, "the body is nested deeper than %d", LIMIT_JSON_DEPTH);
		return NULL;
	}
	body = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &error);
	if (!body) {
		fail_with(why, EINVAL, "the body is not JSON: %.200s (line %d, column %d)",
			  error.text, error.line, error.column);
		return NULL;
	}
	if (check_all(body, table, why) < 0) {
		json_decref(body);
		return NULL;
	}
	return body;
}

const char *field_string(const json_t *body, const char *name)
{
	const char *value = json_string_value(json_object_get(body, name));

	return value ? value : "";
}
