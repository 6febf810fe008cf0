/* SPDX-License-Identifier: Apache-2.0 */
#include "host_facts.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "host.h"
#include "snapshot.h"

static const char *text(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value ? value : "";
}

static json_int_t number(const json_t *object, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(object, key));

	return value > 0 ? value : 0;
}

static bool flag(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

/* A list of its own: json_pack() takes the reference. */
static json_t *list(const json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	return value ? json_incref(value) : json_array();
}

/* "192.0.2.5/24" as "192.0.2.5" and "24". */
static void split_address(const json_t *addresses, char ip[64], char prefix[8])
{
	const json_t *item;
	size_t i;

	ip[0] = prefix[0] = '\0';
	json_array_foreach(addresses, i, item)
	{
		const char *value = json_string_value(item);
		const char *slash = value ? strchr(value, '/') : NULL;

		if (!slash || strchr(value, ':'))
			continue;
		snprintf(ip, 64, "%.*s", (int)(slash - value), value);
		snprintf(prefix, 8, "%s", slash + 1);
		return;
	}
}

static json_t *nics(const json_t *adapters, const json_t *dns)
{
	json_t *all = json_array(), *adapter;
	size_t i;

	json_array_foreach(adapters, i, adapter)
	{
		const json_t *addresses = json_object_get(adapter, "addresses");
		bool is_default = flag(adapter, "default");
		char ip[64], prefix[8];

		split_address(addresses, ip, prefix);
		(void)json_array_append_new(
			all, json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:b, s:s, s:o, s:I}", "name",
				       text(adapter, "name"), "macAddr", text(adapter, "mac"), "ip",
				       ip, "subnet", prefix, "gateway", text(adapter, "gateway"),
				       "dns", is_default ? list(dns, "servers") : json_array(),
				       "isDefault", is_default, "link", text(adapter, "link"),
				       "addresses", list(adapter, "addresses"), "leaseSeconds",
				       number(adapter, "lease")));
	}
	return all;
}

static json_t *disks(const json_t *stats)
{
	static const struct host_key disk_keys[] = {
		{ "name", "name" },
		{ "path", "path" },
		{ "vendor", "vendor" },
		{ "model", "model" },
		{ "serial", "serial" },
		{ "size", "sizeBytes" },
		{ "rotational", "rotational" },
		{ "removable", "removable" },
		{ 0 },
	};
	static const struct host_key partition_keys[] = {
		{ "name", "name" },	    { "label", "label" },      { "size", "sizeBytes" },
		{ "filesystem", "fsType" }, { "mount", "mountPoint" }, { "total", "totalBytes" },
		{ "used", "usedBytes" },    { "free", "freeBytes" },   { 0 },
	};
	json_t *all = json_array(), *disk;
	size_t i;

	json_array_foreach(json_object_get(stats, "disks"), i, disk)
	{
		json_t *renamed = host_renamed(disk, disk_keys);

		(void)json_object_set_new(
			renamed, "partitions",
			host_renamed_all(json_object_get(disk, "partitions"), partition_keys));
		(void)json_array_append_new(all, renamed);
	}
	return all;
}

static json_t *gpus(const json_t *stats)
{
	json_t *all = json_array(), *gpu;
	size_t i;

	json_array_foreach(json_object_get(stats, "gpus"), i, gpu)(void) json_array_append_new(
		all, json_pack("{s:s, s:s, s:s, s:[s]}", "vendor", text(gpu, "vendor"), "model",
			       text(gpu, "model"), "driver", text(gpu, "driver"), "addresses",
			       text(gpu, "address")));
	return all;
}

static const char *architecture(const json_t *stats)
{
	const char *arch = text(stats, "arch");

	if (strcmp(arch, "x86_64") == 0)
		return "amd64";
	return strcmp(arch, "aarch64") == 0 ? "arm64" : arch;
}

static json_t *hardware(const json_t *parts, struct snapshot *snapshot)
{
	const json_t *info = json_object_get(parts, "info");
	const json_t *stats = json_object_get(parts, "stats");
	json_int_t total = number(stats, "memory-total"), left = number(stats, "memory-available");
	double cpu = snapshot_cpu(snapshot, (uint64_t)number(stats, "cpu-busy"),
				  (uint64_t)number(stats, "cpu-total"));

	return json_pack(
		"{s:s, s:s, s:s, s:s, s:{s:s, s:I, s:I, s:f, s:o}, s:{s:I, s:I, s:I, s:I, s:I},"
		" s:o, s:o, s:o}",
		"arch", architecture(stats), "vendor", text(info, "vendor"), "model",
		text(info, "model"), "serial", text(info, "serial"), "cpu", "model",
		text(stats, "cpu-model"), "cores", number(stats, "cpu-cores"), "threads",
		number(stats, "cpu-count"), "usagePercent", cpu, "load", list(stats, "load"),
		"memory", "totalBytes", total, "availableBytes", left, "usedBytes",
		total > left ? total - left : 0, "swapTotalBytes", number(stats, "swap-total"),
		"swapFreeBytes", number(stats, "swap-free"), "disks", disks(stats), "gpus",
		gpus(stats), "nics",
		nics(json_object_get(parts, "adapters"), json_object_get(parts, "dns")));
}

