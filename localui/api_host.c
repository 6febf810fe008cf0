/* SPDX-License-Identifier: Apache-2.0 */
/* api_host.c - the host itself: name, power, modes. */
#include "api.h"
#include "host_facts.h"
#include "snapshot.h"

void api_ping(struct exchange *x)
{
	answer_json(x, 200, json_pack("{s:s}", "status", "ok"));
}

static void got_public(struct exchange *x, sd_bus_message *m)
{
	static const struct host_key keys[] = {
		{ "hostname", "hostname" },
		{ "version", "version" },
		{ "has-account", "hasAccount" },
		{ "localui-fingerprint", "fingerprint" },
		{ 0 },
	};
	json_t *facts = api_value(x, m), *body;

	if (!facts)
		return;
	body = host_renamed(facts, keys);
	json_decref(facts);
	(void)json_object_set_new(body, "port", json_integer(x->server->port));
	(void)json_object_set_new(body, "hostId", json_string(x->server->host_id));
	/* What this server shows is what counts, not what the host service would expect. */
	(void)json_object_set_new(body, "fingerprint", json_string(x->server->tls->fingerprint));
	answer_json(x, 200, body);
}

void api_public(struct exchange *x)
{
	host_send(x, host_message(x, HOST_ACCESS, "Public"), 0, LIMIT_CALL_SECONDS, got_public);
}

void api_patch_host(struct exchange *x)
{
	host_call(x, HOST_HOST, "SetHostname", api_done,
		  (const char *[]){ field_string(x->json, "name"), NULL });
}

static void accepted(struct exchange *x, sd_bus_message *m)
{
	(void)m;
	answer_empty(x, 202);
}

void api_reboot(struct exchange *x)
{
	host_call(x, HOST_HOST, "Reboot", accepted, NULL);
}

void api_shutdown(struct exchange *x)
{
	host_call(x, HOST_HOST, "PowerOff", accepted, NULL);
}

/* Whoever gives up before the host service has taken it back would call an armed reset failed. */
void api_reset(struct exchange *x)
{
	sd_bus_message *m = host_message(x, HOST_HOST, "Reset");
	int r = m ? sd_bus_message_append(m, "s", x->token) : 0;

	host_send(x, m, r, LIMIT_RESET_SECONDS, accepted);
}

void api_settings(struct exchange *x)
{
	answer_json(x, 200,
		    json_pack("{s:s, s:s, s:{s:b, s:b}, s:i}", "installationMode", "airgap",
			      "managementMode", "local", "featureFlags", "linkedHosts", 1,
			      "clusters", 0, "port", (int)x->server->port));
}

static void got_links(struct exchange *x, sd_bus_message *m)
{
	bool is_known = !sd_bus_message_is_method_error(m, NULL);
	json_t *link = is_known ? api_link_json(x, m) : NULL;

	if (is_known && !link)
		return;
	answer_json(x, 200, facts_readiness(x->server->snapshot.host, link));
	json_decref(link);
}

static void ask_links(struct exchange *x)
{
	sd_bus_message *m = link_message(x, "Status");

	/* What is ready of this host is worth telling without its links. */
	x->takes_errors = true;
	host_send(x, m, 0, LIMIT_CALL_SECONDS, got_links);
}

void api_readiness(struct exchange *x)
{
	snapshot_with(x, ask_links);
}

void api_not_yet(struct exchange *x)
{
	fail_answer(x, (struct refusal){ .status = 501, .code = "NotImplemented" },
		    "This version of Palette Edge creates no clusters; GET "
		    "/v1/edge-mgmt/cluster/readiness says what this host has ready for one");
}
