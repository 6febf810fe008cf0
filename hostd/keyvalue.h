/* SPDX-License-Identifier: Apache-2.0 */
/* keyvalue - "key = value" lines with # comments. Pure. */
#ifndef PALETTE_KEYVALUE_H
#define PALETTE_KEYVALUE_H

#include <stdbool.h>
#include <stddef.h>

struct keyvalue {
	char *at;      /* in the text, which is cut into strings as it is read */
	unsigned line; /* of @key, from 1 */
	char *key;
	char *value; /* without blanks around it; may be empty */
};

/* Starts reading @text, which must stay and is changed. */
struct keyvalue keyvalue_of(char *text);

/*
 * The next pair. False at the end. A line that is neither a pair nor a comment nor empty gives a
 * NULL key and the line as value.
 */
bool keyvalue_next(struct keyvalue *kv);

/* "yes", "true", "on", "1" and their opposites. False: @value is neither. */
bool keyvalue_bool(const char *value, bool *ret);

/* Digits alone, @least to @most. False: @value is no such number. */
bool keyvalue_number(const char *value, unsigned least, unsigned most, unsigned *ret);

#endif
