/* SPDX-License-Identifier: Apache-2.0 */
/* info_json.c - Device Info for programs. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "adapter_text.h"
#include "info_text.h"

struct json {
	char *buf;
	size_t size, used;
};

__attribute__((format(printf, 2, 3))) static void put(struct json *out, const char *fmt, ...)
{
	va_list args;
	int n;

	if (out->used >= out->size)
		return;
	va_start(args, fmt);
	n = vsnprintf(out->buf + out->used, out->size - out->used, fmt, args);
	va_end(args);
	out->used += (size_t)n;
}

static void put_string(struct json *out, const char *text)
{
	put(out, "\"");
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			put(out, "\\%c", c);
		else if (c < ' ' || c == 127)
			put(out, "\\u%04x", c);
		else
			put(out, "%c", c);
	}
	put(out, "\"");
}

static void put_member(struct json *out, const char *indent, const char *key, const char *value)
{
	put(out, "%s\"%s\": ", indent, key);
	put_string(out, value);
	put(out, ",\n");
}

static void put_strings(struct json *out, const char *first, size_t stride, size_t n)
{
	put(out, "[");
	for (size_t i = 0; i < n; i++) {
		put(out, i ? ", " : "");
		put_string(out, first + i * stride);
	}
	put(out, "]");
}

static void put_adapter(struct json *out, const struct host_adapter *adapter)
{
	static const char indent[] = "      ";
	char set[64];

	put(out, "    {\n");
	put_member(out, indent, "name", adapter->name);
	put_member(out, indent, "mac", adapter->mac);
	put_member(out, indent, "link", adapter->link);
	put(out, "%s\"speed\": %u,\n", indent, adapter->speed_mbit);
	put_member(out, indent, "mode", adapter->mode);
	put(out, "%s\"vlan\": %u,\n%s\"mtu\": %u,\n", indent, adapter->vlan, indent, adapter->mtu);
	put_member(out, indent, "gateway", adapter->gateway);
	put_member(out, indent, "address-set", adapter_set_address(adapter, set, sizeof(set)));
	put(out, "%s\"addresses\": ", indent);
	put_strings(out, adapter->addresses[0], sizeof(adapter->addresses[0]),
		    adapter->n_addresses);
	put(out, "\n    }");
}

const char *info_json(const struct device *device, char *buf, size_t size)
{
	const struct host_info *info = &device->info;
	const char *address = adapters_main_address(&device->adapters);
	struct json out = { .buf = buf, .size = size };
	char url[128] = "";

	if (address)
		info_url(address, info->localui_port, url, sizeof(url));
	put(&out, "{\n");
	put_member(&out, "  ", "hostname", info->hostname);
	put_member(&out, "  ", "product-uuid", info->product_uuid);
	put_member(&out, "  ", "serial-number", info->serial);
	put_member(&out, "  ", "vendor", info->vendor);
	put_member(&out, "  ", "model", info->model);
	put_member(&out, "  ", "version", info->version);
	put_member(&out, "  ", "slot", info->slot);
	put_member(&out, "  ", "copied-from", info->copied_from);
	put_member(&out, "  ", "settings-error", device->facts.settings_error);
	put_member(&out, "  ", "local-ui", url);
	put_member(&out, "  ", "local-ui-fingerprint", info->localui_fingerprint);
	put(&out, "  \"ssh-running\": %s,\n", info->ssh_running ? "true" : "false");
	put(&out, "  \"ssh-fingerprints\": ");
	put_strings(&out, info->ssh_fingerprints.items[0], sizeof(info->ssh_fingerprints.items[0]),
		    info->ssh_fingerprints.n);
	put(&out, ",\n  \"adapters\": [\n");
	for (size_t i = 0; i < device->adapters.n; i++) {
		put_adapter(&out, &device->adapters.items[i]);
		put(&out, i + 1 < device->adapters.n ? ",\n" : "\n");
	}
	put(&out, "  ]\n}\n");
	return buf;
}
