/* SPDX-License-Identifier: Apache-2.0 */
#include "preset.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account_check.h"
#include "keyvalue.h"
#include "lib/cleanup.h"
#include "refuse.h"

/* One adapter's lines, until all are read. */
struct raw_adapter {
	char name[16];
	struct net_text text;
};

/* What is checked as a whole when all lines are read; points into the text. */
struct raw {
	struct raw_adapter adapters[PRESET_ADAPTERS_MAX];
	size_t n_adapters;
	const char *dns_primary, *dns_alternate, *dns_search;
	const char *http, *https, *no_proxy, *ca[PROXY_CA_MAX];
	size_t n_ca;
	bool has_dns, has_proxy;
};

/* NULL: there are too many. */
static struct raw_adapter *adapter_of(struct raw *raw, const char *name)
{
	struct raw_adapter *adapter;

	for (size_t i = 0; i < raw->n_adapters; i++)
		if (strcmp(raw->adapters[i].name, name) == 0)
			return &raw->adapters[i];
	if (raw->n_adapters == PRESET_ADAPTERS_MAX)
		return NULL;
	adapter = &raw->adapters[raw->n_adapters++];
	snprintf(adapter->name, sizeof(adapter->name), "%s", name);
	return adapter;
}

/*
 * "adapter.NAME.address" and its like. -ENOENT, here and below: no such key; any other failure is of
 * the value by itself.
 */
static int set_adapter(struct raw *raw, const char *key, const char *value, struct fail *why)
{
	const char *begin = key + strlen("adapter."), *dot = strrchr(begin, '.');
	size_t n = dot ? (size_t)(dot - begin) : 0;
	struct raw_adapter *adapter;
	const char **member;
	char name[16];

	if (!dot || n >= sizeof(name))
		return -ENOENT;
	snprintf(name, sizeof(name), "%.*s", (int)n, begin);
	if (!adapter_name_is_valid(name))
		return -ENOENT;
	adapter = adapter_of(raw, name);
	if (!adapter)
		return refuse(why, "adapter", NULL, "is one too many: at most %d can be preset",
			      PRESET_ADAPTERS_MAX);
	member = net_text_member(&adapter->text, dot + 1);
	if (!member)
		return -ENOENT;
	*member = value;
	/* Those set before it were good: what is refused is this one. */
	return net_check_values(name, &adapter->text, why);
}

static int set_dns(struct raw *raw, const char *key, const char *value, struct fail *why)
{
	struct dns_settings alone;
	int r;

	if (strcmp(key, "dns.primary") == 0) {
		r = dns_check_server(FIELD_PRIMARY, value, &alone.primary, why);
		raw->dns_primary = value;
	} else if (strcmp(key, "dns.alternate") == 0) {
		r = dns_check_server(FIELD_ALTERNATE, value, &alone.alternate, why);
		raw->dns_alternate = value;
	} else if (strcmp(key, "dns.search") == 0) {
		r = dns_check(NULL, NULL, value, &alone, why);
		raw->dns_search = value;
	} else {
		return -ENOENT;
	}
	raw->has_dns = true;
	return r;
}

/* @value is cut into its words. */
static int set_ntp(struct preset *preset, const char *key, char *value, struct fail *why)
{
	const char *servers[NTP_SERVERS_MAX];
	char *save = NULL;
	size_t n = 0;

	if (strcmp(key, "ntp.servers") != 0)
		return -ENOENT;
	for (char *word = strtok_r(value, " ,", &save); word; word = strtok_r(NULL, " ,", &save)) {
		if (n < NTP_SERVERS_MAX)
			servers[n] = word;
		n++;
	}
	preset->has_ntp = true;
	return ntp_check(servers, n, &preset->ntp, why);
}

static int set_proxy(struct raw *raw, const char *key, const char *value, struct fail *why)
{
	struct proxy_settings alone;
	int r;

	if (strcmp(key, "proxy.http") == 0) {
		r = proxy_check(value, "", "", NULL, 0, &alone, why);
		raw->http = value;
	} else if (strcmp(key, "proxy.https") == 0) {
		r = proxy_check("", value, "", NULL, 0, &alone, why);
		raw->https = value;
	} else if (strcmp(key, "proxy.no-proxy") == 0) {
		r = proxy_check("", "", value, NULL, 0, &alone, why);
		raw->no_proxy = value;
	} else if (strcmp(key, "proxy.ca") != 0) {
		return -ENOENT;
	} else if (raw->n_ca == PROXY_CA_MAX) {
		return refuse(why, FIELD_CA, NULL, "at most %d entries are allowed", PROXY_CA_MAX);
	} else {
		r = proxy_check("", "", "", &value, 1, &alone, why);
		raw->ca[raw->n_ca++] = value;
	}
	raw->has_proxy = true;
	if (r == 0)
		proxy_done(&alone);
	return r;
}

