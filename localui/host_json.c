/* SPDX-License-Identifier: Apache-2.0 */
/* host_json.c - what comes over the bus, as JSON. */
#include <stdio.h>
#include <string.h>

#include "host.h"

static json_t *read_number(sd_bus_message *m, char type)
{
	union {
		uint8_t y;
		int16_t n;
		uint16_t q;
		int32_t i;
		uint32_t u;
		int64_t x;
		uint64_t t;
		double d;
	} v = { .t = 0 };

	if (sd_bus_message_read_basic(m, type, &v) < 0)
		return NULL;
	switch (type) {
	case 'y':
		return json_integer(v.y);
	case 'n':
		return json_integer(v.n);
	case 'q':
		return json_integer(v.q);
	case 'i':
		return json_integer(v.i);
	case 'u':
		return json_integer(v.u);
	case 'x':
		return json_integer(v.x);
	case 't':
		return json_integer(v.t > INT64_MAX ? INT64_MAX : (json_int_t)v.t);
	default:
		return json_real(v.d);
	}
}

static json_t *read_dictionary(sd_bus_message *m, const char *contents)
{
	json_t *object = json_object();
	const char *key;
	char entry[64];
	int r = sd_bus_message_enter_container(m, 'a', contents);

	/* "{sv}" without its braces. */
	snprintf(entry, sizeof(entry), "%.*s", (int)strcspn(contents + 1, "}"), contents + 1);
	while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', entry)) > 0) {
		json_t *value;

		r = sd_bus_message_read_basic(m, 's', &key);
		value = r < 0 ? NULL : host_json(m);
		if (!value || json_object_set_new(object, key, value) < 0)
			r = -1;
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
	}
	if (r >= 0)
		r = sd_bus_message_exit_container(m);
	if (r >= 0)
		return object;
	json_decref(object);
	return NULL;
}

static json_t *read_array(sd_bus_message *m, const char *contents)
{
	json_t *array = json_array();
	int r = sd_bus_message_enter_container(m, 'a', contents);

	while (r >= 0 && (r = sd_bus_message_at_end(m, 0)) == 0) {
		json_t *value = host_json(m);

		if (!value || json_array_append_new(array, value) < 0)
			r = -1;
	}
	if (r >= 0)
		r = sd_bus_message_exit_container(m);
	if (r >= 0)
		return array;
	json_decref(array);
	return NULL;
}

static json_t *read_variant(sd_bus_message *m, const char *contents)
{
	json_t *value;

	if (sd_bus_message_enter_container(m, 'v', contents) < 0)
		return NULL;
	value = host_json(m);
	if (sd_bus_message_exit_container(m) < 0) {
		json_decref(value);
		return NULL;
	}
	return value;
}

json_t *host_json(sd_bus_message *m)
{
	const char *contents, *text;
	char type;
	int flag;

	if (sd_bus_message_peek_type(m, &type, &contents) <= 0)
		return NULL;
	switch (type) {
	case 's':
	case 'o':
	case 'g':
		return sd_bus_message_read_basic(m, type, &text) < 0 ? NULL : json_string(text);
	case 'b':
		return sd_bus_message_read_basic(m, type, &flag) < 0 ? NULL : json_boolean(flag);
	case 'v':
		return read_variant(m, contents);
	case 'a':
		return contents[0] == '{' ? read_dictionary(m, contents) : read_array(m, contents);
	default:
		return strchr("ynqiuxtd", type) ? read_number(m, type) : NULL;
	}
}

json_t *host_renamed(const json_t *object, const struct host_key *rows)
{
	json_t *renamed = json_object();

	for (; rows->from; rows++) {
		json_t *value = json_object_get(object, rows->from);

		if (value)
			(void)json_object_set(renamed, rows->to, value);
	}
	return renamed;
}

json_t *host_renamed_all(const json_t *array, const struct host_key *rows)
{
	json_t *renamed = json_array(), *row;
	size_t i;

	json_array_foreach(array, i, row)(void)
		json_array_append_new(renamed, host_renamed(row, rows));
	return renamed;
}
