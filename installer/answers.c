/* SPDX-License-Identifier: Apache-2.0 */
#include "answers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answers_keys.h"
#include "hostd/keyvalue.h"
#include "hostd/preset.h"
#include "lib/cleanup.h"
#include "lib/cmdline.h"
#include "lib/memory.h"
#include "lib/utf8.h"

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
	return fail_with(why, EINVAL, "\"%.60s\" is none of nothing, reboot and poweroff", text);
}

static void line_done(struct answers_line *line)
{
	if (line->value)
		explicit_bzero(line->value, strlen(line->value));
	free(line->value);
	free(line->key);
}

void answers_done(struct answers *answers)
{
	for (size_t i = 0; i < answers->n; i++)
		line_done(&answers->lines[i]);
	free(answers->lines);
	*answers = (struct answers){ 0 };
}

static void push(struct answers *answers, const struct answers_line *line)
{
	struct answers_line *grown =
		realloc(answers->lines, (answers->n + 1) * sizeof(*answers->lines));

	if (!grown)
		abort(); /* as xmalloc() */
	answers->lines = grown;
	answers->lines[answers->n++] = *line;
}

static bool has_key(const struct answers *answers, const char *key)
{
	for (size_t i = 0; i < answers->n; i++)
		if (strcmp(answers->lines[i].key, key) == 0)
			return true;
	return false;
}

/*
 * Whether @text may be shown although it is not understood: a key that was mistyped, and not a line of
 * something secret that got here by mistake, such as a hash or an address with a password.
 */
static bool is_word(const char *text, size_t bytes)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789.-_";

	return bytes > 0 && bytes <= 60 && strspn(text, chars) >= bytes;
}

static int not_a_pair(const char *line, struct fail *why)
{
	size_t n = strcspn(line, " \t:");

	if (is_word(line, n))
		return fail_with(why, EINVAL, "\"%.*s%s\" is not \"key = value\"", (int)n, line,
				 line[n] ? " ..." : "");
	return fail_with(why, EINVAL, "it is not \"key = value\"");
}

static int not_known(const char *key, struct fail *why)
{
	if (is_word(key, strlen(key)))
		return fail_with(why, EINVAL, "nothing is called \"%s\"", key);
	return fail_with(why, EINVAL, "what stands before \"=\" is the name of nothing");
}

/* One line into @ret, which holds the lines of this text alone. */
static int take(struct answers *ret, enum answers_source source, const char *key, const char *value,
		struct fail *why)
{
	struct answers_line line = { .source = source };
	int r = answers_key_check(key, value, why);

	if (r == -ENOENT)
		r = preset_check_line(key, value, why);
	if (r == -ENOENT)
		return not_known(key, why);
	if (r < 0)
		return r;
	if (has_key(ret, key) && !preset_key_repeats(key))
		return fail_with(why, EINVAL, "%s is there twice", key);
	line.key = xstrdup(key);
	line.value = xstrdup(value);
	push(ret, &line);
	return 0;
}

bool answers_is_user_data(const char *text, size_t bytes)
{
	static const char first[] = "#cloud-config";
	size_t n = sizeof(first) - 1;

	return bytes >= n && memcmp(text, first, n) == 0 &&
	       (bytes == n || strchr(" \t\r\n", text[n]));
}

