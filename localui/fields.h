/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fields - what a JSON body or a query may hold, as a table. Pure.
 *
 * The shape alone is checked here: types, lengths, what must be there. Whether a value is a good
 * host name or address is the host service's to say.
 */
#ifndef PALETTE_LOCALUI_FIELDS_H
#define PALETTE_LOCALUI_FIELDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/fail.h"

enum field_kind { FIELD_STRING, FIELD_BOOL, FIELD_NUMBER, FIELD_STRINGS };

struct field {
	const char *name; /* NULL ends a table */
	enum field_kind kind;
	bool required;
	uint64_t most;	     /* characters of a string or of each string, or the number */
	uint64_t items;	     /* FIELD_STRINGS */
	const char *choices; /* "dhcp static"; NULL: anything */
};

/*
 * @text as an object with fields of @table alone; caller frees with json_decref(). NULL with @why
 * set, whose message names the field.
 */
json_t *fields_parse(const char *text, size_t bytes, const struct field *table, struct fail *why);

/* The string of @name, "" where it was left out. */
const char *field_string(const json_t *body, const char *name);

#endif
