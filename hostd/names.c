/* SPDX-License-Identifier: Apache-2.0 */
#include "names.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/file.h"
#include "netlink.h"

#define HOSTNAME_FILE "/etc/hostname"
#define DNS_DROP_IN   "/etc/systemd/resolved.conf.d/10-palette.conf"
#define NTP_DROP_IN   "/etc/systemd/timesyncd.conf.d/10-palette.conf"

char *hostname_read(const struct site *site, char *buf)
{
	(void)file_read_line(site_path(site, HOSTNAME_FILE).s, buf, HOSTNAME_MAX + 1);
	return buf;
}

char *hostname_mac(const struct site *site, char buf[HOSTNAME_MAC_BYTES])
{
	autofree struct links *links = calloc(1, sizeof(*links));

	buf[0] = '\0';
	if (links && links_read(links, NULL) == 0)
		for (size_t i = 0; i < links->n && !buf[0]; i++)
			if (link_is_adapter(&links->rows[i], site->adapter_kind))
				snprintf(buf, HOSTNAME_MAC_BYTES, "%s", links->rows[i].mac);
	return buf;
}

int hostname_is_missing(const struct site *site, struct fail *why)
{
	struct site_path path = site_path(site, HOSTNAME_FILE);
	char name[HOSTNAME_MAX + 1];
	int r = file_read_line(path.s, name, sizeof(name));

	if (r < 0 && r != -ENOENT)
		return fail_errno(why, -r, "read %s", path.s);
	return hostname_is_unset(name);
}

int hostname_apply(const struct site *site, const char *name, struct fail *why)
{
	char now[HOSTNAME_MAX + 1];
	int r = 0;

	if (strcmp(hostname_read(site, now), name) != 0)
		r = site_call("set the host name", "org.freedesktop.hostname1",
			      "/org/freedesktop/hostname1", "org.freedesktop.hostname1",
			      "SetStaticHostname", why, "sb", name, 0);
	/* hostnamed does not; the first name replaces none, and a power cut would leave an empty file. */
	return r < 0 ? r : file_flush(site_path(site, HOSTNAME_FILE).s, why);
}

/*
 * Replaces a drop-in, or removes it where there is nothing to say, and has @unit read it. Where
 * that fails the drop-in is put back, so that the next start of the unit does not bring a setting
 * that was reported as failed.
 */
static int replace_drop_in(const struct site *site, const char *path, const char *text,
			   const char *unit, struct fail *why)
{
	autofree char *before = NULL;
	struct fail ignored = { 0 };
	int r;

	r = site_read(site, path, &before, why);
	if (r < 0)
		return r;
	r = *text ? site_write_changed(site, path, text, strlen(text), 0644, why)
		  : site_remove(site, path, why);
	if (r <= 0)
		return r;
	r = site_restart_unit(unit, why);
	if (r == 0)
		return 0;
	if (*before)
		(void)site_write(site, path, before, strlen(before), 0644, &ignored);
	else
		(void)site_remove(site, path, &ignored);
	return r;
}

int dns_read(const struct site *site, struct dns_settings *ret, struct fail *why)
{
	autofree char *text = NULL;
	int r;

	memset(ret, 0, sizeof(*ret));
	r = site_read(site, DNS_DROP_IN, &text, why);
	if (r == 0)
		dns_config_read(text, ret);
	return r;
}

static void read_line(char *line, struct dns_in_force *ret)
{
	char *save = NULL, *key = strtok_r(line, " \t", &save), *word;

	if (!key)
		return;
	while ((word = strtok_r(NULL, " \t", &save)) != NULL) {
		if (strcmp(key, "nameserver") == 0 && ret->n_servers < DNS_IN_FORCE_MAX)
			snprintf(ret->servers[ret->n_servers++], sizeof(ret->servers[0]), "%s",
				 word);
		/* resolved writes "search ." where there is no domain. */
		else if (strcmp(key, "search") == 0 && strcmp(word, ".") != 0 &&
			 ret->n_domains < DNS_IN_FORCE_MAX)
			snprintf(ret->domains[ret->n_domains++], sizeof(ret->domains[0]), "%s",
				 word);
	}
}

void dns_read_in_force(const struct site *site, struct dns_in_force *ret)
{
	autofree char *text = NULL;
	char *save = NULL;

	memset(ret, 0, sizeof(*ret));
	if (site_read(site, RESOLV_CONF, &text, NULL) < 0)
		return;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (*line != '#')
			read_line(line, ret);
}

static int replace_dns(const struct site *site, const struct dns_settings *dns, struct fail *why)
{
	char text[1024] = "";

	if (!dns_is_empty(dns))
		dns_config(dns, text, sizeof(text));
	return replace_drop_in(site, DNS_DROP_IN, text, "systemd-resolved.service", why);
}

int dns_apply(const struct site *site, const struct dns_settings *dns,
	      const struct network_change *trial, struct fail *why)
{
	struct dns_settings before;
	struct fail ignored = { 0 };
	int r;

	r = dns_read(site, &before, why);
	if (r == 0)
		r = replace_dns(site, dns, why);
	if (r < 0)
		return r;
	r = network_sync(site, trial, why);
	if (r < 0) {
		(void)replace_dns(site, &before, &ignored);
		(void)network_sync(site, trial, &ignored);
	}
	return r;
}

void ntp_read(const struct site *site, struct ntp_settings *ret)
{
	autofree char *text = NULL;

	memset(ret, 0, sizeof(*ret));
	if (site_read(site, NTP_DROP_IN, &text, NULL) == 0)
		ntp_config_read(text, ret);
}

int ntp_apply(const struct site *site, const struct ntp_settings *ntp, struct fail *why)
{
	char text[NTP_SERVERS_MAX * NTP_NAME_BYTES + 256] = "";

	if (ntp->n > 0)
		ntp_config(ntp, text, sizeof(text));
	return replace_drop_in(site, NTP_DROP_IN, text, "systemd-timesyncd.service", why);
}

bool ntp_is_synchronized(const struct site *site)
{
	/* timesyncd touches it whenever a server answered (systemd-timesyncd.service(8)). */
	return access(site_path(site, "/run/systemd/timesync/synchronized").s, F_OK) == 0;
}
