/* SPDX-License-Identifier: Apache-2.0 */
#include "facts.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/file.h"

#define BOOT_CONF   "/run/palette/boot.conf"
#define ACCOUNT_MIN 1000 /* as in Debian's login.defs */
#define ACCOUNT_MAX 59999

static void read_boot_conf(struct view *view)
{
	autofclose FILE *file = fopen(BOOT_CONF, "re");
	char line[200], key[32], value[64];

	snprintf(view->version, sizeof(view->version), "unknown");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%31s = %63s", key, value) != 2)
			continue;
		if (strcmp(key, "version") == 0)
			snprintf(view->version, sizeof(view->version), "%s", value);
		else if (strcmp(key, "slot") == 0)
			view->slot = value[0];
	}
}

/* The file itself: NSS would ask services that have not been started this early. */
static bool account_exists(void)
{
	autofclose FILE *file = fopen("/etc/passwd", "re");
	const struct passwd *entry;
	bool found = false;

	while (file && !found && (entry = fgetpwent(file)))
		found = entry->pw_uid >= ACCOUNT_MIN && entry->pw_uid <= ACCOUNT_MAX;
	return found;
}

static unsigned prefix_length(const struct sockaddr *mask, const unsigned char *bytes, size_t n)
{
	unsigned bits = 0;

	for (size_t i = 0; mask && i < n; i++)
		bits += (unsigned)__builtin_popcount(bytes[i]);
	return bits;
}

static void add_address(struct view_adapter *adapter, const struct ifaddrs *entry)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)entry->ifa_addr;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)entry->ifa_addr;
	const struct sockaddr_in *mask = (const struct sockaddr_in *)entry->ifa_netmask;
	const struct sockaddr_in6 *mask6 = (const struct sockaddr_in6 *)entry->ifa_netmask;
	char text[INET6_ADDRSTRLEN];
	unsigned bits;

	if (adapter->n_addresses == VIEW_ADDRESSES)
		return;
	if (entry->ifa_addr->sa_family == AF_INET) {
		(void)inet_ntop(AF_INET, &in->sin_addr, text, sizeof(text));
		bits = prefix_length(entry->ifa_netmask, (const unsigned char *)&mask->sin_addr, 4);
	} else if (!IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr)) {
		(void)inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof(text));
		bits = prefix_length(entry->ifa_netmask, mask6->sin6_addr.s6_addr, 16);
	} else {
		return;
	}
	snprintf(adapter->addresses[adapter->n_addresses++], sizeof(adapter->addresses[0]), "%s/%u",
		 text, bits);
}

/* Adapters that are hardware; bridges, VLANs and the like have no device behind them. */
static bool is_physical(const char *name)
{
	char path[300];

	snprintf(path, sizeof(path), "/sys/class/net/%s/device", name);
	return access(path, F_OK) == 0;
}

static void read_adapter(const char *name, const struct ifaddrs *list, struct view_adapter *ret)
{
	char path[300], value[16];

	*ret = (struct view_adapter){ 0 };
	snprintf(ret->name, sizeof(ret->name), "%.15s", name);
	snprintf(path, sizeof(path), "/sys/class/net/%s/address", name);
	(void)file_read_line(path, ret->mac, sizeof(ret->mac));
	snprintf(path, sizeof(path), "/sys/class/net/%s/carrier", name);
	ret->link = file_read_line(path, value, sizeof(value)) == 0 && value[0] == '1';
	for (; list; list = list->ifa_next) {
		if (list->ifa_addr && strcmp(list->ifa_name, name) == 0 &&
		    (list->ifa_addr->sa_family == AF_INET || list->ifa_addr->sa_family == AF_INET6))
			add_address(ret, list);
	}
}

static int compare_adapters(const void *a, const void *b)
{
	return strcmp(((const struct view_adapter *)a)->name,
		      ((const struct view_adapter *)b)->name);
}

static void read_adapters(struct view *view)
{
	struct ifaddrs *list = NULL;
	DIR *dir = opendir("/sys/class/net");
	struct dirent *entry;

	if (getifaddrs(&list) < 0)
		list = NULL;
	while (dir && view->n_adapters < VIEW_ADAPTERS && (entry = readdir(dir))) {
		if (entry->d_name[0] != '.' && is_physical(entry->d_name))
			read_adapter(entry->d_name, list, &view->adapters[view->n_adapters++]);
	}
	if (dir)
		closedir(dir);
	if (list)
		freeifaddrs(list);
	qsort(view->adapters, view->n_adapters, sizeof(view->adapters[0]), compare_adapters);
}

void facts_read(struct view *ret)
{
	*ret = (struct view){ 0 };
	if (gethostname(ret->host_name, sizeof(ret->host_name) - 1) < 0)
		snprintf(ret->host_name, sizeof(ret->host_name), "unknown");
	read_boot_conf(ret);
	ret->account_exists = account_exists();
	read_adapters(ret);
}
