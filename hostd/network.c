/* SPDX-License-Identifier: Apache-2.0 */
#include "network.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arp.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "names.h"
#include "netlink.h"
#include "refuse.h"

#define RECORDS	     "/etc/palette/network"
#define FILES	     "/etc/systemd/network"
#define OF_DEFAULT   FILES "/90-default.network.d/10-palette.conf"
#define OWED	     "/run/palette-hostd/reload-owed"
#define ADAPTERS_MAX 64

/* Everything networkd should have of us. */
struct wanted {
	struct net_files adapters[ADAPTERS_MAX];
	char names[ADAPTERS_MAX][16];
	size_t n;
	bool own_dns;
};

/* What networkd was not told yet. OWED is there as long as that is so. */
struct owed {
	char gone[ADAPTERS_MAX][16]; /* interfaces of VLANs to remove behind it */
	size_t n_gone;
};

static void record_path(const char *adapter, char buf[64])
{
	snprintf(buf, 64, RECORDS "/%.15s.conf", adapter);
}

int network_recorded(const struct site *site, const char *adapter, struct net_settings *ret,
		     struct fail *why)
{
	autofree char *text = NULL;
	struct fail ours = { 0 };
	char path[64];
	int r;

	memset(ret, 0, sizeof(*ret));
	if (!adapter_name_is_valid(adapter))
		return 0;
	record_path(adapter, path);
	r = site_read(site, path, &text, why);
	if (r < 0 || !*text)
		return r;
	if (net_config_read(adapter, text, ret, &ours) == 0)
		return 1;
	log_warn("%s uses DHCP: %s", adapter, ours.msg);
	memset(ret, 0, sizeof(*ret));
	return 0;
}

static void want(struct wanted *wanted, const struct links *links, const char *adapter,
		 const struct net_settings *settings)
{
	const struct link *link = links_find(links, adapter);
	struct net_limits limits = { 0 };

	if (wanted->n == ADAPTERS_MAX)
		return;
	if (link)
		limits = (struct net_limits){ link->mtu_min, link->mtu_max };
	snprintf(wanted->names[wanted->n], sizeof(wanted->names[0]), "%s", adapter);
	net_config_files(adapter, settings, &limits, wanted->own_dns,
			 &wanted->adapters[wanted->n++]);
}

/* The adapter a record's file name means; false where it is none. */
static bool adapter_of_record(const char *file, char adapter[16])
{
	size_t n = strlen(file);

	if (n < 6 || n > 20 || strcmp(file + n - 5, ".conf") != 0)
		return false;
	snprintf(adapter, 16, "%.*s", (int)(n - 5), file);
	return adapter_name_is_valid(adapter);
}

/* A record that was being written when the power went: file_write_atomic() left it beside. */
static bool remove_torn_record(const struct site *site, const char *file)
{
	char path[300];

	if (!strstr(file, ".conf."))
		return false;
	snprintf(path, sizeof(path), RECORDS "/%s", file);
	(void)site_remove(site, path, NULL);
	return true;
}

static int collect_record(const struct site *site, const struct network_change *trial,
			  const struct links *links, const char *file, struct wanted *wanted,
			  struct fail *why)
{
	struct net_settings settings;
	char adapter[16];
	int r;

	if (remove_torn_record(site, file) || !adapter_of_record(file, adapter) ||
	    (trial && strcmp(adapter, trial->adapter) == 0))
		return 0;
	r = network_recorded(site, adapter, &settings, why);
	if (r > 0)
		want(wanted, links, adapter, &settings);
	return r;
}

/* What cannot be read is not what is not there: nothing is collected of a part of the records. */
static int collect(const struct site *site, const struct network_change *trial,
		   const struct links *links, struct wanted *wanted, struct fail *why)
{
	autoclosedir DIR *dir = opendir(site_path(site, RECORDS).s);
	struct dns_settings dns;
	struct dirent *entry;
	int r;

	if (!dir && errno != ENOENT)
		return fail_errno(why, errno, "open " RECORDS);
	r = dns_read(site, &dns, why);
	wanted->own_dns = dns.primary != 0;
	if (trial)
		want(wanted, links, trial->adapter, &trial->settings);
	while (r >= 0 && (r = site_next_entry(dir, RECORDS, &entry, why)) > 0)
		r = collect_record(site, trial, links, entry->d_name, wanted, why);
	return r;
}

