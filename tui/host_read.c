/* SPDX-License-Identifier: Apache-2.0 */
#include "host_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"

/* Where the value of a key goes; a key that is not named is skipped. */
struct fact {
	const char *key;
	const char *type; /* "s", "b", "u", "t", "as", "a{ss}" */
	void *to;
	size_t size; /* of one string */
};

#define STRING(key, to)	  { key, "s", to, sizeof(to) }
#define NUMBER(key, to)	  { key, "u", &(to), 0 }
#define BIG(key, to)	  { key, "t", &(to), 0 }
#define CLAIM(key, to)	  { key, "b", &(to), 0 }
#define LIST(key, to)	  { key, "as", &(to), 0 }
#define SETTINGS(key, to) { key, "a{ss}", &(to), 0 }

static int read_strings(sd_bus_message *m, char *first, size_t size, size_t max, size_t *ret_n)
{
	const char *text;
	int r = sd_bus_message_enter_container(m, 'a', "s");

	*ret_n = 0;
	while (r >= 0 && (r = sd_bus_message_read(m, "s", &text)) > 0)
		if (*ret_n < max)
			snprintf(first + (*ret_n)++ * size, size, "%s", text);
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

int read_list(sd_bus_message *m, struct host_list *ret)
{
	return read_strings(m, ret->items[0], sizeof(ret->items[0]), HOST_LIST_MAX, &ret->n);
}

static int read_settings(sd_bus_message *m, struct host_settings *ret)
{
	const struct fact facts[] = {
		STRING("mode", ret->mode),	 STRING("address", ret->address),
		STRING("netmask", ret->netmask), STRING("gateway", ret->gateway),
		STRING("vlan", ret->vlan),	 STRING("mtu", ret->mtu),
	};
	const char *key, *value;
	int r = sd_bus_message_enter_container(m, 'a', "{ss}");

	while (r >= 0 && (r = sd_bus_message_read(m, "{ss}", &key, &value)) > 0)
		for (size_t i = 0; i < ARRAY_SIZE(facts); i++)
			if (strcmp(facts[i].key, key) == 0)
				snprintf(facts[i].to, facts[i].size, "%s", value);
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_value(sd_bus_message *m, const struct fact *fact)
{
	const char *text = "";
	int r, claim = 0;

	if (strcmp(fact->type, "s") == 0) {
		r = sd_bus_message_read(m, "s", &text);
		snprintf(fact->to, fact->size, "%s", text);
		return r;
	}
	if (strcmp(fact->type, "b") == 0) {
		r = sd_bus_message_read(m, "b", &claim);
		*(bool *)fact->to = claim != 0;
		return r;
	}
	if (strcmp(fact->type, "as") == 0)
		return read_list(m, fact->to);
	if (strcmp(fact->type, "a{ss}") == 0)
		return read_settings(m, fact->to);
	return sd_bus_message_read_basic(m, fact->type[0], fact->to);
}

static const struct fact *find(const struct fact *facts, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(facts[i].key, key) == 0)
			return &facts[i];
	return NULL;
}

/* One a{sv}. 1: read; 0: the array around it has ended. */
static int read_facts(sd_bus_message *m, const struct fact *facts, size_t n)
{
	int r = sd_bus_message_enter_container(m, 'a', "{sv}");

	if (r <= 0)
		return r;
	while ((r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
		const struct fact *fact;
		const char *key, *type;

		r = sd_bus_message_read(m, "s", &key);
		if (r >= 0)
			r = sd_bus_message_peek_type(m, NULL, &type);
		if (r < 0)
			return r;
		fact = find(facts, n, key);
		if (fact && strcmp(fact->type, type) == 0) {
			r = sd_bus_message_enter_container(m, 'v', type);
			if (r >= 0)
				r = read_value(m, fact);
			if (r >= 0)
				r = sd_bus_message_exit_container(m);
		} else {
			r = sd_bus_message_skip(m, "v");
		}
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
		if (r < 0)
			return r;
	}
	if (r >= 0)
		r = sd_bus_message_exit_container(m);
	return r < 0 ? r : 1;
}

int read_public(sd_bus_message *m, struct host_public *ret)
{
	const struct fact facts[] = {
		STRING("hostname", ret->hostname),
		STRING("version", ret->version),
		CLAIM("has-account", ret->has_account),
		STRING("settings-error", ret->settings_error),
	};

	*ret = (struct host_public){ 0 };
	return read_facts(m, facts, ARRAY_SIZE(facts));
}

int read_info(sd_bus_message *m, struct host_info *ret)
{
	const struct fact facts[] = {
		STRING("hostname", ret->hostname),
		STRING("default-hostname", ret->default_hostname),
		STRING("product-uuid", ret->product_uuid),
		STRING("serial", ret->serial),
		STRING("vendor", ret->vendor),
		STRING("model", ret->model),
		STRING("version", ret->version),
		STRING("slot", ret->slot),
		STRING("copied-from", ret->copied_from),
		LIST("ssh-fingerprints", ret->ssh_fingerprints),
		CLAIM("ssh-running", ret->ssh_running),
		NUMBER("localui-port", ret->localui_port),
		STRING("localui-fingerprint", ret->localui_fingerprint),
	};

	*ret = (struct host_info){ 0 };
	return read_facts(m, facts, ARRAY_SIZE(facts));
}

static int read_adapter(sd_bus_message *m, struct host_adapter *ret)
{
	struct host_list addresses = { 0 };
	const struct fact facts[] = {
		STRING("name", ret->name),	   STRING("mac", ret->mac),
		STRING("driver", ret->driver),	   STRING("link", ret->link),
		STRING("mode", ret->mode),	   NUMBER("speed", ret->speed_mbit),
		NUMBER("vlan", ret->vlan),	   NUMBER("mtu", ret->mtu),
		NUMBER("mtu-min", ret->mtu_min),   NUMBER("mtu-max", ret->mtu_max),
		LIST("addresses", addresses),	   LIST("link-local", ret->link_local),
		STRING("gateway", ret->gateway),   BIG("lease", ret->lease_s),
		CLAIM("default", ret->is_default), SETTINGS("settings", ret->settings),
		STRING("pending", ret->pending),
	};
	int r;

	*ret = (struct host_adapter){ 0 };
	r = read_facts(m, facts, ARRAY_SIZE(facts));
	for (; ret->n_addresses < addresses.n; ret->n_addresses++)
		snprintf(ret->addresses[ret->n_addresses], sizeof(ret->addresses[0]), "%.63s",
			 addresses.items[ret->n_addresses]);
	return r;
}

/* The kernel's order is that of its drivers, and another one after the next boot. */
static int compare_names(const void *a, const void *b)
{
	return strverscmp(((const struct host_adapter *)a)->name,
			  ((const struct host_adapter *)b)->name);
}

int read_adapters(sd_bus_message *m, struct host_adapters *ret)
{
	int r = sd_bus_message_enter_container(m, 'a', "a{sv}");

	ret->n = 0;
	while (r > 0) {
		struct host_adapter one;

		r = read_adapter(m, &one);
		if (r > 0 && ret->n < HOST_ADAPTERS_MAX)
			ret->items[ret->n++] = one;
	}
	if (r < 0)
		return r;
	qsort(ret->items, ret->n, sizeof(ret->items[0]), compare_names);
	return sd_bus_message_exit_container(m);
}

int read_dns(sd_bus_message *m, struct host_dns *ret)
{
	const struct fact facts[] = {
		STRING("primary", ret->primary), STRING("alternate", ret->alternate),
		STRING("search", ret->search),	 LIST("servers", ret->servers),
		LIST("domains", ret->domains),	 CLAIM("by-dhcp", ret->by_dhcp),
	};

	*ret = (struct host_dns){ 0 };
	return read_facts(m, facts, ARRAY_SIZE(facts));
}

int read_pending(sd_bus_message *m, struct host_pending *ret)
{
	const struct fact facts[] = {
		STRING("change", ret->change),
		STRING("adapter", ret->adapter),
		NUMBER("remaining", ret->remaining_s),
	};

	*ret = (struct host_pending){ 0 };
	return read_facts(m, facts, ARRAY_SIZE(facts));
}
