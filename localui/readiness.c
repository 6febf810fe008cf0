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

static void put_address(json_t *items, const json_t *nic)
{
	bool is_leased = json_integer_value(json_object_get(nic, "leaseSeconds")) > 0;
	const char *ip = string_of(nic, "ip"), *name = string_of(nic, "name");
	char text[300];

	if (!*ip) {
		put(items, "IP address", MISSING,
		    "No adapter has an IPv4 address: configure one under Edge Host.");
		return;
	}
	if (is_leased)
		snprintf(text, sizeof(text),
			 "%s on %s, by DHCP: reserve it on the DHCP server or make it static "
			 "before hosts are linked. It must not change once there is a cluster.",
			 ip, name);
	else
		snprintf(text, sizeof(text),
			 "%s on %s. It must not change once there is a cluster.", ip, name);
	/* Whether a lease is a reserved one only the DHCP server knows. */
	put(items, "IP address", is_leased ? UNKNOWN : OK, text);
}

static bool put_network(json_t *items, const json_t *host)
{
	const json_t *nic = default_nic(host);
	const json_t *servers = json_object_get(json_object_get(host, "dns"), "nameservers");
	bool has_servers = json_array_size(servers) > 0;

	put_address(items, nic);
	put(items, "Name servers", has_servers ? OK : MISSING,
	    has_servers ? "Configured, or from DHCP." : "None: set one under Edge Host, DNS.");
	return *string_of(nic, "ip") && has_servers;
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

static const char *state_of(const json_t *peer, const char *part)
{
	return string_of(json_object_get(peer, part), "state");
}

/* What a person waits for in its row of the linked hosts. */
static bool is_good(const json_t *peer)
{
	return strcmp(string_of(peer, "status"), "Ready") == 0 &&
	       strcmp(state_of(peer, "contentSyncStatus"), "Synced") == 0 &&
	       strcmp(state_of(peer, "health"), "Healthy") == 0;
}

/* How many of @peers are not, and the first of them in *@ret_first. */
static size_t count_bad(const json_t *peers, const json_t **ret_first)
{
	const json_t *peer;
	size_t n = 0, i;

	*ret_first = NULL;
	json_array_foreach(peers, i, peer) if (!is_good(peer) && n++ == 0) *ret_first = peer;
	return n;
}

static bool put_links(json_t *items, const json_t *link)
{
	const json_t *peers = json_object_get(link, "peers"), *first;
	size_t n = json_array_size(peers), n_bad = count_bad(peers, &first);
	bool follows = strcmp(string_of(link, "role"), "follower") == 0;
	enum state state = OK;
	char text[400];

	if (!link) {
		state = UNKNOWN;
		snprintf(text, sizeof(text),
			 "The link service does not answer; it is started again by itself.");
	} else if (n == 0) {
		snprintf(text, sizeof(text),
			 "None: a cluster of this host alone. For one of three hosts, link two "
			 "others under Linked Edge Hosts.");
	} else if (n_bad) {
		state = MISSING;
		snprintf(text, sizeof(text),
			 "%zu of %zu not yet Ready, Synced and Healthy: %.64s%s. The table of "
			 "hosts says why.",
			 n_bad, n, string_of(first, "hostName"), n_bad > 1 ? " and others" : "");
	} else if (follows) {
		snprintf(text, sizeof(text),
			 "The leader is Ready, Synced and Healthy. Its page has all hosts.");
	} else if (n == 1) {
		state = MISSING;
		snprintf(text, sizeof(text),
			 "1, and a cluster takes one host or three: link another one under Linked "
			 "Edge Hosts.");
	} else {
		snprintf(text, sizeof(text), "%zu, each Ready, Synced and Healthy.", n);
	}
	put(items, "Linked hosts", state, text);
	return state == OK;
}

/* The first thing that is not as it should be, "" nothing. */
static const char *reason_of(const json_t *peer)
{
	const char *const reasons[] = {
		string_of(peer, "statusReason"),
		string_of(json_object_get(peer, "health"), "reason"),
		string_of(json_object_get(peer, "contentSyncStatus"), "reason"),
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (*reasons[i])
			return reasons[i];
	return "";
}

static void put_host(json_t *hosts, const char *name, const char *address, const char *role,
		     const char *status, const char *content, const char *health,
		     const char *reason)
{
	(void)json_array_append_new(hosts, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "name",
						     name, "address", address, "role", role,
						     "status", status, "content", content, "health",
						     health, "reason", reason));
}

static json_t *hosts_of(const json_t *host, const json_t *link, bool ready)
{
	const char *role = string_of(link, "role");
	bool is_linked = *role && strcmp(role, "none") != 0;
	json_t *hosts = json_array(), *peer;
	char own_role[40];
	size_t i;

	snprintf(own_role, sizeof(own_role), "this host%s%s", is_linked ? ", " : "",
		 is_linked ? role : "");
	put_host(hosts, string_of(json_object_get(host, "metadata"), "name"),
		 string_of(default_nic(host), "ip"), own_role, ready ? "Ready" : "Not Ready", "",
		 "", "");
	json_array_foreach(json_object_get(link, "peers"), i, peer) put_host(
		hosts, string_of(peer, "hostName"), string_of(peer, "ip"), string_of(peer, "role"),
		string_of(peer, "status"), state_of(peer, "contentSyncStatus"),
		state_of(peer, "health"), reason_of(peer));
	return hosts;
}

json_t *facts_readiness(const json_t *host, const json_t *link)
{
	json_t *items = json_array();
	bool ready = put_network(items, host), all_ready;

	ready = put_time(items, host) && ready;
	all_ready = put_links(items, link) && ready;
	put_hardware(items, host);
	put_ports(items);
	return json_pack(
		"{s:b, s:o, s:o, s:s}", "ready", all_ready, "items", items, "hosts",
		hosts_of(host, link, ready), "message",
		"This version of Palette Edge creates no cluster yet. One takes this host, or "
		"three hosts that are linked. Hardware and ports are not checked. To test a port, "
		"use Connect in Diagnostics of another host: \"refused\" means that this host "
		"answers and nothing listens there yet; without an answer a firewall drops it.");
}
