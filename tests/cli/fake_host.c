/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_host - host_bus_new() for the tests of the screens: a host that is only pretended, with the
 * rules of the real one.
 *
 * The file FAKE_HOST has what it is like, one fact a line; '_' in a value is a blank. A change of the
 * file is news. What is asked of it is written to FAKE_HOST.calls.
 *
 *   gone                      it does not answer
 *   expired                   sessions have ended
 *   denied                    the caller has no right, and the bus says so to every call
 *   busy                      a change of somebody else waits
 *   account USER PASSWORD
 *   hostname NAME
 *   machine uuid=.. serial=.. vendor=.. model=.. version=.. slot=.. ssh=off key=.. print=..
 *   copied UUID               the machine that this one is a copy of
 *   problem TEXT              of the settings file
 *   adapter NAME mac=.. link=up speed=1000 mode=dhcp addr=A/N,A/N gw=.. vlan=.. lease=.. mtu=..
 *                             without a link it has no address, as networkd does it
 *   cable NAME TEXT           what is at the other end of that adapter's; only such a one can blink
 *   dns SERVER DOMAIN         by DHCP
 *   dns-set PRIMARY ALTERNATE SEARCH
 *   waiting ADAPTER SECONDS
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hostd/account_check.h"
#include "hostd/dns_check.h"
#include "hostd/hostname_check.h"
#include "hostd/net_check.h"
#include "hostd/policy.h"
#include "lib/cleanup.h"
#include "lib/memory.h"
#include "tui/host.h"

struct fake {
	struct host host; /* first: a struct host * is cast back to this */
	struct timespec read_at;
	bool gone, was_gone, expired, denied, busy, logged_in;
	char user[64], password[256];
	char problem[HOST_ERROR_BYTES];
	struct host_info info;
	struct host_adapters adapters;
	struct host_dns dns;
	struct host_pending pending;
	char cable_of[32], cable[HOST_TEXT_BYTES];
};

__attribute__((format(printf, 1, 2))) static void record(const char *fmt, ...)
{
	autofree char *path = xasprintf("%s.calls", getenv("FAKE_HOST"));
	autofclose FILE *out = fopen(path, "ae");
	va_list args;

	if (!out)
		return;
	va_start(args, fmt);
	vfprintf(out, fmt, args);
	va_end(args);
}

/* The value of " key=" in @line with '_' as blank; "" where there is none. */
static void value(const char *line, const char *key, char *buf, size_t size)
{
	autofree char *wanted = xasprintf(" %s=", key);
	const char *at = strstr(line, wanted);

	buf[0] = '\0';
	if (!at)
		return;
	at += strlen(wanted);
	snprintf(buf, size, "%.*s", (int)strcspn(at, " \n"), at);
	for (char *c = buf; *c; c++)
		if (*c == '_')
			*c = ' ';
}

static unsigned number(const char *line, const char *key, unsigned otherwise)
{
	char text[32];

	value(line, key, text, sizeof(text));
	return *text ? (unsigned)atoi(text) : otherwise;
}

static void read_machine(struct host_info *info, const char *line)
{
	char text[64];

	value(line, "uuid", info->product_uuid, sizeof(info->product_uuid));
	value(line, "serial", info->serial, sizeof(info->serial));
	value(line, "vendor", info->vendor, sizeof(info->vendor));
	value(line, "model", info->model, sizeof(info->model));
	value(line, "version", info->version, sizeof(info->version));
	value(line, "slot", info->slot, sizeof(info->slot));
	value(line, "print", info->localui_fingerprint, sizeof(info->localui_fingerprint));
	value(line, "ssh", text, sizeof(text));
	info->ssh_running = strcmp(text, "off") != 0;
	value(line, "key", info->ssh_fingerprints.items[0], HOST_TEXT_BYTES);
	info->ssh_fingerprints.n = info->ssh_fingerprints.items[0][0] != '\0';
	info->localui_port = 5080;
}

/* networkd configures nothing, and takes away what it configured, where there is no carrier. */
static void follow_carrier(struct host_adapter *a)
{
	if (strcmp(a->link, "up") != 0) {
		a->n_addresses = 0;
		a->gateway[0] = '\0';
		a->lease_s = 0;
	}
	a->is_default = a->gateway[0] != '\0';
}

