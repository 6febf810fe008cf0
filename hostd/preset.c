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
	const char *ntp[NTP_SERVERS_MAX];
	size_t n_ntp;
	const char *http, *https, *no_proxy, *ca[PROXY_CA_MAX];
	size_t n_ca;
	bool has_dns, has_ntp, has_proxy;
};

static struct raw_adapter *adapter_of(struct raw *raw, const char *name, size_t bytes)
{
	struct raw_adapter *adapter;

	for (size_t i = 0; i < raw->n_adapters; i++)
		if (strlen(raw->adapters[i].name) == bytes &&
		    strncmp(raw->adapters[i].name, name, bytes) == 0)
			return &raw->adapters[i];
	if (raw->n_adapters == PRESET_ADAPTERS_MAX || bytes > 15)
		return NULL;
	adapter = &raw->adapters[raw->n_adapters++];
	snprintf(adapter->name, sizeof(adapter->name), "%.*s", (int)bytes, name);
	return adapter_name_is_valid(adapter->name) ? adapter : NULL;
}

/* "adapter.NAME.address" and its like. -ENOENT: no such key. */
static int set_adapter(struct raw *raw, const char *key, const char *value)
{
	const char *name = key + strlen("adapter."), *dot = strrchr(name, '.');
	struct raw_adapter *adapter = dot ? adapter_of(raw, name, (size_t)(dot - name)) : NULL;
	const char **member;

	if (!adapter)
		return -ENOENT;
	member = strcmp(dot, ".mode") == 0	? &adapter->text.mode
		 : strcmp(dot, ".address") == 0 ? &adapter->text.address
		 : strcmp(dot, ".netmask") == 0 ? &adapter->text.netmask
		 : strcmp(dot, ".gateway") == 0 ? &adapter->text.gateway
		 : strcmp(dot, ".vlan") == 0	? &adapter->text.vlan
		 : strcmp(dot, ".mtu") == 0	? &adapter->text.mtu
						: NULL;
	if (!member)
		return -ENOENT;
	*member = value;
	return 0;
}

static int set_names(struct raw *raw, const char *key, char *value)
{
	char *save = NULL;

	if (strcmp(key, "dns.primary") == 0)
		raw->dns_primary = value;
	else if (strcmp(key, "dns.alternate") == 0)
		raw->dns_alternate = value;
	else if (strcmp(key, "dns.search") == 0)
		raw->dns_search = value;
	else if (strcmp(key, "ntp.servers") != 0)
		return -ENOENT;
	raw->has_dns |= key[0] == 'd';
	if (key[0] == 'd')
		return 0;
	raw->has_ntp = true;
	raw->n_ntp = 0;
	for (char *word = strtok_r(value, " ,", &save); word && raw->n_ntp < NTP_SERVERS_MAX;
	     word = strtok_r(NULL, " ,", &save))
		raw->ntp[raw->n_ntp++] = word;
	return 0;
}

static int set_proxy(struct raw *raw, const char *key, const char *value)
{
	if (strcmp(key, "proxy.http") == 0)
		raw->http = value;
	else if (strcmp(key, "proxy.https") == 0)
		raw->https = value;
	else if (strcmp(key, "proxy.no-proxy") == 0)
		raw->no_proxy = value;
	else if (strcmp(key, "proxy.ca") == 0 && raw->n_ca < PROXY_CA_MAX)
		raw->ca[raw->n_ca++] = value;
	else
		return -ENOENT;
	raw->has_proxy = true;
	return 0;
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

/* -ENOENT: no such key. */
static int set_one(struct preset *preset, struct raw *raw, struct keyvalue *kv, struct fail *why)
{
	unsigned port;
	int r;

	if (!kv->key)
		return -ENOENT;
	if (strncmp(kv->key, "adapter.", 8) == 0)
		return set_adapter(raw, kv->key, kv->value);
	if (strncmp(kv->key, "dns.", 4) == 0 || strncmp(kv->key, "ntp.", 4) == 0)
		return set_names(raw, kv->key, kv->value);
	if (strncmp(kv->key, "proxy.", 6) == 0)
		return set_proxy(raw, kv->key, kv->value);
	if (strncmp(kv->key, "account.", 8) == 0)
		return set_account(preset, kv->key, kv->value, why);
	/* Read where it is used, at any time; here it is only checked. */
	if (strcmp(kv->key, "localui-port") == 0 || strcmp(kv->key, "sync-port") == 0)
		return keyvalue_number(kv->value, 1, 65535, &port)
			       ? 0
			       : refuse(why, kv->key, kv->value, "is no port from 1 to 65535");
	if (strcmp(kv->key, "hostname") != 0)
		return -ENOENT;
	r = hostname_check(kv->value, why);
	if (r == 0)
		snprintf(preset->hostname, sizeof(preset->hostname), "%s", kv->value);
	return r;
}

static int check_whole(struct preset *preset, const struct raw *raw, struct fail *why)
{
	static const struct net_limits any = { 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < raw->n_adapters; i++) {
		struct network_change *change = &preset->adapters[preset->n_adapters++];

		snprintf(change->adapter, sizeof(change->adapter), "%s", raw->adapters[i].name);
		r = net_check(change->adapter, &raw->adapters[i].text, &any, &change->settings,
			      why);
		if (r < 0)
			return fail_wrap(why, "adapter %s", change->adapter);
	}
	if (!!preset->user[0] != !!preset->hash[0])
		return refuse(why, FIELD_USER, NULL,
			      "account.user and account.password-hash belong together");
	preset->has_dns = raw->has_dns;
	preset->has_ntp = raw->has_ntp;
	if (raw->has_dns)
		r = dns_check(raw->dns_primary, raw->dns_alternate, raw->dns_search, &preset->dns,
			      why);
	if (r == 0 && raw->has_ntp)
		r = ntp_check(raw->ntp, raw->n_ntp, &preset->ntp, why);
	if (r == 0 && raw->has_proxy)
		r = proxy_check(raw->http ? raw->http : "", raw->https ? raw->https : "",
				raw->no_proxy ? raw->no_proxy : "", raw->ca, raw->n_ca,
				&preset->proxy, why);
	preset->has_proxy = raw->has_proxy && r == 0;
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
