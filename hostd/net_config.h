/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net_config - an adapter's settings as text: our own record of them, and systemd-networkd's files.
 * Pure.
 *
 * The record, one file an adapter, is what is configured; networkd's files are made from it, so that
 * a power cut between two of them is repaired at the next start. The record of a change that waits
 * for Confirm is not written, so a power cut takes it back.
 */
#ifndef PALETTE_NET_CONFIG_H
#define PALETTE_NET_CONFIG_H

#include <stddef.h>

#include "net_check.h"

#define NET_FILE_PREFIX "10-palette-"
#define NET_FILES_MAX	3 /* adapter.network, VLAN.netdev, VLAN.network */

struct net_file {
	char name[48]; /* in /etc/systemd/network */
	char text[768];
};

struct net_files {
	struct net_file files[NET_FILES_MAX];
	size_t n;
};

/*
 * networkd's files for @adapter. @own_dns: this host has name servers of its own, and does not listen to
 * the network's: a domain of DHCP's would be asked of DHCP's servers, however resolved is set.
 */
void net_config_files(const char *adapter, const struct net_settings *settings,
		      const struct net_limits *limits, bool own_dns, struct net_files *ret);

/* The same for adapters that nobody has configured: a drop-in of 90-default.network. */
const char *net_config_own_dns(void);

/*
 * The VLAN's own interface: "eth0.100"; where that is over 15 characters the adapter's name loses
 * its first ones. Returns @buf of 16 bytes.
 */
char *net_config_vlan_name(const char *adapter, unsigned vlan, char *buf);

/* "static 192.0.2.10/24, gateway 192.0.2.1, VLAN 7, MTU 1400" or "DHCP": for people. Returns @buf. */
char *net_config_describe(const struct net_settings *settings, char *buf, size_t size);

/* The record. @mac is noted for people; "" where it is not known. Returns the text's length. */
size_t net_config_record(const struct net_settings *settings, const char *mac, char *buf,
			 size_t size);

/* Reads a record; @text is changed. A damaged one is refused with its line. */
int net_config_read(const char *adapter, char *text, struct net_settings *ret, struct fail *why);

/* The settings as typed text, for screens; "" where there is none. */
struct net_setting_texts {
	char mode[8], address[16], netmask[16], gateway[16], vlan[8], mtu[8];
};
void net_config_texts(const struct net_settings *settings, struct net_setting_texts *ret);

#endif