static void read_adapter(struct host_adapters *adapters, const char *line)
{
	struct host_adapter *a = &adapters->items[adapters->n++];
	char addresses[400], *rest = addresses, *one;

	*a = (struct host_adapter){ .mtu_min = 1280, .mtu_max = 9000 };
	sscanf(line, "adapter %31s", a->name);
	value(line, "mac", a->mac, sizeof(a->mac));
	value(line, "link", a->link, sizeof(a->link));
	value(line, "mode", a->mode, sizeof(a->mode));
	value(line, "gw", a->gateway, sizeof(a->gateway));
	value(line, "driver", a->driver, sizeof(a->driver));
	value(line, "pending", a->pending, sizeof(a->pending));
	value(line, "addr", addresses, sizeof(addresses));
	while (*addresses && (one = strsep(&rest, ",")))
		snprintf(a->addresses[a->n_addresses++], sizeof(a->addresses[0]), "%.63s", one);
	a->speed_mbit = number(line, "speed", 0);
	a->vlan = number(line, "vlan", 0);
	a->mtu = number(line, "mtu", 1500);
	a->lease_s = number(line, "lease", 0);
	strcpy(a->settings.mode, a->mode);
	if (strcmp(a->mode, "static") == 0) {
		strcpy(a->settings.address, a->addresses[0]);
		strcpy(a->settings.gateway, a->gateway);
	}
	follow_carrier(a);
}

static void read_line(struct fake *f, const char *line)
{
	char domain[64] = "";

	f->gone |= strcmp(line, "gone\n") == 0;
	f->expired |= strcmp(line, "expired\n") == 0;
	f->denied |= strcmp(line, "denied\n") == 0;
	f->busy |= strcmp(line, "busy\n") == 0;
	sscanf(line, "account %63s %255s", f->user, f->password);
	sscanf(line, "hostname %63s", f->info.hostname);
	sscanf(line, "copied %39s", f->info.copied_from);
	sscanf(line, "problem %499[^\n]", f->problem);
	sscanf(line, "dns-set %63s %63s %63s", f->dns.primary, f->dns.alternate, f->dns.search);
	sscanf(line, "cable %31s %127[^\n]", f->cable_of, f->cable);
	sscanf(line, "waiting %31s %u", f->pending.adapter, &f->pending.remaining_s);
	if (strncmp(line, "machine ", 8) == 0)
		read_machine(&f->info, line);
	if (strncmp(line, "adapter ", 8) == 0)
		read_adapter(&f->adapters, line);
	if (strncmp(line, "dns ", 4) == 0 &&
	    sscanf(line, "dns %63s %63s", f->dns.servers.items[0], domain) > 0) {
		f->dns.servers.n = 1;
		f->dns.by_dhcp = true;
		f->dns.domains.n = *domain != '\0';
		strcpy(f->dns.domains.items[0], domain);
	}
}

/* True when the file is another than at the last look. */
static bool look(struct fake *f)
{
	autofclose FILE *file = fopen(getenv("FAKE_HOST"), "re");
	struct stat st = { 0 };
	char line[1000];

	if (!file || fstat(fileno(file), &st) < 0) {
		f->gone = true;
		return false;
	}
	if (memcmp(&st.st_mtim, &f->read_at, sizeof(f->read_at)) == 0)
		return false;
	f->read_at = st.st_mtim;
	f->gone = f->expired = f->denied = f->busy = false;
	f->adapters.n = 0;
	f->problem[0] = '\0';
	f->pending = (struct host_pending){ 0 };
	while (fgets(line, sizeof(line), file))
		read_line(f, line);
	if (f->pending.adapter[0])
		strcpy(f->pending.change, "c1");
	strcpy(f->info.default_hostname, "edge-4c4c4544-0050-3510-8052-b7c04f4d3332");
	return true;
}

static unsigned news(struct host *host)
{
	struct fake *f = (struct fake *)host;
	unsigned news = look(f) ? HOST_NEWS_ALL & ~(unsigned)HOST_NEWS_BACK : 0;

	if (f->gone)
		news = HOST_NEWS_LOST;
	else if (f->was_gone)
		news = HOST_NEWS_ALL;
	f->was_gone = f->gone;
	return news;
}

