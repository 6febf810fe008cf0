/* SPDX-License-Identifier: Apache-2.0 */
#include "answers_keys.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "answers.h"
#include "disk_match.h"
#include "hostd/keyvalue.h"
#include "lib/cleanup.h"
#include "lib/size.h"

static int check_action(const char *value, struct fail *why)
{
	enum answers_action action;

	return answers_action_parse(value, &action, why);
}

static int check_yes_no(const char *value, struct fail *why)
{
	bool yes;

	if (!keyvalue_bool(value, &yes))
		return fail_with(why, EINVAL, "\"%.60s\" is neither yes nor no", value);
	return 0;
}

static int check_size(const char *value, struct fail *why)
{
	uint64_t bytes;
	int r = size_parse(value, &bytes, why);

	if (r < 0)
		return r;
	if (bytes == 0 || bytes % PLAN_ALIGN_BYTES != 0)
		return fail_with(why, EINVAL,
				 "\"%.60s\" is no multiple of 1M: say it in M or G, powers of 1024",
				 value);
	return 0;
}

/* "tty0 ttyS1,115200n8": devices of the kernel's console= arguments; the last is /dev/console. */
static int check_console(const char *value, struct fail *why)
{
	size_t n = 0;

	if (!*value || strlen(value) > 200)
		return fail_with(why, EINVAL, "1 to 200 characters are needed");
	for (const char *p = value; *p; n++) {
		size_t bytes = strcspn(p, " ");

		if (strncmp(p, "tty", 3) != 0)
			return fail_with(why, EINVAL,
					 "\"%.60s\" is no console such as tty0 or ttyS0,115200n8",
					 p);
		for (size_t i = 0; i < bytes; i++)
			if (!isalnum((unsigned char)p[i]) && p[i] != ',')
				return fail_with(why, EINVAL,
						 "\"%.60s\" is no console such as tty0 or "
						 "ttyS0,115200n8",
						 p);
		p += bytes + strspn(p + bytes, " ");
	}
	return 0;
}

static int check_leftovers(const char *value, struct fail *why)
{
	if (strcmp(value, "keep") == 0 || strcmp(value, "wipe") == 0)
		return 0;
	return fail_with(why, EINVAL, "\"%.60s\" is neither keep nor wipe", value);
}

static int check_progress(const char *value, struct fail *why)
{
	if (strcmp(value, "lines") == 0 || strcmp(value, "json") == 0)
		return 0;
	return fail_with(why, EINVAL, "\"%.60s\" is neither lines nor json", value);
}

static const struct {
	const char *name;
	int (*check)(const char *value, struct fail *why);
} keys[] = {
	{ "disk", disk_match_check },	 { "action", check_action },
	{ "esp-size", check_size },	 { "system-size", check_size },
	{ "data-min-size", check_size }, { "console", check_console },
	{ "unattended", check_yes_no },	 { "overwrite", check_yes_no },
	{ "reinstall", check_yes_no },	 { "leftovers", check_leftovers },
	{ "on-failure", check_action },	 { "progress", check_progress },
};

int answers_key_check(const char *key, const char *value, struct fail *why)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (strcmp(key, keys[i].name) != 0)
			continue;
		if (keys[i].check(value, why) < 0)
			return why ? fail_wrap(why, "%s", key) : -EINVAL;
		return 0;
	}
	return -ENOENT;
}

bool answers_key_is_known(const char *key)
{
	return answers_key_check(key, "", NULL) != -ENOENT;
}
