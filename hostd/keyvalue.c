/* SPDX-License-Identifier: Apache-2.0 */
#include "keyvalue.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define BLANKS " \t\r"

struct keyvalue keyvalue_of(char *text)
{
	return (struct keyvalue){ .at = text };
}

static char *trim(char *text)
{
	size_t n;

	text += strspn(text, BLANKS);
	n = strlen(text);
	while (n > 0 && strchr(BLANKS, text[n - 1]))
		text[--n] = '\0';
	return text;
}

bool keyvalue_next(struct keyvalue *kv)
{
	while (kv->at && *kv->at) {
		char *line = kv->at, *equals;

		kv->at = strchr(line, '\n');
		if (kv->at)
			*kv->at++ = '\0';
		kv->line++;
		line = trim(line);
		if (!*line || *line == '#')
			continue;
		equals = strchr(line, '=');
		kv->key = NULL;
		kv->value = line;
		if (equals && equals != line) {
			*equals = '\0';
			kv->key = trim(line);
			kv->value = trim(equals + 1);
		}
		return true;
	}
	return false;
}

bool keyvalue_bool(const char *value, bool *ret)
{
	static const char *const words[] = { "no", "yes", "false", "true", "off", "on", "0", "1" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(value, words[i]) == 0) {
			*ret = i % 2;
			return true;
		}
	}
	return false;
}

bool keyvalue_number(const char *value, unsigned least, unsigned most, unsigned *ret)
{
	unsigned long long number = 0;

	if (!*value || strlen(value) > 9)
		return false;
	for (const char *p = value; *p; p++) {
		if (!isdigit((unsigned char)*p))
			return false;
		number = number * 10 + (unsigned)(*p - '0');
	}
	if (number < least || number > most)
		return false;
	*ret = (unsigned)number;
	return true;
}