/* What editors and copying do to a text, told by its bytes. */
static int check_bytes(const char *origin, const char *text, size_t bytes, struct fail *why)
{
	const char *cr = memchr(text, '\r', bytes), *nul = memchr(text, '\0', bytes);
	const char *first = cr && (!nul || cr < nul) ? cr : nul;
	size_t line = 1;

	if (bytes > ANSWERS_BYTES_MAX)
		return fail_with(why, EINVAL, "%s: %zu bytes are no answers; at most %d are read",
				 origin, bytes, ANSWERS_BYTES_MAX);
	if (answers_is_user_data(text, bytes))
		return fail_with(why, EINVAL,
				 "%s: it is user-data (#cloud-config), and \"key = value\" lines "
				 "belong here; user-data goes onto a medium called cidata",
				 origin);
	for (const char *p = text; first && p < first; p++)
		line += *p == '\n';
	if (bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		return fail_with(why, EINVAL,
				 "%s: it begins with a byte order mark; save it as UTF-8 without "
				 "one",
				 origin);
	if (first && first == nul)
		return fail_with(why, EINVAL, "%s, line %zu: a NUL byte; this is no text file",
				 origin, line);
	if (first)
		return fail_with(why, EINVAL,
				 "%s, line %zu: it ends in CR LF; save the file with Unix line "
				 "ends (LF)",
				 origin, line);
	return 0;
}

/* Drops what earlier places say of the keys of @newer, then takes its lines over. */
static void merge(struct answers *answers, struct answers *newer, enum answers_source source,
		  const char *origin)
{
	size_t kept = 0;

	for (size_t i = 0; i < answers->n; i++) {
		if (has_key(newer, answers->lines[i].key))
			line_done(&answers->lines[i]);
		else
			answers->lines[kept++] = answers->lines[i];
	}
	answers->n = kept;
	for (size_t i = 0; i < newer->n; i++)
		push(answers, &newer->lines[i]);
	free(newer->lines);
	*newer = (struct answers){ 0 };
	snprintf(answers->origins[source], sizeof(answers->origins[source]), "%s", origin);
}

int answers_add(struct answers *answers, enum answers_source source, const char *origin,
		const char *text, size_t bytes, struct fail *why)
{
	__attribute__((cleanup(answers_done))) struct answers newer = { 0 };
	autofree char *copy = NULL;
	struct fail mistake = { 0 };
	struct keyvalue kv;
	int r = check_bytes(origin, text, bytes, why);

	if (r < 0)
		return r;
	copy = xasprintf("%.*s", (int)bytes, text);
	kv = keyvalue_of(copy);
	while (r == 0 && keyvalue_next(&kv)) {
		if (!utf8_is_plain(kv.value) || (kv.key && !utf8_is_plain(kv.key)))
			r = fail_with(&mistake, EINVAL, "it is no text");
		else if (!kv.key)
			r = not_a_pair(kv.value, &mistake);
		else
			r = take(&newer, source, kv.key, kv.value, &mistake);
	}
	explicit_bzero(copy, bytes);
	if (r < 0)
		return fail_with(why, EINVAL, "%s, line %u: %s", origin, kv.line, mistake.msg);
	merge(answers, &newer, source, origin);
	return 0;
}

/* The word at @*at, without blanks and quotes around it; "" where there is none. */
static void order_word(const char **at, const char *end, char *buf, size_t size)
{
	static const char around[] = " \t\r\"'";
	const char *p = *at;
	size_t n = 0;

	while (p < end && strchr(around, *p))
		p++;
	while (p + n < end && !strchr(" \t\r\"'=:#", p[n]))
		n++;
	snprintf(buf, size, "%.*s", (int)n, p);
	p += n;
	while (p < end && strchr(around, *p))
		p++;
	*at = p;
}

void answers_add_orders(struct answers *answers, enum answers_source source, const char *origin,
			const char *text, size_t bytes)
{
	__attribute__((cleanup(answers_done))) struct answers orders = { 0 };
	const char *ends = source == ANSWERS_OF_KERNEL ? " \n" : "\n";

	for (const char *at = text, *all = text + bytes, *end; at < all; at = end + 1) {
		char word[80], key[80], value[80];
		bool flag, yes = false;

		for (end = at; end < all && *end && !strchr(ends, *end); end++)
			;
		order_word(&at, end, word, sizeof(word));
		if (at == end || (*at != '=' && *at != ':'))
			continue;
		at++;
		order_word(&at, end, value, sizeof(value));
		snprintf(key, sizeof(key), "%s",
			 strncmp(word, "palette.", 8) == 0 ? word + 8 : word);
		/* install.auto of user-data */
		flag = strcmp(key, "auto") == 0 && keyvalue_bool(value, &yes) && yes;
		if (flag)
			(void)take(&orders, source, "unattended", "yes", NULL);
		else if (strcmp(key, "unattended") == 0 || strcmp(key, "on-failure") == 0 ||
			 strcmp(key, "progress") == 0)
			(void)take(&orders, source, key, value, NULL);
	}
	merge(answers, &orders, source, origin);
}

int answers_add_pairs(struct answers *answers, enum answers_source source, const char *origin,
		      const struct answers_pair *pairs, size_t n, struct fail *why)
{
	__attribute__((cleanup(answers_done))) struct answers newer = { 0 };
	struct fail mistake = { 0 };

	for (size_t i = 0; i < n; i++) {
		const struct answers_pair *pair = &pairs[i];

		/* A line break would become a line of the host's settings file. */
		if (!utf8_is_plain(pair->key) || !utf8_is_plain(pair->value))
			return fail_with(why, EINVAL, "%s, line %u: %.120s is no line of text",
					 origin, pair->line, pair->path);
		if (take(&newer, source, pair->key, pair->value, &mistake) < 0)
			return fail_with(why, EINVAL, "%s, line %u: %s", origin, pair->line,
					 mistake.msg);
	}
	merge(answers, &newer, source, origin);
	return 0;
}

/* Kernel arguments that say how to start, not how to install (docs/FORMATS.md). */
static bool is_of_boot(const char *key)
{
	static const char *const names[] = { "role", "medium", "slot", "system",      "data",
					     "esp",  "debug",  "iso",  "goal-within", "verify" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(key, names[i]) == 0)
			return true;
	return false;
}

int answers_add_cmdline(struct answers *answers, const char *cmdline, struct fail *why)
{
	static const char prefix[] = "palette.";
	__attribute__((cleanup(answers_done))) struct answers newer = { 0 };
	char word[CMDLINE_BYTES_MAX];

	while (cmdline_next(&cmdline, word, sizeof(word))) {
		char *key = word + sizeof(prefix) - 1, *equals = strchr(word, '=');
		struct fail mistake = { 0 };

		if (strncmp(word, prefix, sizeof(prefix) - 1) != 0)
			continue;
		if (equals)
			*equals = '\0';
		if (is_of_boot(key))
			continue;
		if (!utf8_is_plain(word) || !equals || !utf8_is_plain(equals + 1))
			return fail_with(
				why, EINVAL,
				"kernel argument %.60s: it needs a value, palette.KEY=VALUE", word);
		if (take(&newer, ANSWERS_OF_KERNEL, key, equals + 1, &mistake) < 0)
			return fail_with(why, EINVAL, "kernel argument palette.%.60s: %s", key,
					 mistake.msg);
	}
	if (newer.n > 0)
		merge(answers, &newer, ANSWERS_OF_KERNEL, "kernel arguments");
	return 0;
}
