/* SPDX-License-Identifier: Apache-2.0 */
/* Adapters on the bus: reading them, and checking and applying a change. */
#include "api_adapters.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "lib/cleanup.h"
#include "netlink.h"
#include "preset.h"
#include "refuse.h"
#include "request.h"

#define CONFIRM_SECONDS_MIN 10
#define CONFIRM_SECONDS_MAX 600

static const char *link_state(const struct link *link)
{
	return !link->up ? "off" : link->carrier ? "up" : "down";
}

/* What is configured: the change that waits, the record, or DHCP. */
static void configured(const struct hostd *h, const char *adapter, struct net_settings *ret)
{
	if (h->pending.id[0] && strcmp(h->pending.change.adapter, adapter) == 0)
		*ret = h->pending.change.settings;
	else
		(void)network_recorded(&h->site, adapter, ret, NULL);
}

/* The link that carries the address: the adapter itself or its VLAN; NULL while that is not there. */
static const struct link *carrier_of(const struct links *links, const struct link *link,
				     const struct net_settings *settings)
{
	char name[16];

	if (!settings->vlan)
		return link;
	return links_find(links, net_config_vlan_name(link->name, settings->vlan, name));
}

static int append_link(sd_bus_message *m, const struct link *link)
{
	int r = api_string(m, "name", link->name);

	if (r >= 0)
		r = api_string(m, "mac", link->mac);
	if (r >= 0)
		r = api_string(m, "driver", link->driver);
	if (r >= 0)
		r = api_string(m, "link", link_state(link));
	if (r >= 0)
		r = api_bool(m, "carrier", link->up && link->carrier);
	if (r >= 0)
		r = api_u32(m, "speed", link->speed_mbit);
	if (r >= 0)
		r = api_u32(m, "mtu", link->mtu);
	if (r >= 0)
		r = api_u32(m, "mtu-min",
			    link->mtu_min > NET_MTU_LEAST ? link->mtu_min : NET_MTU_LEAST);
	if (r >= 0)
		r = api_u32(m, "mtu-max",
			    link->mtu_max && link->mtu_max < 65535 ? link->mtu_max : 65535);
	return r;
}

/* Link-local IPv6 is on every link and tells a person nothing; one may be connected through it. */
static bool is_link_local(const struct link_address *address)
{
	return address->family == AF_INET6 && strncmp(address->text, "fe80:", 5) == 0;
}

static int append_addresses(sd_bus_message *m, const struct links *links, const struct link *link)
{
	char shown[LINK_ADDRESSES_MAX][64] = { "" }, local[LINK_ADDRESSES_MAX][64] = { "" };
	uint32_t lease_s = 0;
	bool is_default = link && link->gateway[0];
	size_t n = 0, n_local = 0;
	int r;

	for (size_t i = 0; link && i < link->n_addresses; i++) {
		if (is_link_local(&link->addresses[i])) {
			memcpy(local[n_local++], link->addresses[i].text, sizeof(local[0]));
			continue;
		}
		memcpy(shown[n++], link->addresses[i].text, sizeof(shown[0]));
		if (link->addresses[i].family == AF_INET && link->addresses[i].valid_s)
			lease_s = link->addresses[i].valid_s;
	}
	/* The default route in force is the one with the lowest metric. */
	for (size_t i = 0; is_default && i < links->n; i++)
		if (links->rows[i].gateway[0] && links->rows[i].metric < link->metric)
			is_default = false;
	r = api_strings(m, "addresses", shown[0], sizeof(shown[0]), n);
	if (r >= 0)
		r = api_strings(m, "link-local", local[0], sizeof(local[0]), n_local);
	if (r >= 0)
		r = api_string(m, "gateway", link ? link->gateway : "");
	if (r >= 0)
		r = api_u64(m, "lease", lease_s);
	if (r >= 0)
		r = api_bool(m, "default", is_default);
	return r;
}

static int append_settings(sd_bus_message *m, const struct net_settings *settings)
{
	struct net_setting_texts t;
	int r;

	net_config_texts(settings, &t);
	r = sd_bus_message_append(m, "{sv}", "mode", "s", t.mode);
	if (r >= 0)
		r = api_u32(m, "vlan", settings->vlan);
	if (r >= 0)
		r = sd_bus_message_append(m, "{sv}", "settings", "a{ss}", 6, "mode", t.mode,
					  "address", t.address, "netmask", t.netmask, "gateway",
					  t.gateway, "vlan", t.vlan, "mtu", t.mtu);
	return r;
}

