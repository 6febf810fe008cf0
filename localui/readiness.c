/* SPDX-License-Identifier: Apache-2.0 */
/* readiness.c - what is ready here for a cluster, and what the next guide needs. Pure. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "host_facts.h"

enum state { OK, MISSING, UNKNOWN };

static void put(json_t *items, const char *name, enum state state, const char *text)
{
	static const char *const words[] = { "ok", "missing", "unknown" };

	(void)json_array_append_new(items, json_pack("{s:s, s:s, s:s}", "name", name, "state",
						     words[state], "text", text));
}

static const json_t *default_nic(const json_t *host)
{
	const json_t *nics = json_object_get(json_object_get(host, "hardware"), "nics"), *nic;
	size_t i;

	json_array_foreach(nics, i,
			   nic) if (json_is_true(json_object_get(nic, "isDefault"))) return nic;
	return json_array_get(nics, 0);
}

static const char *string_of(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value ? value : "";
}

static void put_hardware(json_t *items, const json_t *host)
{
	const json_t *hardware = json_object_get(host, "hardware");
	const json_t *memory = json_object_get(hardware, "memory");
	json_int_t threads =
		json_integer_value(json_object_get(json_object_get(hardware, "cpu"), "threads"));
	json_int_t gib = json_integer_value(json_object_get(memory, "totalBytes")) >> 30;
	char text[200];

	snprintf(text, sizeof(text),
		 "%d processors, %d GiB of memory. The next guide's size table says what the "
		 "cluster "
		 "needs.",
		 (int)threads, (int)gib);
	put(items, "Hardware", UNKNOWN, text);
}

static bool put_network(json_t *items, const json_t *host)
{
	const json_t *nic = default_nic(host);
	const json_t *servers = json_object_get(json_object_get(host, "dns"), "nameservers");
	const char *ip = string_of(nic, "ip");
	char text[300];

	if (*ip)
		snprintf(text, sizeof(text),
			 "%s on %s. It must not change once there is a cluster.", ip,
			 string_of(nic, "name"));
	put(items, "IP address", *ip ? OK : MISSING,
	    *ip ? text : "No adapter has an IPv4 address: configure one under Edge Host.");
	put(items, "Name servers", json_array_size(servers) ? OK : MISSING,
	    json_array_size(servers) ? "Configured, or from DHCP."
				     : "None: set one under Edge Host, DNS.");
	return *ip && json_array_size(servers) > 0;
}

static bool put_time(json_t *items, const json_t *host)
{
	bool is_synced =
		json_is_true(json_object_get(json_object_get(host, "ntp"), "synchronized"));

	put(items, "Time", is_synced ? OK : MISSING,
	    is_synced ? "Synchronized with a time server."
		      : "Not synchronized: set a time server under Edge Host that this host "
			"reaches.");
	return is_synced;
}

static void put_ports(json_t *items)
{
	static const struct {
		const char *name, *text;
	} ports[] = {
		{ "Port 443",
		  "In, and between the nodes: users of the management cluster. Open in "
		  "this host's firewall; firewalls on the way have to let it through." },
		{ "Port 6443", "Out to and in from the deployed clusters: Kubernetes. Open in this "
			       "host's firewall." },
		{ "Port 30003",
		  "In from the deployed clusters: registry. Open in this host's firewall." },
	};

	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		put(items, ports[i].name, UNKNOWN, ports[i].text);
}

json_t *facts_readiness(const json_t *host)
{
	json_t *items = json_array();
	bool ready = put_network(items, host);

	ready = put_time(items, host) && ready;
	put_hardware(items, host);
	put_ports(items);
	return json_pack(
		"{s:b, s:o, s:[{s:s, s:s, s:s, s:s}], s:s}", "ready", ready, "items", items,
		"hosts", "name", string_of(json_object_get(host, "metadata"), "name"), "address",
		string_of(default_nic(host), "ip"), "role", "this host", "status", "Ready",
		"message",
		"Clusters cannot be created on this host yet. A cluster takes this host, or three "
		"hosts that are linked.");
}
