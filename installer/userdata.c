/* SPDX-License-Identifier: Apache-2.0 */
/*
 * userdata.c - from the leaves of the YAML tree to answers.
 *
 * A leaf has a path such as "users/0/name". A table says what a path means; a path it does not have
 * is an error.
 */
#include "userdata.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostd/encode.h"
#include "hostd/preset.h"
#include "lib/cleanup.h"
#include "lib/memory.h"
#include "userdata_tree.h"

/* A block of text ends with a newline that nobody means. */
static size_t bytes_without_end(const char *value)
{
	size_t n = strlen(value);

	while (n > 0 && (value[n - 1] == '\n' || value[n - 1] == ' '))
		n--;
	return n;
}

static bool is_value(const struct answers_pair *pair, const char *value)
{
	size_t n = bytes_without_end(value);

	return strlen(pair->value) == n && memcmp(pair->value, value, n) == 0;
}

static struct answers_pair *find(const struct userdata *data, const char *key)
{
	for (size_t i = 0; i < data->n; i++)
		if (strcmp(data->pairs[i].key, key) == 0)
			return &data->pairs[i];
	return NULL;
}

static void push(struct userdata *data, const struct userdata_leaf *leaf, const char *key,
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

/*
 * Several paths may set one key: the same value is said once, another one is refused. The values are
 * not shown, they may be secret.
 */
static int add(struct userdata *data, const struct userdata_leaf *leaf, const char *key,
	       const char *value, struct fail *why)
{
	const struct answers_pair *other = preset_key_repeats(key) ? NULL : find(data, key);

	if (!other)
		push(data, leaf, key, value);
	else if (!is_value(other, value))
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

static int take_bool(const struct userdata_leaf *leaf, bool *ret, struct fail *why)
{
	*ret = strcmp(leaf->value, "true") == 0;
	if (!*ret && strcmp(leaf->value, "false") != 0)
		return fail_with(why, EINVAL, "%s: \"%.60s\" is neither true nor false", leaf->path,
				 leaf->value);
	return 0;
}

/* The functions of the table. @arg: the key of the answer, where it is one. */
typedef int (*take_leaf)(struct userdata *data, const struct userdata_leaf *leaf, const char *arg,
			 struct fail *why);

static int take_key(struct userdata *data, const struct userdata_leaf *leaf, const char *arg,
		    struct fail *why)
{
	return add(data, leaf, arg, leaf->value, why);
}

/* @arg: "key=value", said by true. */
static int take_flag(struct userdata *data, const struct userdata_leaf *leaf, const char *arg,
		     struct fail *why)
{
	size_t n = strcspn(arg, "=");
	autofree char *key = xasprintf("%.*s", (int)n, arg);
	bool yes;
	int r = take_bool(leaf, &yes, why);

	return r == 0 && yes ? add(data, leaf, key, arg + n + 1, why) : r;
}

/* What is so anyway; @arg: the words that say it, with blanks around each. */
static int take_given(struct userdata *data, const struct userdata_leaf *leaf, const char *arg,
		      struct fail *why)
{
	autofree char *word = xasprintf(" %s ", leaf->value);

	(void)data;
	if (strstr(arg, word))
		return 0;
	return fail_with(why, EINVAL, "%s: \"%.60s\" cannot be had; taken is%.100s", leaf->path,
			 leaf->value, arg);
}

/* cloud-init takes a list, and one line of words with commas between. */
static int take_groups(struct userdata *data, const struct userdata_leaf *leaf, const char *arg,
		       struct fail *why)
{
	autofree char *copy = xstrdup(leaf->value);
	char *save = NULL;
	int r = 0;

	for (char *word = strtok_r(copy, " ,", &save); word && r == 0;
	     word = strtok_r(NULL, " ,", &save)) {
		const struct userdata_leaf one = { leaf->path, word, leaf->line };

		r = take_given(data, &one, arg, why);
	}
	return r;
}

/* "auto" is the largest disk elsewhere: here nobody's disk is chosen by its size in silence. */
static int take_device(struct userdata *data, const struct userdata_leaf *leaf, const char *arg,
		       struct fail *why)
{
	if (strcmp(leaf->value, "auto") == 0)
		return fail_with(why, EINVAL,
				 "%s: \"auto\" names no disk; \"largest\" or a path does",
				 leaf->path);
	return take_key(data, leaf, arg, why);
}

static int take_user(struct userdata *data, const struct userdata_leaf *leaf, const char *arg,
		     struct fail *why)
{
	const char *number = strstr(leaf->path, "users/") + strlen("users/");

	if (strtoul(number, NULL, 10) > 0)
		return fail_with(why, EINVAL,
				 "%s: one account can be preset, the first administrator; others "
				 "are made on the host",
				 leaf->path);
	return arg ? take_key(data, leaf, arg, why)
		   : fail_with(why, EINVAL, "%s: it is no mapping with name and passwd",
			       leaf->path);
}

/* The first one is the primary, the next other one the alternate, wherever they are. */
static int add_name_server(struct userdata *data, const struct userdata_leaf *leaf,
			   const char *server, struct fail *why)
{
	const struct answers_pair *primary = find(data, "dns.primary");
	const struct answers_pair *alternate = find(data, "dns.alternate");

	if (!primary)
		return add(data, leaf, "dns.primary", server, why);
	if (is_value(primary, server))
		return 0;
	if (!alternate || is_value(alternate, server))
		return add(data, leaf, "dns.alternate", server, why);
	return fail_with(why, EINVAL,
			 "%.100s: \"%.40s\" is one name server too many: two can be set, those of "
			 "%.100s and %.100s",
			 leaf->path, server, primary->path, alternate->path);
}

static int take_dns(struct userdata *data, const struct userdata_leaf *leaf, const char *arg,
		    struct fail *why)
{
	autofree char *copy = xstrdup(leaf->value);
	char *save = NULL;
	int r = 0;

	(void)arg;
	for (char *word = strtok_r(copy, " ,", &save); word && r == 0;
	     word = strtok_r(NULL, " ,", &save))
		r = add_name_server(data, leaf, word, why);
	return r;
}

/* The servers are a list there, one line of a list here; palette/ntp.servers is the whole line. */
static int take_ntp(struct userdata *data, const struct userdata_leaf *leaf, const char *arg,
		    struct fail *why)
{
	struct answers_pair *pair = find(data, "ntp.servers");
	char *both;

	(void)arg;
	if (!pair || strncmp(pair->path, "stylus/", 7) != 0)
		return add(data, leaf, "ntp.servers", leaf->value, why);
	both = xasprintf("%s %s", pair->value, leaf->value);
	free(pair->value);
	pair->value = both;
	return 0;
}

static int take_certificate(struct userdata *data, const struct userdata_leaf *leaf,
			    const char *arg, struct fail *why)
{
	autofree char *text =
		base64_encode((const unsigned char *)leaf->value, strlen(leaf->value));

	return add(data, leaf, arg, text, why);
}

/* "stylus/site/network/interfaces/ens192/ipAddress" */
static int take_adapter(struct userdata *data, const struct userdata_leaf *leaf, const char *arg,
			struct fail *why)
{
	const char *name = leaf->path + strlen("stylus/site/network/interfaces/");
	autofree char *key = xasprintf("adapter.%.*s.%s", (int)strcspn(name, "/"), name, arg);

	return take_key(data, leaf, key, why);
}

/* "palette/overwrite": any key of docs/ANSWERS.md */
static int take_ours(struct userdata *data, const struct userdata_leaf *leaf, const char *arg,
		     struct fail *why)
{
	(void)arg;
	return take_key(data, leaf, leaf->path + strlen("palette/"), why);
}

static const struct {
	const char *path; /* '*' is one name or number */
	take_leaf take;
	const char *arg;
} rules[] = {
	{ "hostname", take_key, "hostname" },
	{ "ssh_authorized_keys/*", take_key, "account.ssh-key" },
	{ "users/*", take_user, NULL },
	{ "users/*/name", take_user, "account.user" },
	{ "users/*/passwd", take_user, "account.password-hash" },
	{ "users/*/hashed_passwd", take_user, "account.password-hash" },
	{ "users/*/ssh_authorized_keys/*", take_user, "account.ssh-key" },
	{ "users/*/lock_passwd", take_given, " false " },
	{ "users/*/groups", take_groups, " sudo admin adm wheel " },
	{ "users/*/groups/*", take_groups, " sudo admin adm wheel " },
	{ "install/device", take_device, "disk" },
	{ "install/auto", take_flag, "unattended=yes" },
	{ "install/reboot", take_flag, "action=reboot" },
	{ "install/poweroff", take_flag, "action=poweroff" },
	{ "stylus/managementMode", take_given, " local " },
	{ "stylus/localUI/port", take_key, "localui-port" },
	{ "stylus/site/hostName", take_key, "hostname" },
	{ "stylus/site/ntpServers/*", take_ntp, NULL },
	{ "stylus/site/caCerts/*", take_certificate, "proxy.ca" },
	{ "stylus/site/users/*/name", take_user, "account.user" },
	{ "stylus/site/users/*/passwd", take_user, "account.password-hash" },
	{ "stylus/site/users/*/ssh_authorized_keys/*", take_user, "account.ssh-key" },
	{ "stylus/site/users/*/lock_passwd", take_given, " false " },
	{ "stylus/site/users/*/groups", take_groups, " sudo admin adm wheel " },
	{ "stylus/site/users/*/groups/*", take_groups, " sudo admin adm wheel " },
	{ "stylus/site/network/httpProxy", take_key, "proxy.http" },
	{ "stylus/site/network/httpsProxy", take_key, "proxy.https" },
	{ "stylus/site/network/noProxy", take_key, "proxy.no-proxy" },
	{ "stylus/site/network/nameserver", take_dns, NULL },
	{ "stylus/site/network/interfaces/*/type", take_adapter, "mode" },
	{ "stylus/site/network/interfaces/*/ipAddress", take_adapter, "address" },
	{ "stylus/site/network/interfaces/*/mask", take_adapter, "netmask" },
	{ "stylus/site/network/interfaces/*/gateway", take_adapter, "gateway" },
	{ "stylus/site/network/interfaces/*/nameserver", take_dns, NULL },
	{ "palette/*", take_ours, NULL },
	/* Those of preset_key_repeats(). */
	{ "palette/account.ssh-key/*", take_key, "account.ssh-key" },
	{ "palette/proxy.ca/*", take_key, "proxy.ca" },
};

/* Whether @path is what a rule is about, or the way to it: "users/0" of "users/0/name". */
static bool is_way_to(const char *path, const char *rule)
{
	size_t parts = 1, n = 0;
	autofree char *head = NULL;

	for (const char *p = path; *p; p++)
		parts += *p == '/';
	while (rule[n] && (rule[n] != '/' || --parts > 0))
		n++;
	head = xasprintf("%.*s", (int)n, rule);
	return fnmatch(head, path, FNM_PATHNAME | FNM_NOESCAPE) == 0;
}

/* A name without a value says nothing; one that nothing has is told all the same. */
static int take_empty(const struct userdata_leaf *leaf, struct fail *why)
{
	if (strncmp(leaf->path, "palette/", 8) == 0)
		return fail_with(why, EINVAL, "%.120s has no value", leaf->path);
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (is_way_to(leaf->path, rules[i].path))
			return 0;
	return fail_with(why, EINVAL, "%.120s is not understood", leaf->path);
}

static int take_one(const struct userdata_leaf *leaf, void *arg, struct fail *why)
{
	struct userdata *data = arg;

	if (!leaf->value)
		return take_empty(leaf, why);
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (fnmatch(rules[i].path, leaf->path, FNM_PATHNAME | FNM_NOESCAPE) == 0)
			return rules[i].take(data, leaf, rules[i].arg, why);
	return fail_with(why, EINVAL, "%.120s is not understood", leaf->path);
}

int userdata_parse(const char *text, size_t bytes, struct userdata *ret, struct fail *why)
{
	__attribute__((cleanup(userdata_done))) struct userdata data = { 0 };
	int r = userdata_tree(text, bytes, take_one, &data, why);

	if (r < 0)
		return r;
	*ret = data;
	data = (struct userdata){ 0 };
	return 0;
}