static int append_adapter(sd_bus_message *m, struct hostd *h, const struct links *links,
			  const struct link *link)
{
	bool waits = h->pending.id[0] && strcmp(h->pending.change.adapter, link->name) == 0;
	struct net_settings settings;
	int r = sd_bus_message_open_container(m, 'a', "{sv}");

	configured(h, link->name, &settings);
	if (r >= 0)
		r = append_link(m, link);
	if (r >= 0)
		r = append_settings(m, &settings);
	if (r >= 0)
		r = append_addresses(m, links, carrier_of(links, link, &settings));
	if (r >= 0)
		r = api_string(m, "pending", waits ? h->pending.id : "");
	return r < 0 ? r : sd_bus_message_close_container(m);
}

int method_list_adapters(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	autobusmessage sd_bus_message *reply = NULL;
	autofree struct links *links = calloc(1, sizeof(*links));
	struct hostd *h = userdata;
	struct fail why = { 0 };
	struct caller caller;
	int r = caller_admit_read(h, m, &caller);

	(void)error;
	if (r != 0 || !links)
		return r != 0 ? r : -ENOMEM;
	if (links_read(links, &why) < 0)
		return answer_fail(m, &why);
	r = sd_bus_message_new_method_return(m, &reply);
	if (r >= 0)
		r = sd_bus_message_open_container(reply, 'a', "a{sv}");
	for (size_t i = 0; r >= 0 && i < links->n; i++)
		if (link_is_adapter(&links->rows[i], h->site.adapter_kind))
			r = append_adapter(reply, h, links, &links->rows[i]);
	if (r >= 0)
		r = sd_bus_message_close_container(reply);
	return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

const struct link *adapter_find(struct hostd *h, struct links *links, const char *name,
				struct fail *why)
{
	const struct link *link;

	if (links_read(links, why) < 0)
		return NULL;
	link = links_find(links, name);
	if (link && link_is_adapter(link, h->site.adapter_kind))
		return link;
	fail_with(why, NOT_FOUND, "the adapter %.20s is not there (any more)",
		  adapter_name_is_valid(name) ? name : "of that name");
	return NULL;
}

int method_get_adapter(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	autobusmessage sd_bus_message *reply = NULL;
	autofree struct links *links = calloc(1, sizeof(*links));
	struct hostd *h = userdata;
	const char *token, *name;
	const struct link *link;
	struct fail why = { 0 };
	struct caller caller;
	int r = sd_bus_message_read(m, "ss", &token, &name);

	(void)error;
	if (r < 0 || !links)
		return r < 0 ? r : -ENOMEM;
	if (caller_admit(h, m, token, &caller, &why) < 0)
		return answer_fail(m, &why);
	link = adapter_find(h, links, name, &why);
	if (!link)
		return answer_fail(m, &why);
	r = sd_bus_message_new_method_return(m, &reply);
	if (r >= 0)
		r = append_adapter(reply, h, links, link);
	return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

struct adapter_data {
	struct site site;
	struct network_change change;
	unsigned confirm_seconds; /* 0: for good */
};

static int work_set(void *arg, struct fail *why)
{
	struct adapter_data *data = arg;
	int r = network_probe(&data->site, &data->change, why);

	if (r < 0)
		return r;
	if (data->confirm_seconds)
		return network_sync(&data->site, &data->change, why);
	return preset_settle_adapter(&data->site, data->change.adapter,
				     network_apply(&data->site, &data->change, why));
}

static void after_set(struct request *request, int result)
{
	struct adapter_data *data = request->data;

	if (result < 0)
		return;
	if (data->confirm_seconds)
		(void)pending_begin(request->h, &data->change, data->confirm_seconds);
	hostd_emit(request->h, HOSTD_NETWORK, "AdaptersChanged");
}

static int answer_set(struct request *request)
{
	struct adapter_data *data = request->data;

	return sd_bus_reply_method_return(request->message, "s",
					  data->confirm_seconds ? request->h->pending.id : "");
}

/* Addresses in force on other adapters (their VLANs too), and those that are configured there. */
static int check_taken(struct hostd *h, const struct links *links, const struct link *own,
		       const struct net_settings *settings, struct fail *why)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < links->n; i++) {
		const struct link *link = &links->rows[i];
		struct net_taken taken = { .adapter = link->name };
		struct net_settings other;

		if (link == own || link->parent == own->index)
			continue;
		for (size_t j = 0; r == 0 && j < link->n_addresses; j++) {
			taken.address = link->addresses[j].ipv4;
			r = net_check_taken(settings, &taken, 1, why);
		}
		if (r < 0 || !link_is_adapter(link, h->site.adapter_kind))
			continue;
		configured(h, link->name, &other);
		taken.address = other.address;
		r = net_check_taken(settings, &taken, 1, why);
	}
	return r;
}

