/* SPDX-License-Identifier: Apache-2.0 */
#include "answers.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *const action_names[ANSWERS_ACTIONS] = {
	[ANSWERS_NOTHING] = "nothing",
	[ANSWERS_REBOOT] = "reboot",
	[ANSWERS_POWEROFF] = "poweroff",
};

const char *answers_action_name(enum answers_action action)
{
	return action_names[action];
}

int answers_action_parse(const char *text, enum answers_action *ret, struct fail *why)
{
	for (int i = 0; i < ANSWERS_ACTIONS; i++) {
		if (strcmp(text, action_names[i]) == 0) {
			*ret = (enum answers_action)i;
			return 0;
		}
	}
	return fail_with(why, EINVAL, "\"%s\" is none of nothing, reboot and poweroff", text);
}

/* Cuts white space off both ends of @text, in place. */
static char *trim(char *text)
{
	size_t n;

	while (isspace((unsigned char)*text))
		text++;
	n = strlen(text);
	while (n > 0 && isspace((unsigned char)text[n - 1]))
		text[--n] = '\0';
	return text;
}

struct seen {
	bool disk, action;
};

static int set(struct answers *answers, struct seen *seen, const char *key, const char *value,
	       struct fail *why)
{
	bool *twice;
	int r = 0;

	if (strcmp(key, "disk") == 0) {
		twice = &seen->disk;
		if (value[0] != '/' || strlen(value) >= sizeof(answers->disk))
			return fail_with(why, EINVAL, "\"%s\" is no path of a disk", value);
		snprintf(answers->disk, sizeof(answers->disk), "%s", value);
	} else if (strcmp(key, "action") == 0) {
		twice = &seen->action;
		r = answers_action_parse(value, &answers->action, why);
	} else {
		return fail_with(why, EINVAL, "\"%s\" is not known; disk and action are", key);
	}
	if (*twice)
		return fail_with(why, EINVAL, "%s is there twice", key);
	*twice = true;
	return r;
}

static int parse_line(char *line, struct answers *answers, struct seen *seen, struct fail *why)
{
	char *equals;

	line[strcspn(line, "#")] = '\0';
	line = trim(line);
	if (!line[0])
		return 0;
	equals = strchr(line, '=');
	if (!equals)
		return fail_with(why, EINVAL, "\"%s\" is not \"key = value\"", line);
	*equals = '\0';
	return set(answers, seen, trim(line), trim(equals + 1), why);
}

int answers_parse(const char *text, struct answers *ret, struct fail *why)
{
	struct answers answers = *ret;
	struct seen seen = { 0 };

	for (unsigned number = 1; *text; number++) {
		size_t n = strcspn(text, "\n");
		char line[512];
		int r;

		if (n >= sizeof(line))
			return fail_with(why, EINVAL, "line %u is longer than %zu characters",
					 number, sizeof(line) - 1);
		memcpy(line, text, n);
		line[n] = '\0';
		r = parse_line(line, &answers, &seen, why);
		if (r < 0)
			return why ? fail_wrap(why, "line %u", number) : r;
		text += n + (text[n] == '\n');
	}
	*ret = answers;
	return 0;
}

int answers_format(const struct answers *answers, char *buf, size_t size, struct fail *why)
{
	int n = snprintf(buf, size, "%s%s%saction = %s\n", answers->disk[0] ? "disk = " : "",
			 answers->disk, answers->disk[0] ? "\n" : "",
			 answers_action_name(answers->action));

	if (n < 0 || (size_t)n >= size)
		return fail_with(why, ENOSPC, "the answers do not fit into %zu bytes", size);
	return 0;
}