static const char *configuration_status(const json_t *proxy)
{
	const char *state = text(proxy, "state");

	if (strcmp(state, "In Progress") == 0)
		return "inprogress";
	return strcmp(state, "Configured") == 0 ? "configured" : "pending";
}

static json_t *system_facts(const json_t *info, const json_t *stats)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "family", "linux", "version",
			 text(stats, "os"), "kernel", text(stats, "kernel"), "imageVersion",
			 text(info, "version"), "slot", text(info, "slot"));
}

static json_t *state_facts(const json_t *info, const json_t *stats)
{
	const char *virtualization = text(stats, "virtualization");
	bool is_virtual = virtualization[0] && strcmp(virtualization, "none") != 0;

	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "hostState",
			 flag(info, "reset-requested") ? "reset-requested" : "ready", "hostType",
			 is_virtual ? "virtual" : "physical", "virtualization", virtualization,
			 "secureBoot", text(stats, "secure-boot"), "firmware",
			 text(stats, "firmware"));
}

json_t *host_facts(const json_t *parts, struct snapshot *snapshot, uint64_t now_s)
{
	const json_t *info = json_object_get(parts, "info");
	const json_t *stats = json_object_get(parts, "stats");
	const json_t *dns = json_object_get(parts, "dns"), *ntp = json_object_get(parts, "ntp");
	json_int_t boot = number(info, "boot-time");
	char now_text[32];

	return json_pack(
		"{s:{s:s, s:s, s:[], s:s}, s:o, s:o, s:o, s:I, s:I, s:s, s:s, s:s, s:s, s:s,"
		" s:{s:o, s:o, s:[]}, s:{s:o, s:b}, s:b, s:{s:b, s:o}}",
		"metadata", "uid", text(info, "product-uuid"), "name", text(info, "hostname"),
		"tags", "lastModifiedTimestamp", http_time_text(now_s, now_text), "hostInfo",
		state_facts(info, stats), "hardware", hardware(parts, snapshot), "os",
		system_facts(info, stats), "bootTime", boot, "uptimeSeconds",
		number(stats, "uptime"), "managementMode", "local", "connectionMode", "airgap",
		"nodeRole", "unknown", "agentVersion", text(info, "version"), "configurationStatus",
		configuration_status(json_object_get(parts, "proxy")), "dns", "nameservers",
		list(dns, "servers"), "searchDomains", list(dns, "domains"), "options", "ntp",
		"servers", list(ntp, "servers"), "synchronized", flag(ntp, "synchronized"),
		"isClusterPhase", 0, "ssh", "running", flag(info, "ssh-running"), "fingerprints",
		list(info, "ssh-fingerprints"));
}

static bool has_address(const json_t *addresses, const char *local)
{
	size_t n = strlen(local), i;
	const json_t *item;

	json_array_foreach(addresses, i, item)
	{
		const char *value = json_string_value(item);

		if (n && value && strncasecmp(value, local, n) == 0 && value[n] == '/')
			return true;
	}
	return false;
}

json_t *facts_adapter(const json_t *adapter, const char *local)
{
	static const struct host_key keys[] = {
		{ "name", "name" },
		{ "mac", "mac" },
		{ "driver", "driver" },
		{ "link", "link" },
		{ "carrier", "carrier" },
		{ "speed", "speedMbits" },
		{ "mode", "mode" },
		{ "vlan", "vlan" },
		{ "mtu", "mtu" },
		{ "mtu-min", "mtuMin" },
		{ "mtu-max", "mtuMax" },
		{ "addresses", "addresses" },
		{ "gateway", "gateway" },
		{ "lease", "leaseSeconds" },
		{ "default", "isDefault" },
		{ "settings", "settings" },
		{ "pending", "pendingChange" },
		{ 0 },
	};
	json_t *renamed = host_renamed(adapter, keys);

	(void)json_object_set_new(
		renamed, "isManagement",
		json_boolean(has_address(json_object_get(adapter, "addresses"), local)));
	return renamed;
}

json_t *facts_adapters(const json_t *adapters, const char *local)
{
	json_t *all = json_array(), *adapter;
	size_t i;

	json_array_foreach(adapters, i, adapter)(void)
		json_array_append_new(all, facts_adapter(adapter, local));
	return json_pack("{s:o}", "items", all);
}
