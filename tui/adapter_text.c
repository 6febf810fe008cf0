/* SPDX-License-Identifier: Apache-2.0 */
#include "adapter_text.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text.h"

#define CIDR_COLUMNS 20 /* "(255.255.255.255/32)" */

/* Appends; cuts where there is no room. */
__attribute__((format(printf, 3, 4))) static void add(char *buf, size_t size, const char *fmt, ...)
{
	size_t used = strlen(buf);
	va_list args;

	va_start(args, fmt);
	vsnprintf(buf + used, size - used, fmt, args);
	va_end(args);
}

const char *adapter_link(const struct host_adapter *adapter, char *buf, size_t size)
{
	uint32_t speed = adapter->speed_mbit;

	if (strcmp(adapter->link, "up") != 0)
		snprintf(buf, size, "%s", strcmp(adapter->link, "off") == 0 ? "off" : "no link");
	else if (speed == 0)
		snprintf(buf, size, "up");
	else if (speed < 1000)
		snprintf(buf, size, "%u Mbit/s", speed);
	else if (speed % 1000 == 0)
		snprintf(buf, size, "%u Gbit/s", speed / 1000);
	else
		snprintf(buf, size, "%u.%u Gbit/s", speed / 1000, speed % 1000 / 100);
	return buf;
}

static const char *mode_of(const struct host_adapter *adapter)
{
	return strcmp(adapter->mode, "dhcp") == 0 ? "DHCP" : adapter->mode;
}

static bool is_up(const struct host_adapter *adapter)
{
	return strcmp(adapter->link, "up") == 0;
}

/* Of "255.255.255.0", and of "24". */
static unsigned prefix_of(const char *mask)
{
	struct in_addr address;

	if (inet_pton(AF_INET, mask, &address) != 1)
		return (unsigned)strtoul(mask, NULL, 10);
	return (unsigned)__builtin_popcount(address.s_addr);
}

static const char *cidr_of(const struct host_settings *s, char *buf, size_t size)
{
	if (strchr(s->address, '/'))
		snprintf(buf, size, "%s", s->address);
	else
		snprintf(buf, size, "%s/%u", s->address, prefix_of(s->netmask));
	return buf;
}

static bool is_ipv4(const char *address)
{
	return strchr(address, ':') == NULL;
}

static bool has_ipv4(const struct host_adapter *adapter)
{
	for (size_t i = 0; i < adapter->n_addresses; i++)
		if (is_ipv4(adapter->addresses[i]))
			return true;
	return false;
}

const char *adapter_set_address(const struct host_adapter *adapter, char *buf, size_t size)
{
	buf[0] = '\0';
	if (strcmp(adapter->mode, "static") == 0 && adapter->settings.address[0] &&
	    !has_ipv4(adapter))
		cidr_of(&adapter->settings, buf, size);
	return buf;
}

bool adapter_waits_for_dhcp(const struct host_adapter *adapter)
{
	return strcmp(adapter->mode, "dhcp") == 0 && is_up(adapter) && !has_ipv4(adapter);
}

const char *adapter_row(const struct host_adapter *adapter, char *buf, size_t size)
{
	char link[24], set[64], address[80];

	if (*adapter_set_address(adapter, set, sizeof(set)))
		snprintf(address, sizeof(address), "(%s)", set);
	else if (adapter->n_addresses)
		text_fit(adapter->addresses[0], CIDR_COLUMNS, address, sizeof(address));
	else
		snprintf(address, sizeof(address), "%s",
			 adapter_waits_for_dhcp(adapter) ? "no answer yet" : "no address");
	snprintf(buf, size, "%-15.15s %-17.17s  %-10.10s %-6.6s  %s", adapter->name, adapter->mac,
		 adapter_link(adapter, link, sizeof(link)), mode_of(adapter), address);
	return buf;
}

static const char *lease_text(uint64_t seconds, char *buf, size_t size)
{
	if (seconds >= 2 * 86400)
		snprintf(buf, size, "%u days", (unsigned)(seconds / 86400));
	else if (seconds >= 2 * 3600)
		snprintf(buf, size, "%u h", (unsigned)(seconds / 3600));
	else
		snprintf(buf, size, "%u min", (unsigned)((seconds + 59) / 60));
	return buf;
}

static bool leased(const struct host_adapter *adapter)
{
	/* The kernel says "for ever" as the largest 32-bit number. */
	return adapter->lease_s > 0 && adapter->lease_s < UINT32_MAX;
}

