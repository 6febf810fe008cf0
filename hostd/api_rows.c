/* SPDX-License-Identifier: Apache-2.0 */
#include "api_rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "lib/cleanup.h"
#include "refuse.h"

static int read_text(sd_bus_message *m, const struct filter_key *key, struct fail *why)
{
	const char *text;
	int r = sd_bus_message_read(m, "v", "s", &text);

	if (r < 0)
		return fail_errno(why, -r, "read the filter");
	if (strlen(text) >= key->size)
		return refuse(why, FIELD_FILTER, key->key, "is too long: at most %zu bytes",
			      key->size - 1);
	memcpy(key->value, text, strlen(text) + 1);
	return 0;
}

static int read_number(sd_bus_message *m, const struct filter_key *key, const char *type,
		       struct fail *why)
{
	uint64_t value = 0;
	uint32_t small = 0;
	int r;

	r = *type == 't' || *type == 'x' ? sd_bus_message_read(m, "v", type, &value)
					 : sd_bus_message_read(m, "v", type, &small);
	if (r < 0)
		return fail_errno(why, -r, "read the filter");
	value += small;
	if ((*type == 'x' && value > INT64_MAX) || (*type == 'i' && value > INT32_MAX))
		return refuse(why, FIELD_FILTER, key->key, "must not be negative");
	*(uint64_t *)key->value = value;
	return 0;
}

static int read_value(sd_bus_message *m, const struct filter_key *key, struct fail *why)
{
	const char *type;
	char kind;
	int r = sd_bus_message_peek_type(m, &kind, &type);

	if (r < 0)
		return fail_errno(why, -r, "read the filter");
	if (key->type == 's' && strcmp(type, "s") == 0)
		return read_text(m, key, why);
	if (key->type == 't' && strlen(type) == 1 && strchr("tuxi", *type))
		return read_number(m, key, type, why);
	return refuse(why, FIELD_FILTER, key->key, "must be a %s",
		      key->type == 's' ? "text" : "number");
}

static int read_entry(sd_bus_message *m, const struct filter_key *keys, size_t n, struct fail *why)
{
	const char *key;
	int r = sd_bus_message_read(m, "s", &key);

	if (r < 0)
		return fail_errno(why, -r, "read the filter");
	for (size_t i = 0; i < n; i++)
		if (strcmp(keys[i].key, key) == 0)
			return read_value(m, &keys[i], why);
	return refuse(why, FIELD_FILTER, key, "is none");
}

int filter_read(sd_bus_message *m, const struct filter_key *keys, size_t n, struct fail *why)
{
	int r = sd_bus_message_enter_container(m, 'a', "{sv}");

	while (r >= 0) {
		r = sd_bus_message_enter_container(m, 'e', "sv");
		if (r <= 0)
			break;
		r = read_entry(m, keys, n, why);
		if (r < 0)
			return r;
		r = sd_bus_message_exit_container(m);
	}
	if (r >= 0)
		r = sd_bus_message_exit_container(m);
	return r < 0 ? fail_errno(why, -r, "read the filter") : 0;
}

static int append_row(sd_bus_message *m, const struct row_column *columns,
		      const char *const values[], size_t n)
{
	int r = sd_bus_message_open_container(m, 'a', "{sv}");

	for (size_t i = 0; r >= 0 && i < n; i++) {
		if (columns[i].type == 's')
			r = api_string(m, columns[i].key, values[i]);
		else if (columns[i].type == 'u')
			r = api_u32(m, columns[i].key, (uint32_t)strtoul(values[i], NULL, 10));
		else
			r = api_u64(m, columns[i].key, strtoull(values[i], NULL, 10));
	}
	return r < 0 ? r : sd_bus_message_close_container(m);
}

int rows_append(sd_bus_message *m, const struct rows *rows, const struct row_column *columns,
		size_t n)
{
	int r = sd_bus_message_open_container(m, 'a', "a{sv}");

	for (size_t i = 0; r >= 0 && i < rows->n; i++) {
		const char *values[ROWS_COLUMNS_MAX];

		rows_get(rows, i, values, n);
		r = append_row(m, columns, values, n);
	}
	return r < 0 ? r : sd_bus_message_close_container(m);
}

int api_strings_of(sd_bus_message *m, const char *key, const struct rows *rows, const char *kind)
{
	int r = sd_bus_message_open_container(m, 'e', "sv");

	if (r >= 0)
		r = sd_bus_message_append(m, "s", key);
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'v', "as");
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'a', "s");
	for (size_t i = 0; r >= 0 && i < rows->n; i++) {
		const char *values[2];

		rows_get(rows, i, values, 2);
		if (strcmp(values[0], kind) == 0)
			r = sd_bus_message_append(m, "s", values[1]);
	}
	for (int depth = 0; r >= 0 && depth < 3; depth++)
		r = sd_bus_message_close_container(m);
	return r;
}