/* Whether it answers at all, and whether it answers to this caller. */
static int reach(struct fake *f, bool session, struct fail *why)
{
	(void)look(f);
	if (f->gone)
		return fail_with(why, HOST_GONE,
				 "the host service (palette-hostd) does not answer");
	if (f->denied)
		return fail_with(why, HOST_DENIED,
				 "only root and members of palette-admin may do this");
	if (session && f->expired && !f->logged_in)
		return fail_with(why, HOST_NO_SESSION, "the session has ended: log in again");
	return 0;
}

static int facts(struct host *host, struct host_public *ret, struct fail *why)
{
	struct fake *f = (struct fake *)host;
	int r = reach(f, false, why);

	*ret = (struct host_public){ .has_account = f->user[0] != '\0' };
	strcpy(ret->settings_error, f->problem);
	return r;
}

static int login(struct host *host, const char *user, const char *password, const char *origin,
		 struct fail *why)
{
	struct fake *f = (struct fake *)host;
	int r = reach(f, false, why);

	if (r < 0)
		return r;
	record("login %s from %s\n", user, origin);
	if (strcmp(user, f->user) != 0 || strcmp(password, f->password) != 0)
		return fail_with(why, HOST_BAD_LOGIN, "user name or password is wrong");
	f->logged_in = true;
	return 0;
}

static void logout(struct host *host)
{
	struct fake *f = (struct fake *)host;

	if (f->logged_in)
		record("logout\n");
	f->logged_in = false;
}

static int password_rules(struct host *host, struct host_list *ret, struct fail *why)
{
	policy_rule rules[POLICY_RULES_MAX];
	struct policy policy;

	policy_default(&policy);
	ret->n = policy_rules(&policy.password, rules);
	for (size_t i = 0; i < ret->n; i++)
		strcpy(ret->items[i], rules[i]);
	return reach((struct fake *)host, true, why);
}

static int create_account(struct host *host, const char *user, const char *password,
			  struct fail *why)
{
	struct password_policy policy = PASSWORD_POLICY_DEFAULT;
	struct fake *f = (struct fake *)host;
	int r = reach(f, true, why);

	if (r == 0 && f->user[0])
		return fail_with(why, HOST_EXISTS, "there is an account already");
	if (r == 0)
		r = account_check_user(user, why);
	if (r == 0)
		r = account_check_password(user, password, &policy, why);
	if (r < 0)
		return r;
	record("create %s %s\n", user, password);
	strcpy(f->user, user);
	strcpy(f->password, password);
	return 0;
}

static int info(struct host *host, struct host_info *ret, struct fail *why)
{
	struct fake *f = (struct fake *)host;
	int r = reach(f, true, why);

	*ret = f->info;
	return r;
}

static int set_hostname(struct host *host, const char *name, struct fail *why)
{
	struct fake *f = (struct fake *)host;
	int r = reach(f, true, why);

	if (r == 0)
		r = hostname_check(name, why);
	if (r < 0)
		return r;
	record("hostname %s\n", name);
	strcpy(f->info.hostname, name);
	return 0;
}

static int power_off(struct host *host, struct fail *why)
{
	int r = reach((struct fake *)host, true, why);

	if (r == 0)
		record("power off\n");
	return r;
}

static int adapters(struct host *host, struct host_adapters *ret, struct fail *why)
{
	struct fake *f = (struct fake *)host;
	int r = reach(f, true, why);

	if (r == 0)
		*ret = f->adapters;
	return r;
}

static void apply(struct host_adapter *a, const struct host_settings *s,
		  const struct net_settings *checked)
{
	char address[16];

	a->settings = *s;
	strcpy(a->mode, checked->fixed ? "static" : "dhcp");
	a->vlan = checked->vlan;
	a->mtu = checked->mtu ? checked->mtu : 1500;
	a->lease_s = 0;
	a->n_addresses = checked->fixed;
	ipv4_text(checked->address, address);
	snprintf(a->addresses[0], sizeof(a->addresses[0]), "%s/%u", address, checked->prefix);
	a->gateway[0] = '\0';
	if (checked->gateway)
		ipv4_text(checked->gateway, a->gateway);
	follow_carrier(a);
}

static int neighbour(struct host *host, const char *name, char text[HOST_TEXT_BYTES],
		     struct fail *why)
{
	struct fake *f = (struct fake *)host;

	snprintf(text, HOST_TEXT_BYTES, "%s", strcmp(name, f->cable_of) == 0 ? f->cable : "");
	return reach(f, true, why);
}

