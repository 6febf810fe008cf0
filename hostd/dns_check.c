/* SPDX-License-Identifier: Apache-2.0 */
#include "dns_check.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "keyvalue.h"
#include "net_check.h"
#include "refuse.h"

#define DOMAIN_MAX 253
#define LABEL_MAX  63
#define BLANKS	   " \t,"
#define HEAD	   "# Written by palette-hostd; changes here are overwritten.\n"

bool domain_is_valid(const char *name, size_t n)
{
	size_t label = 0;

	if (n > 1 && name[n - 1] == '.')
		n--;
	if (n == 0 || n > DOMAIN_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (name[i] == '.') {
			if (label == 0 || name[i - 1] == '-')
				return false;
			label = 0;
			continue;
		}
		if (!isalnum((unsigned char)name[i]) && name[i] != '_' &&
		    (name[i] != '-' || label == 0))
			return false;
		if (++label > LABEL_MAX)
			return false;
	}
	return label > 0 && name[n - 1] != '-';
}

int dns_check_server(const char *field, const char *text, uint32_t *ret, struct fail *why)
{
	text = text ? text + strspn(text, " \t") : "";
	if (!*text)
		return 0;
	return ipv4_check_host(field, text, ret, why);
}

static int check_search(const char *typed, char *ret, struct fail *why)
{
	size_t used = 0, n_domains = 0;

	for (const char *p = typed + strspn(typed, BLANKS); *p; p += strspn(p, BLANKS)) {
		size_t n = strcspn(p, BLANKS);
		char domain[300];

		snprintf(domain, sizeof(domain), "%.*s", (int)(n < 299 ? n : 299), p);
		p += n;
		if (!domain_is_valid(domain, strlen(domain)) || n > DOMAIN_MAX + 1)
			return refuse(why, FIELD_SEARCH, domain,
				      "is no domain: parts of a-z, 0-9 and \"-\" with dots "
				      "between, as in "
				      "example.org");
		if (++n_domains > DNS_SEARCH_MAX)
			return refuse(why, FIELD_SEARCH, domain,
				      "is one too many: at most %d domains", DNS_SEARCH_MAX);
		if (used + n + 2 > DNS_SEARCH_BYTES)
			return refuse(why, FIELD_SEARCH, domain,
				      "makes the list longer than %d bytes", DNS_SEARCH_BYTES - 1);
		if (domain[strlen(domain) - 1] == '.')
			domain[strlen(domain) - 1] = '\0';
		for (char *c = domain; *c; c++)
			*c = (char)tolower((unsigned char)*c);
		used += (size_t)snprintf(ret + used, DNS_SEARCH_BYTES - used, "%s%s",
					 used ? " " : "", domain);
	}
	return 0;
}

int dns_check(const char *primary, const char *alternate, const char *search,
	      struct dns_settings *ret, struct fail *why)
{
	struct dns_settings dns = { 0 };
	char text[16];
	int r;

	r = dns_check_server(FIELD_PRIMARY, primary, &dns.primary, why);
	if (r == 0)
		r = dns_check_server(FIELD_ALTERNATE, alternate, &dns.alternate, why);
	if (r < 0)
		return r;
	if (dns.alternate && !dns.primary)
		return refuse(why, FIELD_PRIMARY, NULL,
			      "is empty, but there is an alternate one; move that up");
	if (dns.alternate && dns.alternate == dns.primary)
		return refuse(why, FIELD_ALTERNATE, ipv4_text(dns.alternate, text),
			      "is the primary one already");
	r = check_search(search ? search : "", dns.search, why);
	if (r == 0)
		*ret = dns;
	return r;
}

bool dns_is_empty(const struct dns_settings *dns)
{
	return !dns->primary && !dns->search[0];
}

size_t dns_config(const struct dns_settings *dns, char *buf, size_t size)
{
	char a[16] = "", b[16] = "";
	int n;

	if (dns->primary)
		ipv4_text(dns->primary, a);
	if (dns->alternate)
		ipv4_text(dns->alternate, b);
	n = snprintf(buf, size, HEAD "[Resolve]\nDNS=%s%s%s\nDomains=%s%s%s\n", a, *b ? " " : "", b,
		     dns->search, dns->search[0] && *a ? " " : "", *a ? "~." : "");
	return (size_t)n < size ? (size_t)n : size - 1;
}

void dns_config_read(char *text, struct dns_settings *ret)
{
	struct keyvalue kv = keyvalue_of(text);
	char servers[64] = "", search[DNS_SEARCH_BYTES] = "";
	char *alternate, *all;

	memset(ret, 0, sizeof(*ret));
	while (keyvalue_next(&kv)) {
		if (kv.key && strcmp(kv.key, "DNS") == 0)
			snprintf(servers, sizeof(servers), "%s", kv.value);
		else if (kv.key && strcmp(kv.key, "Domains") == 0)
			snprintf(search, sizeof(search), "%s", kv.value);
	}
	all = strstr(search, "~.");
	if (all)
		*all = '\0';
	alternate = strchr(servers, ' ');
	if (alternate)
		*alternate++ = '\0';
	(void)dns_check(servers, alternate, search, ret, NULL);
}

int ntp_check(const char *const servers[], size_t n, struct ntp_settings *ret, struct fail *why)
{
	struct ntp_settings ntp = { 0 };

	if (n > NTP_SERVERS_MAX)
		return refuse(why, FIELD_NTP, NULL, "there are %zu, at most %d are allowed", n,
			      NTP_SERVERS_MAX);
	for (size_t i = 0; i < n; i++) {
		const char *name = servers[i] + strspn(servers[i], " \t");
		size_t bytes = strlen(name);
		uint32_t address;

		while (bytes > 0 && strchr(" \t", name[bytes - 1]))
			bytes--;
		if (bytes == 0)
			continue;
		if (!domain_is_valid(name, bytes))
			return refuse(why, FIELD_NTP, name,
				      "is neither a host name nor an IPv4 address");
		/* Digits and dots alone are meant as an address, and must be a good one. */
		if (strspn(name, "0123456789.") >= bytes &&
		    ipv4_check_host(FIELD_NTP, name, &address, why) < 0)
			return -REFUSED;
		snprintf(ntp.servers[ntp.n++], NTP_NAME_BYTES, "%.*s", (int)bytes, name);
	}
	*ret = ntp;
	return 0;
}

size_t ntp_config(const struct ntp_settings *ntp, char *buf, size_t size)
{
	size_t used = (size_t)snprintf(buf, size, HEAD "[Time]\nNTP=");

	for (size_t i = 0; i < ntp->n && used + NTP_NAME_BYTES + 2 < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s", i ? " " : "",
					 ntp->servers[i]);
	used += (size_t)snprintf(buf + used, size - used, "\n");
	return used;
}

void ntp_config_read(char *text, struct ntp_settings *ret)
{
	struct keyvalue kv = keyvalue_of(text);
	const char *servers[NTP_SERVERS_MAX];
	size_t n = 0;

	memset(ret, 0, sizeof(*ret));
	while (keyvalue_next(&kv)) {
		char *save = NULL;

		if (!kv.key || strcmp(kv.key, "NTP") != 0)
			continue;
		for (char *word = strtok_r(kv.value, " ", &save); word && n < NTP_SERVERS_MAX;
		     word = strtok_r(NULL, " ", &save))
			servers[n++] = word;
	}
	(void)ntp_check(servers, n, ret, NULL);
}