static int read_settings(sd_bus_message *m, struct net_text *ret, struct fail *why)
{
	const char *key, *value;
	int r = sd_bus_message_enter_container(m, 'a', "{ss}");

	while (r >= 0 && (r = sd_bus_message_read(m, "{ss}", &key, &value)) > 0) {
		const char **member = net_text_member(ret, key);

		if (!member)
			return refuse(why, FIELD_MODE, key, "is no setting of an adapter");
		*member = value;
	}
	if (r >= 0)
		r = sd_bus_message_exit_container(m);
	return r < 0 ? fail_errno(why, -r, "read the call") : 0;
}

static int check_set(struct hostd *h, const char *name, const struct net_text *text,
		     struct adapter_data *data, struct fail *why)
{
	autofree struct links *links = calloc(1, sizeof(*links));
	struct net_limits limits;
	const struct link *link;
	int r;

	if (!links)
		return fail_errno(why, ENOMEM, "change %s", name);
	if (h->pending.id[0])
		return fail_with(why, BUSY,
				 "a change of %s waits to be confirmed or taken back first",
				 h->pending.change.adapter);
	link = adapter_find(h, links, name, why);
	if (!link)
		return -why->code;
	limits = (struct net_limits){ link->mtu_min, link->mtu_max };
	r = net_check(name, text, &limits, &data->change.settings, why);
	if (r == 0)
		r = check_taken(h, links, link, &data->change.settings, why);
	snprintf(data->change.adapter, sizeof(data->change.adapter), "%s", link->name);
	snprintf(data->change.mac, sizeof(data->change.mac), "%s", link->mac);
	if (r == 0 && data->confirm_seconds &&
	    (data->confirm_seconds < CONFIRM_SECONDS_MIN ||
	     data->confirm_seconds > CONFIRM_SECONDS_MAX))
		r = refuse(why, FIELD_MODE, NULL, "the time to confirm is %d to %d seconds",
			   CONFIRM_SECONDS_MIN, CONFIRM_SECONDS_MAX);
	return r;
}

int method_set_adapter(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct net_text text = { 0 };
	const char *token, *name;
	struct hostd *h = userdata;
	struct adapter_data *data;
	char said[96];
	struct request *request;
	struct fail why = { 0 };
	int r = sd_bus_message_read(m, "ss", &token, &name);

	(void)error;
	if (r < 0)
		return r;
	request = request_new(h, m, token, "set-adapter", name, NULL, &r);
	if (!request)
		return r;
	request->after = after_set;
	request->answer = answer_set;
	data = request_data(request, sizeof(*data));
	if (!data) {
		fail_errno(&why, ENOMEM, "change %s", name);
		return request_fail(request, &why);
	}
	data->site = h->site;
	r = read_settings(m, &text, &why);
	if (r == 0 && sd_bus_message_read(m, "u", &data->confirm_seconds) < 0)
		r = fail_with(&why, EIO, "the call has no confirm-seconds");
	if (r == 0)
		r = check_set(h, name, &text, data, &why);
	if (r == 0)
		snprintf(request->object, sizeof(request->object), "%s: %s%s", data->change.adapter,
			 net_config_describe(&data->change.settings, said, sizeof(said)),
			 data->confirm_seconds ? ", to be confirmed" : "");
	return request_run(request, r, &why, JOB_NETWORK, work_set);
}
