/* SPDX-License-Identifier: Apache-2.0 */
/* answers_get.c - what was answered, when all places were read. */
#include "answers.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "answers_keys.h"
#include "hostd/keyvalue.h"
#include "hostd/preset.h"
#include "hostd/proxy_check.h"
#include "lib/cleanup.h"
#include "lib/memory.h"
#include "lib/size.h"
#include "lib/text.h"

const char *answers_get(const struct answers *answers, const char *key)
{
	for (size_t i = 0; i < answers->n; i++)
		if (strcmp(answers->lines[i].key, key) == 0)
			return answers->lines[i].value;
	return NULL;
}

bool answers_yes(const struct answers *answers, const char *key)
{
	const char *value = answers_get(answers, key);
	bool yes = false;

	return value && keyvalue_bool(value, &yes) && yes;
}

bool answers_get_action(const struct answers *answers, const char *key, enum answers_action *ret)
{
	const char *value = answers_get(answers, key);

	return value && answers_action_parse(value, ret, NULL) == 0;
}

void answers_get_sizes(const struct answers *answers, struct plan_sizes *sizes)
{
	const struct {
		const char *key;
		uint64_t *bytes;
	} all[] = {
		{ "esp-size", &sizes->esp_bytes },
		{ "system-size", &sizes->system_bytes },
		{ "data-min-size", &sizes->data_min_bytes },
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		const char *value = answers_get(answers, all[i].key);
		int r = value ? size_parse(value, all[i].bytes, NULL) : 0;

		assert(r == 0);
		(void)r;
	}
}

bool answers_is_setting(const char *key)
{
	return !answers_key_is_known(key);
}

char *answers_settings(const struct answers *answers)
{
	size_t size = 1;
	struct text_out out;
	char *text;

	for (size_t i = 0; i < answers->n; i++)
		if (answers_is_setting(answers->lines[i].key))
			size += strlen(answers->lines[i].key) + strlen(answers->lines[i].value) + 4;
	if (size == 1)
		return NULL;
	text = xmalloc(size);
	out = text_out_start(text, size);
	for (size_t i = 0; i < answers->n; i++)
		if (answers_is_setting(answers->lines[i].key))
			text_put(&out, "%s = %s\n", answers->lines[i].key, answers->lines[i].value);
	return text;
}

/* Lines of the settings file are lines of no place: the key, which comes behind, says where to look. */
static void drop_line(char *msg)
{
	int n = 0;

	(void)sscanf(msg, "line %*u: %n", &n);
	memmove(msg, msg + n, strlen(msg + n) + 1);
}

int answers_check(const struct answers *answers, struct fail *why)
{
	autofree char *settings = answers_settings(answers);
	autofree struct preset *preset = NULL;
	size_t bytes;
	int r;

	if (!settings)
		return 0;
	preset = xcalloc(1, sizeof(*preset));
	bytes = strlen(settings);
	r = preset_read(settings, preset, why);
	preset_done(preset);
	explicit_bzero(settings, bytes);
	if (r < 0 && why) {
		drop_line(why->msg);
		fail_wrap(why, "the answers for the installed host");
	}
	return r == -PRESET_LACKS ? -ENODATA : r < 0 ? -EINVAL : 0;
}

int answers_check_unattended(const struct answers *answers, struct fail *why)
{
	bool disk = answers_get(answers, "disk"), action = answers_get(answers, "action");

	if (!answers_yes(answers, "unattended") || (disk && action))
		return 0;
	return fail_with(why, ENODATA,
			 "unattended = yes needs %s%s%s too, here or at another place",
			 disk ? "" : "disk", disk || action ? "" : " and ", action ? "" : "action");
}

const char *answers_show(const struct answers_line *line, char *buf, size_t size)
{
	const char *value = line->value;
	char masked[PROXY_NO_PROXY_BYTES + 8];

	if (strcmp(line->key, "account.password-hash") == 0 || strcmp(line->key, "proxy.ca") == 0)
		value = "(set)";
	else if (strncmp(line->key, "proxy.", 6) == 0)
		value = proxy_masked(value, masked, sizeof(masked));
	snprintf(buf, size, "%s = %.*s%s", line->key, 44, value, strlen(value) > 44 ? "..." : "");
	return buf;
}
