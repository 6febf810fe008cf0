/* SPDX-License-Identifier: Apache-2.0 */
/*
 * userdata.c - from the leaves of the YAML tree to answers.
 *
 * A leaf has a path such as "users/0/name". A table says what a path means; a path it does not have
 * is an error, which is told when all of them were read: a file costs one try, not one a line.
 */
#include "userdata.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostd/encode.h"
#include "hostd/keyvalue.h"
#include "lib/cleanup.h"
#include "lib/memory.h"
#include "userdata_parts.h"
#include "userdata_tree.h"

struct reading {
	struct userdata data;
	struct userdata_names unknown, not_read;
	struct fail mistake;   /* the first one that is no unknown name */
	unsigned long skipped; /* words among the users so far */
};

static int take_bool(const struct userdata_leaf *leaf, bool *ret, struct fail *why)
{
	if (keyvalue_bool(leaf->value, ret))
		return 0;
	return fail_with(why, EINVAL, "%s: \"%.60s\" is neither true nor false", leaf->path,
			 leaf->value);
}

/* The functions of the table. @arg: the key of the answer, where it is one. */
typedef int (*take_leaf)(struct reading *in, const struct userdata_leaf *leaf, const char *arg,
			 struct fail *why);

static int take_key(struct reading *in, const struct userdata_leaf *leaf, const char *arg,
		    struct fail *why)
{
	return userdata_add_pair(&in->data, leaf, arg, leaf->value, why);
}

/* @arg: "key=value", said by true. */
static int take_flag(struct reading *in, const struct userdata_leaf *leaf, const char *arg,
		     struct fail *why)
{
	size_t n = strcspn(arg, "=");
	autofree char *key = xasprintf("%.*s", (int)n, arg);
	bool yes;
	int r = take_bool(leaf, &yes, why);

	return r == 0 && yes ? userdata_add_pair(&in->data, leaf, key, arg + n + 1, why) : r;
}

/* What is so anyway; @arg: the words that say it, with blanks around each. */
static int take_given(struct reading *in, const struct userdata_leaf *leaf, const char *arg,
		      struct fail *why)
{
	autofree char *word = xasprintf(" %s ", leaf->value);

	(void)in;
	if (strstr(arg, word))
		return 0;
	return fail_with(why, EINVAL, "%s: \"%.60s\" cannot be had; taken is%.100s", leaf->path,
			 leaf->value, arg);
}

/* The same of true and false, in all the ways YAML writes them. */
static int take_given_bool(struct reading *in, const struct userdata_leaf *leaf, const char *arg,
			   struct fail *why)
{
	struct userdata_leaf one = *leaf;
	bool yes;
	int r = take_bool(leaf, &yes, why);

	if (r < 0)
		return r;
	one.value = yes ? "true" : "false";
	return take_given(in, &one, arg, why);
}

/* cloud-init takes a list, and one line of words with commas between. */
static int take_groups(struct reading *in, const struct userdata_leaf *leaf, const char *arg,
		       struct fail *why)
{
	autofree char *copy = xstrdup(leaf->value);
	char *save = NULL;
	int r = 0;

	for (char *word = strtok_r(copy, " ,", &save); word && r == 0;
	     word = strtok_r(NULL, " ,", &save)) {
		const struct userdata_leaf one = { .path = leaf->path, .value = word };

		r = take_given(in, &one, arg, why);
	}
	return r;
}

/* "auto" is the largest disk elsewhere: here nobody's disk is chosen by its size in silence. */
static int take_device(struct reading *in, const struct userdata_leaf *leaf, const char *arg,
		       struct fail *why)
{
	if (strcmp(leaf->value, "auto") == 0)
		return fail_with(why, EINVAL,
				 "%s: \"auto\" names no disk; \"largest\" or a path does",
				 leaf->path);
	return take_key(in, leaf, arg, why);
}

/* cloud-init's "default" among the users is its image's own account, which there is not here. */
static int take_user_word(struct reading *in, const struct userdata_leaf *leaf, const char *arg,
			  struct fail *why)
{
	static const char name[] = "\"default\" of users";

	(void)arg;
	if (strcmp(leaf->value, "default") != 0)
		return fail_with(why, EINVAL, "%s: it is no mapping with name and passwd",
				 leaf->path);
	userdata_names_add(&in->not_read, name, strlen(name), leaf->line);
	in->skipped++;
	return 0;
}