static bool is_wanted(const struct wanted *wanted, const char *file)
{
	for (size_t i = 0; i < wanted->n; i++)
		for (size_t j = 0; j < wanted->adapters[i].n; j++)
			if (strcmp(wanted->adapters[i].files[j].name, file) == 0)
				return true;
	return false;
}

/* Whether something is owed: a reload that failed or was cut. */
static bool read_owed(const struct site *site, struct owed *ret)
{
	autofree char *text = NULL;
	char *save = NULL;

	ret->n_gone = 0;
	if (access(site_path(site, OWED).s, F_OK) < 0)
		return false;
	if (site_read(site, OWED, &text, NULL) < 0)
		return true;
	for (char *line = strtok_r(text, "\n", &save); line && ret->n_gone < ADAPTERS_MAX;
	     line = strtok_r(NULL, "\n", &save))
		snprintf(ret->gone[ret->n_gone++], sizeof(ret->gone[0]), "%s", line);
	return true;
}

static int write_owed(const struct site *site, const struct owed *owed, struct fail *why)
{
	char text[ADAPTERS_MAX * sizeof(owed->gone[0]) + 1] = "";
	size_t n = 0;

	for (size_t i = 0; i < owed->n_gone; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s\n", owed->gone[i]);
	return site_write(site, OWED, text, n, 0600, why);
}

static int owe_removal(const struct site *site, struct owed *owed, const char *name,
		       struct fail *why)
{
	for (size_t i = 0; i < owed->n_gone; i++)
		if (strcmp(owed->gone[i], name) == 0)
			return 0;
	if (owed->n_gone == ADAPTERS_MAX)
		return 0;
	snprintf(owed->gone[owed->n_gone++], sizeof(owed->gone[0]), "%s", name);
	return write_owed(site, owed, why);
}

/* Removes ours that nothing wants; their VLANs are owed. 1: some went. */
static int remove_unwanted(const struct site *site, const struct wanted *wanted, struct owed *owed,
			   struct fail *why)
{
	autoclosedir DIR *dir = opendir(site_path(site, FILES).s);
	size_t prefix = strlen(NET_FILE_PREFIX);
	struct dirent *entry;
	int changed = 0, r = 0;

	while (dir && (entry = readdir(dir)) != NULL) {
		const char *name = entry->d_name, *dot = strrchr(name, '.');
		char path[300], vlan[16];

		if (strncmp(name, NET_FILE_PREFIX, prefix) != 0 || is_wanted(wanted, name))
			continue;
		if (dot && strcmp(dot, ".netdev") == 0) {
			snprintf(vlan, sizeof(vlan), "%.*s", (int)(dot - name - (long)prefix),
				 name + prefix);
			r = owe_removal(site, owed, vlan, why);
		}
		snprintf(path, sizeof(path), FILES "/%s", name);
		if (r == 0)
			r = site_remove(site, path, why);
		if (r < 0)
			return r;
		changed = 1;
		r = 0;
	}
	return changed;
}

static int write_wanted(const struct site *site, const struct wanted *wanted, struct fail *why)
{
	const char *own_dns = net_config_own_dns();
	int changed;

	changed = wanted->own_dns ? site_write_changed(site, OF_DEFAULT, own_dns, strlen(own_dns),
						       0644, why)
				  : site_remove(site, OF_DEFAULT, why);
	if (changed < 0)
		return changed;
	for (size_t i = 0; i < wanted->n; i++) {
		/* The VLAN's own files first: the adapter's names the VLAN. */
		for (size_t j = wanted->adapters[i].n; j-- > 0;) {
			const struct net_file *file = &wanted->adapters[i].files[j];
			char path[128];
			int r;

			snprintf(path, sizeof(path), FILES "/%s", file->name);
			r = site_write_changed(site, path, file->text, strlen(file->text), 0644,
					       why);
			if (r < 0)
				return r;
			changed |= r;
		}
	}
	return changed;
}

static int reload(struct fail *why)
{
	return site_call("tell systemd-networkd", "org.freedesktop.network1",
			 "/org/freedesktop/network1", "org.freedesktop.network1.Manager", "Reload",
			 why, "");
}

/* networkd leaves interfaces alone whose .netdev is gone. */
static int remove_gone(const struct wanted *wanted, const struct owed *owed, struct fail *why)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < owed->n_gone; i++) {
		char file[64];

		snprintf(file, sizeof(file), NET_FILE_PREFIX "%s.netdev", owed->gone[i]);
		/* It may be wanted again by now. */
		if (!is_wanted(wanted, file))
			r = link_delete(owed->gone[i], why);
	}
	return r;
}

