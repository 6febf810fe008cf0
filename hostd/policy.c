/* SPDX-License-Identifier: Apache-2.0 */
#include "policy.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "keyvalue.h"
#include "lib/cleanup.h"

struct entry {
	const char *key;
	size_t offset;
	bool is_bool;
	unsigned least, most, unit;
};

#define NUMBER(key, member, least, most, unit)                                                     \
	{ key, offsetof(struct policy, member), false, least, most, unit }
#define BOOL(key, member) { key, offsetof(struct policy, member), true, 0, 1, 1 }

static const struct entry entries[] = {
	NUMBER("password-min-length", password.min_length, 1, 128, 1),
	NUMBER("password-min-classes", password.min_classes, 0, 4, 1),
	NUMBER("password-max-repeat", password.max_repeat, 0, 64, 1),
	BOOL("password-refuse-user-name", password.refuse_user_name),
	BOOL("password-refuse-dictionary", password.refuse_dictionary),
	NUMBER("login-delay-after", login.delay_after, 0, 100, 1),
	NUMBER("login-block-after", login.block_after, 0, 100, 1),
	NUMBER("login-block-minutes", login.block_seconds, 1, 1440, 60),
	NUMBER("session-minutes", session_seconds, 1, 1440, 60),
	NUMBER("session-extended-minutes", extended_seconds, 1, 10080, 60),
};

void policy_default(struct policy *ret)
{
	*ret = (struct policy){
		.password = PASSWORD_POLICY_DEFAULT,
		.login = { .delay_after = 3, .block_after = 5, .block_seconds = 15 * 60 },
		.session_seconds = 2 * 3600,
		.extended_seconds = 24 * 3600,
	};
}

static bool set_value(struct policy *policy, const struct entry *entry, const char *value)
{
	void *at = (char *)policy + entry->offset;
	unsigned number;

	if (entry->is_bool)
		return keyvalue_bool(value, at);
	if (!keyvalue_number(value, entry->least, entry->most, &number))
		return false;
	*(unsigned *)at = number * entry->unit;
	return true;
}

static int set_entry(struct policy *policy, const struct keyvalue *kv, struct fail *why)
{
	for (size_t i = 0; kv->key && i < ARRAY_SIZE(entries); i++) {
		if (strcmp(kv->key, entries[i].key) != 0)
			continue;
		if (set_value(policy, &entries[i], kv->value))
			return 0;
		if (entries[i].is_bool)
			return fail_with(why, EINVAL, "line %u: %s is yes or no", kv->line,
					 kv->key);
		return fail_with(why, EINVAL, "line %u: %s is a number from %u to %u", kv->line,
				 kv->key, entries[i].least, entries[i].most);
	}
	return fail_with(why, EINVAL, "line %u: nothing is called \"%.60s\"", kv->line,
			 kv->key ? kv->key : kv->value);
}

int policy_read(char *text, struct policy *ret, struct fail *why)
{
	struct keyvalue kv = keyvalue_of(text);
	struct policy policy;
	int r;

	policy_default(&policy);
	while (keyvalue_next(&kv)) {
		r = set_entry(&policy, &kv, why);
		if (r < 0)
			return r;
	}
	*ret = policy;
	return 0;
}

unsigned policy_rules(const struct password_policy *policy, policy_rule buf[POLICY_RULES_MAX])
{
	unsigned n = 0;

	snprintf(buf[n++], sizeof(policy_rule), "at least %u characters", policy->min_length);
	if (policy->min_classes > 1)
		snprintf(buf[n++], sizeof(policy_rule),
			 "characters of %u kinds: a-z, A-Z, 0-9, others", policy->min_classes);
	if (policy->max_repeat)
		snprintf(buf[n++], sizeof(policy_rule), "no character more than %u times in a row",
			 policy->max_repeat);
	if (policy->refuse_user_name)
		snprintf(buf[n++], sizeof(policy_rule), "not the user name");
	if (policy->refuse_dictionary)
		snprintf(buf[n++], sizeof(policy_rule),
			 "no word of a dictionary, nor one in disguise");
	return n;
}