static int take_user(struct reading *in, const struct userdata_leaf *leaf, const char *arg,
		     struct fail *why)
{
	bool top = strncmp(leaf->path, "users/", 6) == 0;
	const char *number = strstr(leaf->path, "users/") + strlen("users/");

	if (strtoul(number, NULL, 10) > (top ? in->skipped : 0))
		return fail_with(why, EINVAL,
				 "%s: one account can be preset, the first administrator; others "
				 "are made on the host",
				 leaf->path);
	return take_key(in, leaf, arg, why);
}

/* The first one is the primary, the next other one the alternate, wherever they are. */
static int add_name_server(struct userdata *data, const struct userdata_leaf *leaf,
			   const char *server, struct fail *why)
{
	const struct answers_pair *primary = userdata_find(data, "dns.primary");
	const struct answers_pair *alternate = userdata_find(data, "dns.alternate");

	if (!primary)
		return userdata_add_pair(data, leaf, "dns.primary", server, why);
	if (userdata_is_value(primary, server))
		return 0;
	if (!alternate || userdata_is_value(alternate, server))
		return userdata_add_pair(data, leaf, "dns.alternate", server, why);
	return fail_with(why, EINVAL,
			 "%.100s: \"%.40s\" is one name server too many: two can be set, those of "
			 "%.100s and %.100s",
			 leaf->path, server, primary->path, alternate->path);
}

static int take_dns(struct reading *in, const struct userdata_leaf *leaf, const char *arg,
		    struct fail *why)
{
	autofree char *copy = xstrdup(leaf->value);
	char *save = NULL;
	int r = 0;

	(void)arg;
	for (char *word = strtok_r(copy, " ,", &save); word && r == 0;
	     word = strtok_r(NULL, " ,", &save))
		r = add_name_server(&in->data, leaf, word, why);
	return r;
}

/* The servers are a list there, one line of a list here; palette/ntp.servers is the whole line. */
static int take_ntp(struct reading *in, const struct userdata_leaf *leaf, const char *arg,
		    struct fail *why)
{
	struct answers_pair *pair = userdata_find(&in->data, "ntp.servers");
	char *both;

	(void)arg;
	if (!pair || strncmp(pair->path, "stylus/", 7) != 0)
		return userdata_add_pair(&in->data, leaf, "ntp.servers", leaf->value, why);
	both = xasprintf("%s %s", pair->value, leaf->value);
	free(pair->value);
	pair->value = both;
	return 0;
}

static int take_certificate(struct reading *in, const struct userdata_leaf *leaf, const char *arg,
			    struct fail *why)
{
	autofree char *text =
		base64_encode((const unsigned char *)leaf->value, strlen(leaf->value));

	return userdata_add_pair(&in->data, leaf, arg, text, why);
}

/* "stylus/site/network/interfaces/ens192/ipAddress" */
static int take_adapter(struct reading *in, const struct userdata_leaf *leaf, const char *arg,
			struct fail *why)
{
	const char *name = leaf->path + strlen("stylus/site/network/interfaces/");
	autofree char *key = xasprintf("adapter.%.*s.%s", (int)strcspn(name, "/"), name, arg);

	return take_key(in, leaf, key, why);
}

/* "palette/overwrite": any key of docs/ANSWERS.md */
static int take_ours(struct reading *in, const struct userdata_leaf *leaf, const char *arg,
		     struct fail *why)
{
	(void)arg;
	return take_key(in, leaf, leaf->path + strlen("palette/"), why);
}

