/* SPDX-License-Identifier: Apache-2.0 */
/* api_network.c - adapters, name servers, time servers, proxy. */
#include <string.h>

#include "api.h"
#include "host_facts.h"
#include "lib/cleanup.h"

static void listed_adapters(struct exchange *x, sd_bus_message *m)
{
	char local[INET6_ADDRSTRLEN];
	json_t *rows = api_value(x, m);

	if (!rows)
		return;
	answer_json(x, 200, facts_adapters(rows, exchange_local_address(x, local)));
	json_decref(rows);
}

void api_list_adapters(struct exchange *x)
{
	host_call(x, HOST_NETWORK, "ListAdapters", listed_adapters, NULL);
}

static void got_adapter(struct exchange *x, sd_bus_message *m)
{
	char local[INET6_ADDRSTRLEN];
	json_t *facts = api_value(x, m);

	if (!facts)
		return;
	answer_json(x, 200, facts_adapter(facts, exchange_local_address(x, local)));
	json_decref(facts);
}

void api_get_adapter(struct exchange *x)
{
	host_call(x, HOST_NETWORK, "GetAdapter", got_adapter,
		  (const char *[]){ x->params[0], NULL });
}

static void adapter_changed(struct exchange *x, sd_bus_message *m)
{
	json_t *change = api_value(x, m);

	if (change)
		answer_json(x, 200, json_pack("{s:o}", "changeId", change));
}

void api_put_adapter(struct exchange *x)
{
	static const char *const keys[] = {
		"mode", "address", "netmask", "gateway", "vlan", "mtu"
	};
	sd_bus_message *m = host_message(x, HOST_NETWORK, "SetAdapter");
	uint32_t seconds = (uint32_t)json_integer_value(json_object_get(x->json, "confirmSeconds"));
	int r = m ? sd_bus_message_append(m, "ss", x->token, x->params[0]) : 0;

	if (!m)
		return;
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'a', "{ss}");
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(keys); i++)
		r = sd_bus_message_append(m, "{ss}", keys[i], field_string(x->json, keys[i]));
	if (r >= 0)
		r = sd_bus_message_close_container(m);
	if (r >= 0)
		r = sd_bus_message_append(m, "u", seconds);
	host_send(x, m, r, LIMIT_LONG_CALL_SECONDS, adapter_changed);
}

static void got_change(struct exchange *x, sd_bus_message *m)
{
	json_t *facts = api_value(x, m);
	const char *id = json_string_value(json_object_get(facts, "change"));
	const char *adapter = json_string_value(json_object_get(facts, "adapter"));

	if (!facts)
		return;
	answer_json(x, 200,
		    json_pack("{s:s, s:s, s:I}", "changeId", id ? id : "", "adapter",
			      adapter ? adapter : "", "remainingSeconds",
			      json_integer_value(json_object_get(facts, "remaining"))));
	json_decref(facts);
}

void api_get_change(struct exchange *x)
{
	host_call(x, HOST_NETWORK, "PendingChange", got_change, NULL);
}

void api_confirm_change(struct exchange *x)
{
	host_call(x, HOST_NETWORK, "Confirm", api_done, (const char *[]){ x->params[0], NULL });
}

void api_revert_change(struct exchange *x)
{
	host_call(x, HOST_NETWORK, "Revert", api_done, (const char *[]){ x->params[0], NULL });
}

/* What the reply has is what the API has. */
static void same_names(struct exchange *x, sd_bus_message *m)
{
	json_t *facts = api_value(x, m);

	if (facts)
		answer_json(x, 200, facts);
}

static void on_dns(struct exchange *x, sd_bus_message *m)
{
	static const struct host_key keys[] = {
		{ "primary", "primary" }, { "alternate", "alternate" }, { "search", "search" },
		{ "servers", "servers" }, { "domains", "domains" },	{ 0 },
	};

	api_answer_renamed(x, m, keys);
}

void api_get_dns(struct exchange *x)
{
	host_call(x, HOST_NETWORK, "GetDns", on_dns, NULL);
}

void api_put_dns(struct exchange *x)
{
	host_call(x, HOST_NETWORK, "SetDns", api_done,
		  (const char *[]){ field_string(x->json, "primary"),
				    field_string(x->json, "alternate"),
				    field_string(x->json, "search"), NULL });
}

void api_get_ntp(struct exchange *x)
{
	host_call(x, HOST_NETWORK, "GetNtp", same_names, NULL);
}

static int append_strings(sd_bus_message *m, const json_t *list)
{
	int r = sd_bus_message_open_container(m, 'a', "s");
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item) if (r >= 0) r =
		sd_bus_message_append(m, "s", json_string_value(item));
	return r < 0 ? r : sd_bus_message_close_container(m);
}

void api_put_ntp(struct exchange *x)
{
	sd_bus_message *m = host_message(x, HOST_NETWORK, "SetNtp");
	int r = m ? sd_bus_message_append(m, "s", x->token) : 0;

	if (m && r >= 0)
		r = append_strings(m, json_object_get(x->json, "servers"));
	host_send(x, m, r, LIMIT_CALL_SECONDS, api_done);
}

static void got_configurations(struct exchange *x, sd_bus_message *m)
{
	static const struct host_key keys[] = {
		{ "http", "httpProxy" },
		{ "https", "httpsProxy" },
		{ "no-proxy", "noProxy" },
		{ "ca-certificates", "caCerts" },
		{ 0 },
	};

	api_answer_renamed(x, m, keys);
}

void api_get_configurations(struct exchange *x)
{
	host_call(x, HOST_NETWORK, "GetProxy", got_configurations, NULL);
}

static void configurations_taken(struct exchange *x, sd_bus_message *m)
{
	(void)m;
	answer_empty(x, 202);
}

void api_put_configurations(struct exchange *x)
{
	sd_bus_message *m = host_message(x, HOST_NETWORK, "SetProxy");
	int r = m ? sd_bus_message_append(m, "ssss", x->token, field_string(x->json, "httpProxy"),
					  field_string(x->json, "httpsProxy"),
					  field_string(x->json, "noProxy"))
		  : 0;

	if (m && r >= 0)
		r = append_strings(m, json_object_get(x->json, "caCerts"));
	host_send(x, m, r, LIMIT_LONG_CALL_SECONDS, configurations_taken);
}

static void got_configurations_status(struct exchange *x, sd_bus_message *m)
{
	static const struct host_key keys[] = {
		{ "state", "state" },
		{ "reason", "errorMessage" },
		{ 0 },
	};

	api_answer_renamed(x, m, keys);
}

void api_get_configurations_status(struct exchange *x)
{
	host_call(x, HOST_NETWORK, "GetProxy", got_configurations_status, NULL);
}
