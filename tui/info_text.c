/* SPDX-License-Identifier: Apache-2.0 */
#include "info_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "adapter_text.h"
#include "lib/text.h"

struct page {
	char *buf;
	size_t size, used;
	size_t columns;
	bool airy; /* empty lines between the parts */
	size_t lines;
	size_t spare; /* lines that addresses may take beside the first of their adapter */
};

#define ADDRESS_COLUMN 35
#define LOG_HINT       "journalctl -u palette-hostd"

/* One line; what is wider than the screen is cut. */
__attribute__((format(printf, 2, 3))) static void add(struct page *page, const char *fmt, ...)
{
	char line[1024], fitted[1024];
	va_list args;
	int n;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	text_fit(line, page->columns, fitted, sizeof(fitted));
	page->lines++;
	if (page->used >= page->size)
		return;
	n = snprintf(page->buf + page->used, page->size - page->used, "%s\n", fitted);
	page->used += (size_t)n;
}

static void gap(struct page *page)
{
	if (page->airy)
		add(page, "%s", "");
}

const char *info_url(const char *address, uint32_t port, char *buf, size_t size)
{
	int n = (int)strcspn(address, "/");
	bool ipv6 = strchr(address, ':') != NULL;

	snprintf(buf, size, "https://%s%.*s%s:%u", ipv6 ? "[" : "", n, address, ipv6 ? "]" : "",
		 port);
	return buf;
}

static void add_localui(struct page *page, const struct device *device)
{
	const char *address = adapters_main_address(&device->adapters);
	const char *print = device->info.localui_fingerprint;
	/* 16 of the 32 bytes: both halves stand on 80 columns. */
	int half = strlen(print) > 48 ? 48 : (int)strlen(print);
	char url[128];

	if (address)
		add(page, "Provision this device through Local UI: %s",
		    info_url(address, device->info.localui_port, url, sizeof(url)));
	else
		add(page, "Provision this device through Local UI: it has no address yet.");
	if (*print) {
		add(page, "  certificate SHA-256  %.*s", half, print);
		if (print[half])
			add(page, "                       %s", print + half);
	} else {
		add(page, "  certificate          none yet");
	}
}

/* "ED25519 SHA256:...", as ssh itself asks about it; the name on the wire would be too wide. */
static const char *short_key(const char *fingerprint, char *buf, size_t size)
{
	const char *value = strchr(fingerprint, ' ');
	const char *type = strncmp(fingerprint, "ssh-ed25519", 11) == 0 ? "ED25519"
			   : strncmp(fingerprint, "ecdsa-", 6) == 0	? "ECDSA"
			   : strncmp(fingerprint, "ssh-rsa", 7) == 0	? "RSA"
									: NULL;

	if (type && value)
		snprintf(buf, size, "%s%s", type, value);
	else
		snprintf(buf, size, "%s", fingerprint);
	return buf;
}

static void add_ssh(struct page *page, const struct host_info *info)
{
	const char *state = info->ssh_running ? "SSH running" : "SSH is off";
	char key[HOST_TEXT_BYTES];

	if (info->ssh_fingerprints.n == 0)
		add(page, "%-14s no host key yet", state);
	/* Where room is short the first one has to do: it is the one that ssh prefers. */
	for (size_t i = 0; i < info->ssh_fingerprints.n && (page->airy || i < 1); i++)
		add(page, "%-14s %s", i ? "" : state,
		    short_key(info->ssh_fingerprints.items[i], key, sizeof(key)));
}

static void add_machine(struct page *page, const struct host_info *info)
{
	add(page, "Host name      %s", info->hostname);
	add(page, "Product UUID   %s", *info->product_uuid ? info->product_uuid : "none");
	add(page, "Serial number  %s", *info->serial ? info->serial : "none");
	if (*info->slot)
		add(page, "Version        %s, slot %s", info->version, info->slot);
	else
		add(page, "Version        %s, not installed on this machine", info->version);
	add_ssh(page, info);
}

static const char *first_address(const struct host_adapter *adapter, char *buf, size_t size)
{
	char set[64];

	if (*adapter_set_address(adapter, set, sizeof(set)))
		snprintf(buf, size, "%s (set)", set);
	else if (adapter->n_addresses)
		snprintf(buf, size, "%s", adapter->addresses[0]);
	else
		snprintf(buf, size, "%s",
			 adapter_waits_for_dhcp(adapter) ? "no answer yet" : "no address");
	return buf;
}

static void add_adapter(struct page *page, const struct host_adapter *adapter)
{
	char line[800], link[24], first[100];
	bool has_set = *adapter_set_address(adapter, first, sizeof(first)) != '\0';
	struct text_out out = text_out_start(line, sizeof(line));

	text_put(&out, "%-15.15s%-10.10s  %-6.6s  %s", adapter->name,
		 adapter_link(adapter, link, sizeof(link)),
		 strcmp(adapter->mode, "dhcp") == 0 ? "DHCP" : adapter->mode,
		 first_address(adapter, first, sizeof(first)));
	if (adapter->vlan)
		text_put(&out, "  VLAN %u", adapter->vlan);
	for (size_t i = has_set ? 0 : 1; i < adapter->n_addresses; i++) {
		if (out.used + 2 + strlen(adapter->addresses[i]) > page->columns && page->spare) {
			page->spare--;
			add(page, "%s", line);
			out = text_out_start(line, sizeof(line));
			text_put(&out, "%*s", ADDRESS_COLUMN - 2, "");
		}
		text_put(&out, "  %s", adapter->addresses[i]);
	}
	add(page, "%s", line);
}

/* What hostd could not take of the settings file. */
static void add_settings_error(struct page *page, const char *error)
{
	char fitted[HOST_ERROR_BYTES];

	if (text_columns(error, HOST_ERROR_BYTES) <= page->columns || page->airy)
		add(page, "%s", error);
	else
		add(page, "%s " LOG_HINT,
		    text_fit(error, page->columns - strlen(LOG_HINT) - 1, fitted, sizeof(fitted)));
	if (text_columns(error, HOST_ERROR_BYTES) > page->columns && page->airy)
		add(page, "  All of it: " LOG_HINT);
}

static void lay_out(struct page *page, const struct device *device)
{
	page->used = page->lines = 0;
	page->buf[0] = '\0';
	if (device->facts.settings_error[0]) {
		add_settings_error(page, device->facts.settings_error);
		gap(page);
	}
	if (device->info.copied_from[0]) {
		add(page, "A copy of %s: machine id and keys are new.", device->info.copied_from);
		gap(page);
	}
	if (device->facts.has_account)
		add_localui(page, device);
	else
		add(page, "This device has no account yet: nobody can log in. ENTER makes one.");
	gap(page);
	add_machine(page, &device->info);
	gap(page);
	for (size_t i = 0; i < device->adapters.n; i++)
		add_adapter(page, &device->adapters.items[i]);
	if (device->adapters.n == 0)
		add(page, "No network adapter was found yet.");
}

const char *info_text(const struct device *device, size_t columns, size_t rows, char *buf,
		      size_t size)
{
	struct page page = {
		.buf = buf, .size = size, .columns = columns, .airy = true, .spare = SIZE_MAX
	};

	lay_out(&page, device);
	if (rows && page.lines > rows) {
		page.airy = false;
		page.spare = 0;
		lay_out(&page, device);
		page.spare = page.lines < rows ? rows - page.lines : 0;
		lay_out(&page, device);
	}
	return buf;
}