static const struct {
	const char *path; /* '*' is one name or number */
	take_leaf take;
	const char *arg;
} rules[] = {
	{ "hostname", take_key, "hostname" },
	{ "ssh_authorized_keys/*", take_key, "account.ssh-key" },
	{ "users/*", take_user_word, NULL },
	{ "users/*/name", take_user, "account.user" },
	{ "users/*/passwd", take_user, "account.password-hash" },
	{ "users/*/hashed_passwd", take_user, "account.password-hash" },
	{ "users/*/ssh_authorized_keys/*", take_user, "account.ssh-key" },
	{ "users/*/lock_passwd", take_given_bool, " false " },
	{ "users/*/shell", take_given, " /bin/bash " },
	{ "users/*/groups", take_groups, " sudo admin adm wheel " },
	{ "users/*/groups/*", take_groups, " sudo admin adm wheel " },
	{ "install/device", take_device, "disk" },
	{ "install/auto", take_flag, "unattended=yes" },
	{ "install/reboot", take_flag, "action=reboot" },
	{ "install/poweroff", take_flag, "action=poweroff" },
	{ "stylus/managementMode", take_given, " local " },
	{ "stylus/enableMultiNode", take_given_bool, " true " },
	{ "stylus/localUI/port", take_key, "localui-port" },
	{ "stylus/site/hostName", take_key, "hostname" },
	{ "stylus/site/ntpServers/*", take_ntp, NULL },
	{ "stylus/site/caCerts/*", take_certificate, "proxy.ca" },
	{ "stylus/site/users/*/name", take_user, "account.user" },
	{ "stylus/site/users/*/passwd", take_user, "account.password-hash" },
	{ "stylus/site/users/*/hashed_passwd", take_user, "account.password-hash" },
	{ "stylus/site/users/*/ssh_authorized_keys/*", take_user, "account.ssh-key" },
	{ "stylus/site/users/*/lock_passwd", take_given_bool, " false " },
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

static bool is_way_to_any(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (is_way_to(path, rules[i].path))
			return true;
	return false;
}

/* By the first part that no rule has: "runcmd" of "runcmd/0". */
static void note_unknown(struct reading *in, const struct userdata_leaf *leaf)
{
	size_t parts = 1, n = strcspn(leaf->path, "/");

	for (; leaf->path[n]; parts++, n += 1 + strcspn(leaf->path + n + 1, "/")) {
		autofree char *head = xasprintf("%.*s", (int)n, leaf->path);

		if (!is_way_to_any(head))
			break;
	}
	userdata_names_add(&in->unknown, leaf->path, n, leaf->lines[parts - 1]);
}

/* A name without a value says nothing; one that nothing has is told all the same. */
static int take_empty(struct reading *in, const struct userdata_leaf *leaf, struct fail *why)
{
	if (strncmp(leaf->path, "palette/", 8) == 0)
		return fail_with(why, EINVAL, "%.120s has no value", leaf->path);
	if (!is_way_to_any(leaf->path))
		note_unknown(in, leaf);
	return 0;
}

static int take_value(struct reading *in, const struct userdata_leaf *leaf, struct fail *why)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (fnmatch(rules[i].path, leaf->path, FNM_PATHNAME | FNM_NOESCAPE) == 0)
			return rules[i].take(in, leaf, rules[i].arg, why);
	note_unknown(in, leaf);
	return 0;
}

static int take_one(const struct userdata_leaf *leaf, void *arg, struct fail *why)
{
	struct reading *in = arg;
	struct fail ours = { 0 };
	int r = leaf->value ? take_value(in, leaf, &ours) : take_empty(in, leaf, &ours);

	(void)why;
	if (r < 0 && !in->mistake.code)
		(void)fail_with(&in->mistake, EINVAL, "line %u: %s", leaf->line, ours.msg);
	return 0;
}

static int verdict(const struct reading *in, struct fail *why)
{
	struct fail unknown = { 0 };

	if (in->unknown.n)
		(void)userdata_names_fail(&in->unknown, EINVAL, "not understood", &unknown);
	if (!in->mistake.code && !unknown.code)
		return 0;
	return fail_with(why, EINVAL, "%s%s%s", in->mistake.msg,
			 in->mistake.code && unknown.code ? "; " : "", unknown.msg);
}

/* An interface with an address of its own is static, also where nobody says so. */
static void imply_static(struct userdata *data)
{
	size_t n = data->n;

	for (size_t i = 0; i < n; i++) {
		const struct userdata_leaf leaf = { .path = data->pairs[i].path,
						    .line = data->pairs[i].line };
		const char *key = data->pairs[i].key, *end = strrchr(key, '.');
		autofree char *mode = NULL;

		if (strncmp(leaf.path, "stylus/", 7) != 0 || strncmp(key, "adapter.", 8) != 0 ||
		    strcmp(end, ".address") != 0)
			continue;
		mode = xasprintf("%.*s.mode", (int)(end - key), key);
		if (!userdata_find(data, mode))
			userdata_push(data, &leaf, mode, "static");
	}
}

int userdata_parse(const char *text, size_t bytes, struct userdata *ret, struct fail *not_read,
		   struct fail *why)
{
	struct reading in = { 0 };
	int r = userdata_tree(text, bytes, take_one, &in, why);

	if (r == 0)
		r = verdict(&in, why);
	if (r < 0) {
		userdata_done(&in.data);
		return r;
	}
	imply_static(&in.data);
	if (in.not_read.n)
		(void)userdata_names_fail(&in.not_read, ENOTSUP, "not read", not_read);
	*ret = in.data;
	return 0;
}