static int add_ssh_key(struct preset *preset, const char *value, struct fail *why)
{
	size_t used = strlen(preset->ssh_keys);
	int r = account_check_ssh_key(value, why);

	if (r == 0 && used + strlen(value) + 2 > sizeof(preset->ssh_keys))
		r = refuse(why, FIELD_SSH_KEY, NULL, "there are too many");
	if (r == 0)
		snprintf(preset->ssh_keys + used, sizeof(preset->ssh_keys) - used, "%s\n", value);
	return r;
}

static int set_account(struct preset *preset, const char *key, const char *value, struct fail *why)
{
	int r;

	if (strcmp(key, "account.ssh-key") == 0)
		return add_ssh_key(preset, value, why);
	if (strcmp(key, "account.user") == 0) {
		r = account_check_user(value, why);
		if (r == 0)
			snprintf(preset->user, sizeof(preset->user), "%s", value);
		return r;
	}
	if (strcmp(key, "account.password-hash") != 0)
		return -ENOENT;
	r = account_check_hash(value, why);
	if (r == 0)
		snprintf(preset->hash, sizeof(preset->hash), "%s", value);
	return r;
}

/* Read where it is used, at any time; here it is only checked. */
static int check_port(const char *value, struct fail *why)
{
	unsigned port;

	return keyvalue_number(value, 1, 65535, &port)
		       ? 0
		       : refuse(why, "port", value, "is no number from 1 to 65535");
}

static int set_hostname(struct preset *preset, const char *value, struct fail *why)
{
	int r = hostname_check(value, why);

	if (r == 0)
		snprintf(preset->hostname, sizeof(preset->hostname), "%s", value);
	return r;
}

/* Any other failure than -ENOENT names the key. */
static int set_one(struct preset *preset, struct raw *raw, struct keyvalue *kv, struct fail *why)
{
	const char *key = kv->key;
	struct fail ours = { 0 };
	int r = -ENOENT;

	if (!key)
		return -ENOENT;
	if (strncmp(key, "adapter.", 8) == 0)
		r = set_adapter(raw, key, kv->value, &ours);
	else if (strncmp(key, "dns.", 4) == 0)
		r = set_dns(raw, key, kv->value, &ours);
	else if (strncmp(key, "ntp.", 4) == 0)
		r = set_ntp(preset, key, kv->value, &ours);
	else if (strncmp(key, "proxy.", 6) == 0)
		r = set_proxy(raw, key, kv->value, &ours);
	else if (strncmp(key, "account.", 8) == 0)
		r = set_account(preset, key, kv->value, &ours);
	else if (strcmp(key, "localui-port") == 0 || strcmp(key, "sync-port") == 0)
		r = check_port(kv->value, &ours);
	else if (strcmp(key, "hostname") == 0)
		r = set_hostname(preset, kv->value, &ours);
	return r < 0 && r != -ENOENT ? fail_with(why, -r, "%.40s: %s", key, ours.msg) : r;
}

static bool has(const char *value)
{
	return value && *value;
}

/* The first thing that is missing is told, and the check goes on: mistakes come before it. */
static int lack(struct fail *lacks, const char *text)
{
	if (!lacks->code)
		(void)fail_with(lacks, PRESET_LACKS, "%s", text);
	return 0;
}

/* The first of the lines that say nothing without "mode = static"; NULL: there is none. */
static const char *static_line(const struct net_text *text)
{
	return has(text->address)   ? "address"
	       : has(text->netmask) ? "netmask"
	       : has(text->gateway) ? "gateway"
				    : NULL;
}

/*
 * On a screen the fields of a static address are not there with DHCP; in a file nobody would see that
 * they do not count.
 */
static int check_static_lines(const char *name, struct net_text *text, struct fail *lacks,
			      struct fail *why)
{
	const char *line = static_line(text);
	char said[120];

	if (!line || (has(text->mode) && strcmp(text->mode, "static") == 0))
		return 0;
	snprintf(said, sizeof(said), "adapter.%s.%s needs adapter.%s.mode = static", name, line,
		 name);
	if (has(text->mode))
		return fail_with(why, REFUSED, "%s, not %s", said, text->mode);
	/* It can only become static: what is wrong with it as such is told now. */
	text->mode = "static";
	return lack(lacks, said);
}

static int check_adapter(const struct raw_adapter *adapter, struct net_settings *ret,
			 struct fail *lacks, struct fail *why)
{
	static const struct net_limits any = { 0 };
	struct net_text text = adapter->text;
	struct fail ours = { 0 };
	int r = check_static_lines(adapter->name, &text, lacks, why);

