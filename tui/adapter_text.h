/* SPDX-License-Identifier: Apache-2.0 */
/* adapter_text - a network adapter in words. Pure. */
#ifndef PALETTE_TUI_ADAPTER_TEXT_H
#define PALETTE_TUI_ADAPTER_TEXT_H

#include "host.h"

/* "10 Gbit/s", "2.5 Gbit/s", "up" (speed unknown), "no link", "off". Returns @buf. */
const char *adapter_link(const struct host_adapter *adapter, char *buf, size_t size);

/* A static address that is not in force, with prefix: networkd waits for a link. "" none. Returns @buf. */
const char *adapter_set_address(const struct host_adapter *adapter, char *buf, size_t size);

/* Whether DHCP was asked and has not answered. */
bool adapter_waits_for_dhcp(const struct host_adapter *adapter);

/* One row: name, MAC, link and speed, DHCP or static, CIDR. At most 74 columns. Returns @buf. */
const char *adapter_row(const struct host_adapter *adapter, char *buf, size_t size);

/* What the row has no room for: VLAN, gateway, lease, MTU, further addresses. Returns @buf. */
const char *adapter_detail(const struct host_adapter *adapter, char *buf, size_t size);

/* What is set, in a few words. Returns @buf. */
const char *adapter_settings(const struct host_settings *settings, char *buf, size_t size);

bool adapter_settings_equal(const struct host_settings *a, const struct host_settings *b);

/* What is in force, for the text above its form. Returns @buf. */
const char *adapter_in_force(const struct host_adapter *adapter, char *buf, size_t size);

/* Whether no adapter would have a default gateway once @name has @settings; another one on DHCP without an answer has none. */
bool adapters_without_gateway(const struct host_adapters *adapters, const char *name,
			      const struct host_settings *settings);

/* The address a person types into a browser: of the default route's adapter, IPv4 first. NULL: none. */
const char *adapters_main_address(const struct host_adapters *adapters);

/* Whether @address ("192.0.2.5", no prefix) is one of this adapter's. */
bool adapter_has_address(const struct host_adapter *adapter, const char *address);

#endif