static int sync_files(const struct site *site, const struct network_change *trial, struct fail *why)
{
	autofree struct wanted *wanted = calloc(1, sizeof(*wanted));
	autofree struct links *links = calloc(1, sizeof(*links));
	struct owed owed;
	bool owes = read_owed(site, &owed);
	int written, removed, r;

	if (!wanted || !links)
		return fail_errno(why, ENOMEM, "set up the network");
	r = links_read(links, why);
	if (r < 0)
		return r;
	r = collect(site, trial, links, wanted, why);
	if (r < 0)
		return r;
	/* Before the first file: networkd may not answer, and by the next try the files are right. */
	r = write_owed(site, &owed, why);
	if (r < 0)
		return r;
	written = write_wanted(site, wanted, why);
	if (written < 0)
		return written;
	removed = remove_unwanted(site, wanted, &owed, why);
	if (removed < 0)
		return removed;
	if (owes || written || removed)
		r = reload(why);
	if (r == 0)
		r = remove_gone(wanted, &owed, why);
	if (r == 0)
		r = site_remove(site, OWED, why);
	return r < 0 ? r : 0;
}

int network_sync(const struct site *site, const struct network_change *trial, struct fail *why)
{
	struct fail ignored = { 0 };
	int r = sync_files(site, trial, why);

	if (r < 0 && trial)
		(void)sync_files(site, NULL, &ignored);
	return r;
}

/* In force already where the change puts it. On another VLAN of the adapter it is news to the others. */
static bool has_address(const struct links *links, const struct network_change *change)
{
	const struct link *link;
	char name[16];

	snprintf(name, sizeof(name), "%s", change->adapter);
	if (change->settings.vlan)
		net_config_vlan_name(change->adapter, change->settings.vlan, name);
	link = links_find(links, name);
	for (size_t i = 0; link && i < link->n_addresses; i++)
		if (link->addresses[i].ipv4 == change->settings.address)
			return true;
	return false;
}

int network_probe(const struct site *site, const struct network_change *change, struct fail *why)
{
	struct arp_probe probe = { .adapter = change->adapter,
				   .address = change->settings.address,
				   .vlan = change->settings.vlan,
				   .interval_ms = site->probe_ms };
	autofree struct links *links = calloc(1, sizeof(*links));
	char text[16], mac[18];
	int r;

	if (!change->settings.fixed)
		return 0;
	if (!links)
		return fail_errno(why, ENOMEM, "probe for the address");
	r = links_read(links, why);
	if (r == 0 && has_address(links, change))
		return 0;
	if (r == 0)
		r = arp_is_taken(&probe, mac, why);
	if (r <= 0)
		return r;
	return refuse(why, FIELD_ADDRESS, ipv4_text(probe.address, text),
		      "is in use: the host with the MAC %s answers for it", mac);
}

/* Puts the record back as it was before a change that failed. */
static void restore_record(const struct site *site, const char *path, const char *text)
{
	struct fail why = { 0 };
	int r = *text ? site_write(site, path, text, strlen(text), 0644, &why)
		      : site_remove(site, path, &why);

	if (r < 0)
		log_error("%s", why.msg);
}

int network_apply(const struct site *site, const struct network_change *change, struct fail *why)
{
	autofree char *before = NULL;
	char path[64], text[512];
	struct fail ignored = { 0 };
	size_t bytes;
	int r;

	record_path(change->adapter, path);
	r = site_read(site, path, &before, why);
	if (r < 0)
		return r;
	bytes = net_config_record(&change->settings, change->mac, text, sizeof(text));
	r = site_write_changed(site, path, text, bytes, 0644, why);
	if (r < 0)
		return r;
	r = network_sync(site, NULL, why);
	if (r < 0) {
		restore_record(site, path, before);
		(void)network_sync(site, NULL, &ignored);
		return fail_wrap(why, "change %s", change->adapter);
	}
	return 0;
}