	if (r < 0 || net_check(adapter->name, &text, &any, ret, &ours) == 0)
		return r;
	(void)fail_wrap(&ours, "adapter %s", adapter->name);
	if (!has(text.address) || (!strchr(text.address, '/') && !has(text.netmask)))
		return lack(lacks, ours.msg);
	return fail_with(why, REFUSED, "%s", ours.msg);
}

static int check_adapters(struct preset *preset, const struct raw *raw, struct fail *lacks,
			  struct fail *why)
{
	struct net_taken taken[PRESET_ADAPTERS_MAX];

	for (size_t i = 0; i < raw->n_adapters; i++) {
		struct network_change *change = &preset->adapters[preset->n_adapters++];
		struct fail ours = { 0 };
		int r;

		snprintf(change->adapter, sizeof(change->adapter), "%s", raw->adapters[i].name);
		r = check_adapter(&raw->adapters[i], &change->settings, lacks, why);
		if (r < 0)
			return r;
		if (net_check_taken(&change->settings, taken, i, &ours) < 0)
			return fail_with(why, ours.code, "adapter %s: %s", change->adapter,
					 ours.msg);
		taken[i] = (struct net_taken){ change->adapter, change->settings.address };
	}
	return 0;
}

static void check_account(const struct preset *preset, struct fail *lacks)
{
	if (!!preset->user[0] != !!preset->hash[0])
		(void)lack(lacks,
			   FIELD_USER ": account.user and account.password-hash belong together");
	else if (preset->ssh_keys[0] && !preset->user[0])
		(void)lack(lacks,
			   FIELD_SSH_KEY ": account.ssh-key is nobody's without account.user and "
					 "account.password-hash");
}

static int check_dns(struct preset *preset, const struct raw *raw, struct fail *lacks,
		     struct fail *why)
{
	struct fail ours;

	preset->has_dns = raw->has_dns;
	if (!raw->has_dns || dns_check(raw->dns_primary, raw->dns_alternate, raw->dns_search,
				       &preset->dns, &ours) == 0)
		return 0;
	return has(raw->dns_primary) ? fail_with(why, REFUSED, "%s", ours.msg)
				     : lack(lacks, ours.msg);
}

static int check_proxy(struct preset *preset, const struct raw *raw, struct fail *why)
{
	int r = 0;

	if (raw->has_proxy)
		r = proxy_check(raw->http ? raw->http : "", raw->https ? raw->https : "",
				raw->no_proxy ? raw->no_proxy : "", raw->ca, raw->n_ca,
				&preset->proxy, why);
	preset->has_proxy = raw->has_proxy && r == 0;
	return r;
}

/* Mistakes first: what a text lacks is told of one that has none. */
static int check_whole(struct preset *preset, const struct raw *raw, struct fail *why)
{
	struct fail lacks = { 0 };
	int r = check_adapters(preset, raw, &lacks, why);

	if (r == 0)
		r = check_dns(preset, raw, &lacks, why);
	if (r == 0)
		r = check_proxy(preset, raw, why);
	check_account(preset, &lacks);
	if (r == 0 && lacks.code)
		r = fail_with(why, PRESET_LACKS, "%s", lacks.msg);
	return r;
}

int preset_check_line(const char *key, const char *value, struct fail *why)
{
	autofree struct preset *preset = calloc(1, sizeof(*preset));
	autofree char *name = strdup(key), *copy = strdup(value);
	struct keyvalue kv = { .key = name, .value = copy };
	struct raw raw = { 0 };
	int r;

	if (!preset || !name || !copy)
		return fail_errno(why, ENOMEM, "check %s", key);
	r = set_one(preset, &raw, &kv, why);
	explicit_bzero(copy, strlen(copy));
	preset_done(preset);
	return r;
}

bool preset_key_repeats(const char *key)
{
	return strcmp(key, "account.ssh-key") == 0 || strcmp(key, "proxy.ca") == 0;
}

int preset_read(char *text, struct preset *ret, struct fail *why)
{
	struct keyvalue kv = keyvalue_of(text);
	struct raw raw = { 0 };
	struct fail ours = { 0 };
	int r;

	memset(ret, 0, sizeof(*ret));
	while (keyvalue_next(&kv)) {
		r = set_one(ret, &raw, &kv, &ours);
		/* Not the line itself: it may be a hash. */
		if (!kv.key)
			return fail_with(why, REFUSED, "line %u: has no \"=\"", kv.line);
		if (r == -ENOENT)
			return fail_with(why, REFUSED, "line %u: nothing is called \"%.60s\"",
					 kv.line, kv.key);
		if (r < 0)
			return fail_with(why, REFUSED, "line %u: %s", kv.line, ours.msg);
	}
	return check_whole(ret, &raw, why);
}

void preset_done(struct preset *preset)
{
	proxy_done(&preset->proxy);
	explicit_bzero(preset->hash, sizeof(preset->hash));
}