const char *adapter_detail(const struct host_adapter *adapter, char *buf, size_t size)
{
	char lease[24], set[64];
	/* The row has it already. */
	size_t shown = !*adapter_set_address(adapter, set, sizeof(set)) && adapter->n_addresses &&
		       strlen(adapter->addresses[0]) <= CIDR_COLUMNS;

	buf[0] = '\0';
	if (adapter->pending[0])
		add(buf, size, "A change waits to be confirmed (F2). ");
	if (*set)
		add(buf, size,
		    is_up(adapter) ? "The address is set, but not in force yet. "
				   : "The address is set, and in force with a link. ");
	if (adapter_waits_for_dhcp(adapter))
		add(buf, size, "DHCP: no answer yet. ");
	if (adapter->vlan)
		add(buf, size, "VLAN %u, ", adapter->vlan);
	if (adapter->gateway[0])
		add(buf, size, "gateway %s, ", adapter->gateway);
	if (leased(adapter))
		add(buf, size, "lease for %s, ",
		    lease_text(adapter->lease_s, lease, sizeof(lease)));
	add(buf, size, "MTU %u", adapter->mtu);
	if (adapter->driver[0])
		add(buf, size, ", driver %s", adapter->driver);
	for (size_t i = shown; i < adapter->n_addresses; i++)
		add(buf, size, "%s%s", i == shown ? "; " : ", ", adapter->addresses[i]);
	return buf;
}

bool adapter_settings_equal(const struct host_settings *a, const struct host_settings *b)
{
	return strcmp(a->mode, b->mode) == 0 && strcmp(a->address, b->address) == 0 &&
	       strcmp(a->netmask, b->netmask) == 0 && strcmp(a->gateway, b->gateway) == 0 &&
	       strcmp(a->vlan, b->vlan) == 0 && strcmp(a->mtu, b->mtu) == 0;
}

const char *adapter_settings(const struct host_settings *s, char *buf, size_t size)
{
	char cidr[HOST_TEXT_BYTES + 16];

	buf[0] = '\0';
	if (strcmp(s->mode, "static") != 0)
		add(buf, size, "DHCP");
	else
		add(buf, size, "static %s", cidr_of(s, cidr, sizeof(cidr)));
	if (s->gateway[0])
		add(buf, size, ", gateway %s", s->gateway);
	if (s->vlan[0])
		add(buf, size, ", VLAN %s", s->vlan);
	if (s->mtu[0])
		add(buf, size, ", MTU %s", s->mtu);
	return buf;
}

const char *adapter_in_force(const struct host_adapter *adapter, char *buf, size_t size)
{
	char lease[24], link[24], set[64];

	snprintf(buf, size, "%s, %s, %s\nIn force: ", adapter->name, adapter->mac,
		 adapter_link(adapter, link, sizeof(link)));
	if (adapter->n_addresses == 0)
		add(buf, size, "no address");
	for (size_t i = 0; i < adapter->n_addresses && i < 2; i++)
		add(buf, size, "%s%s", i ? ", " : "", adapter->addresses[i]);
	if (*adapter_set_address(adapter, set, sizeof(set)))
		add(buf, size, " (%s is set%s)", set,
		    is_up(adapter) ? "" : ", but there is no link");
	if (adapter_waits_for_dhcp(adapter))
		add(buf, size, " (DHCP: no answer yet)");
	if (adapter->gateway[0])
		add(buf, size, ", gateway %s", adapter->gateway);
	if (leased(adapter))
		add(buf, size, " (lease for %s)",
		    lease_text(adapter->lease_s, lease, sizeof(lease)));
	if (adapter->vlan)
		add(buf, size, ", VLAN %u", adapter->vlan);
	add(buf, size, ", MTU %u", adapter->mtu);
	return buf;
}

bool adapters_without_gateway(const struct host_adapters *adapters, const char *name,
			      const struct host_settings *settings)
{
	if (strcmp(settings->mode, "static") != 0 || settings->gateway[0])
		return false;
	for (size_t i = 0; i < adapters->n; i++) {
		const struct host_adapter *other = &adapters->items[i];

		if (strcmp(other->name, name) != 0 &&
		    (other->gateway[0] || other->settings.gateway[0]))
			return false;
	}
	return true;
}

const char *adapters_main_address(const struct host_adapters *adapters)
{
	const char *best = NULL;
	int best_rank = 0;

	for (size_t i = 0; i < adapters->n; i++) {
		const struct host_adapter *adapter = &adapters->items[i];

		for (size_t j = 0; j < adapter->n_addresses; j++) {
			int rank = 1 + 2 * is_ipv4(adapter->addresses[j]) + adapter->is_default;

			if (rank > best_rank) {
				best_rank = rank;
				best = adapter->addresses[j];
			}
		}
	}
	return best;
}

static bool is_address(const char *with_prefix, const char *address, size_t n)
{
	return n > 0 && strncmp(with_prefix, address, n) == 0 &&
	       (with_prefix[n] == '/' || with_prefix[n] == '\0');
}

bool adapter_has_address(const struct host_adapter *adapter, const char *address)
{
	size_t n = strcspn(address, "%"); /* a link-local one has its interface behind that */

	for (size_t i = 0; i < adapter->n_addresses; i++)
		if (is_address(adapter->addresses[i], address, n))
			return true;
	for (size_t i = 0; i < adapter->link_local.n; i++)
		if (is_address(adapter->link_local.items[i], address, n))
			return true;
	return false;
}