static int blink(struct host *host, const char *name, uint32_t seconds, struct fail *why)
{
	struct fake *f = (struct fake *)host;
	int r = reach(f, true, why);

	if (r == 0 && strcmp(name, f->cable_of) != 0)
		return fail_with(why, HOST_FAILED, "the driver of %s has no light to blink", name);
	if (r == 0)
		record("blink %s %u\n", name, seconds);
	return r;
}

static int set_adapter(struct host *host, const char *name, const struct host_settings *s,
		       uint32_t confirm_s, char change[HOST_CHANGE_BYTES], struct fail *why)
{
	struct net_text text = { s->mode, s->address, s->netmask, s->gateway, s->vlan, s->mtu };
	struct net_limits limits = { 1280, 9000 };
	struct fake *f = (struct fake *)host;
	struct net_settings checked;
	struct host_adapter *a = f->adapters.items;
	int r = reach(f, true, why);

	while (a < f->adapters.items + f->adapters.n && strcmp(a->name, name) != 0)
		a++;
	if (r == 0 && a == f->adapters.items + f->adapters.n)
		return fail_with(why, HOST_NOT_FOUND, "the adapter %s is not there (any more)",
				 name);
	if (r == 0 && f->busy)
		return fail_with(why, HOST_BUSY,
				 "a change of %s waits to be confirmed or taken back first", name);
	if (r == 0)
		r = net_check(name, &text, &limits, &checked, why);
	if (r < 0)
		return r;
	record("adapter %s %s %s %s %s %s %s confirm %u\n", name, s->mode, s->address, s->netmask,
	       s->gateway, s->vlan, s->mtu, confirm_s);
	apply(a, s, &checked);
	change[0] = '\0';
	if (confirm_s) {
		f->pending = (struct host_pending){ "c1", "", confirm_s };
		strcpy(f->pending.adapter, name);
		strcpy(change, "c1");
	}
	return 0;
}

static int end_change(struct fake *f, const char *change, const char *how, struct fail *why)
{
	int r = reach(f, true, why);

	if (r == 0 && strcmp(f->pending.change, change) != 0)
		return fail_with(why, HOST_NOT_FOUND, "no such change waits");
	if (r == 0)
		record("%s %s\n", how, change);
	f->pending = (struct host_pending){ 0 };
	return r;
}

static int confirm(struct host *host, const char *change, struct fail *why)
{
	return end_change((struct fake *)host, change, "confirm", why);
}

static int revert(struct host *host, const char *change, struct fail *why)
{
	return end_change((struct fake *)host, change, "revert", why);
}

static int pending(struct host *host, struct host_pending *ret, struct fail *why)
{
	struct fake *f = (struct fake *)host;
	int r = reach(f, true, why);

	*ret = f->pending;
	return r;
}

static int dns(struct host *host, struct host_dns *ret, struct fail *why)
{
	struct fake *f = (struct fake *)host;
	int r = reach(f, true, why);

	*ret = f->dns;
	return r;
}

static int set_dns(struct host *host, const char *primary, const char *alternate,
		   const char *search, struct fail *why)
{
	struct fake *f = (struct fake *)host;
	struct dns_settings checked;
	int r = reach(f, true, why);

	if (r == 0)
		r = dns_check(primary, alternate, search, &checked, why);
	if (r < 0)
		return r;
	record("dns %s %s %s\n", primary, alternate, search);
	strcpy(f->dns.primary, primary);
	strcpy(f->dns.alternate, alternate);
	strcpy(f->dns.search, search);
	f->dns.by_dhcp = !*primary;
	strcpy(f->dns.servers.items[0], primary);
	strcpy(f->dns.servers.items[1], alternate);
	f->dns.servers.n = (*primary != '\0') + (*alternate != '\0');
	return 0;
}

static void done(struct host *host)
{
	free(host);
}

struct host *host_bus_new(void)
{
	static const struct host host = {
		news,		facts,	   login,	 logout,    password_rules,
		create_account, info,	   set_hostname, power_off, adapters,
		set_adapter,	neighbour, blink,	 confirm,   revert,
		pending,	dns,	   set_dns,	 done
	};
	struct fake *f = xcalloc(1, sizeof(*f));

	f->host = host;
	return &f->host;
}
