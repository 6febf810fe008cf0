/* SPDX-License-Identifier: Apache-2.0 */
#include "userdata_parts.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostd/preset.h"
#include "lib/memory.h"
#include "lib/text.h"

/* A block of text ends with a newline that nobody means. */
static size_t bytes_without_end(const char *value)
{
	size_t n = strlen(value);

	while (n > 0 && (value[n - 1] == '\n' || value[n - 1] == ' '))
		n--;
	return n;
}

bool userdata_is_value(const struct answers_pair *pair, const char *value)
{
	size_t n = bytes_without_end(value);

	return strlen(pair->value) == n && memcmp(pair->value, value, n) == 0;
}

struct answers_pair *userdata_find(const struct userdata *data, const char *key)
{
	for (size_t i = 0; i < data->n; i++)
		if (strcmp(data->pairs[i].key, key) == 0)
			return &data->pairs[i];
	return NULL;
}

void userdata_push(struct userdata *data, const struct userdata_leaf *leaf, const char *key,
		   const char *value)
{
	struct answers_pair *grown = realloc(data->pairs, (data->n + 1) * sizeof(*data->pairs));

	if (!grown)
		abort(); /* as xmalloc() */
	data->pairs = grown;
	data->pairs[data->n++] = (struct answers_pair){
		.key = xstrdup(key),
		.value = xasprintf("%.*s", (int)bytes_without_end(value), value),
		.path = xstrdup(leaf->path),
		.line = leaf->line,
	};
}

int userdata_add_pair(struct userdata *data, const struct userdata_leaf *leaf, const char *key,
		      const char *value, struct fail *why)
{
	const struct answers_pair *other =
		preset_key_repeats(key) ? NULL : userdata_find(data, key);

	if (!other)
		userdata_push(data, leaf, key, value);
	else if (!userdata_is_value(other, value))
		return fail_with(why, EINVAL, "%.120s and %.120s (line %u) differ: both set %.40s",
				 leaf->path, other->path, other->line, key);
	return 0;
}

void userdata_done(struct userdata *userdata)
{
	for (size_t i = 0; i < userdata->n; i++) {
		explicit_bzero(userdata->pairs[i].value, strlen(userdata->pairs[i].value));
		free(userdata->pairs[i].value);
		free(userdata->pairs[i].key);
		free(userdata->pairs[i].path);
	}
	free(userdata->pairs);
	*userdata = (struct userdata){ 0 };
}

void userdata_names_add(struct userdata_names *names, const char *name, size_t bytes, unsigned line)
{
	int n;

	if (names->n > 0 && strlen(names->last) == bytes && memcmp(names->last, name, bytes) == 0)
		return;
	snprintf(names->last, sizeof(names->last), "%.*s", (int)bytes, name);
	names->n++;
	/* Behind one that had no room the others would look like all there are. */
	if (names->shown < names->n - 1 || names->shown == USERDATA_NAMES_SHOWN)
		return;
	n = snprintf(names->text + names->used, sizeof(names->text) - names->used,
		     "%s%.*s (line %u)", names->used ? ", " : "", text_cut(names->last, 60),
		     names->last, line);
	if ((size_t)n >= sizeof(names->text) - names->used) {
		names->text[names->used] = '\0';
		return;
	}
	names->used += (size_t)n;
	names->shown++;
}

int userdata_names_fail(const struct userdata_names *names, int code, const char *what,
			struct fail *why)
{
	size_t more = names->n - names->shown;
	char rest[40] = "";

	if (more)
		snprintf(rest, sizeof(rest), ", ... and %zu more", more);
	return fail_with(why, code, "%s: %s%s", what, names->text, rest);
}

typedef int (*parse_text)(const char *text, size_t bytes, struct userdata *ret,
			  struct fail *not_read, struct fail *why);

static int add_parsed(parse_text parse, struct answers *answers, enum answers_source source,
		      const char *origin, const char *text, size_t bytes, struct fail *not_read,
		      struct fail *why)
{
	__attribute__((cleanup(userdata_done))) struct userdata data = { 0 };
	int r = parse(text, bytes, &data, not_read, why);

	if (r < 0)
		return why ? fail_wrap(why, "%s", origin) : r;
	if (not_read->code)
		(void)fail_wrap(not_read, "%s", origin);
	return answers_add_pairs(answers, source, origin, data.pairs, data.n, why);
}

int userdata_add(struct answers *answers, enum answers_source source, const char *origin,
		 const char *text, size_t bytes, struct fail *not_read, struct fail *why)
{
	return add_parsed(userdata_parse, answers, source, origin, text, bytes, not_read, why);
}

int userdata_add_meta(struct answers *answers, enum answers_source source, const char *origin,
		      const char *text, size_t bytes, struct fail *not_read, struct fail *why)
{
	return add_parsed(userdata_parse_meta, answers, source, origin, text, bytes, not_read, why);
}
