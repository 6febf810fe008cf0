/* SPDX-License-Identifier: Apache-2.0 */
#include "proxy_check.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dns_check.h"
#include "encode.h"
#include "keyvalue.h"
#include "lib/cleanup.h"
#include "net_check.h"
#include "refuse.h"

#define PEM_BEGIN "-----BEGIN CERTIFICATE-----"
#define PEM_END	  "-----END CERTIFICATE-----"
#define BLANKS	  " \t\r\n"

/* Nothing in it means anything to a shell, to systemd or to environment.d, but '%'. */
#define USERINFO_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%+:"

char *proxy_masked(const char *endpoint, char *buf, size_t size)
{
	const char *at = strrchr(endpoint, '@'), *slashes = strstr(endpoint, "//");

	if (!at)
		snprintf(buf, size, "%s", endpoint);
	else
		snprintf(buf, size, "%.*s***%s", slashes ? (int)(slashes + 2 - endpoint) : 0,
			 endpoint, at);
	return buf;
}

static bool is_ipv6(const char *text, size_t n)
{
	char buf[64];
	struct in6_addr address;

	if (n >= sizeof(buf))
		return false;
	snprintf(buf, sizeof(buf), "%.*s", (int)n, text);
	return inet_pton(AF_INET6, buf, &address) == 1;
}

static bool is_ipv4(const char *text, size_t n)
{
	char buf[32];
	uint32_t address;

	snprintf(buf, sizeof(buf), "%.*s", (int)(n < 31 ? n : 31), text);
	return !strpbrk(buf, " \t") && ipv4_parse(buf, &address);
}

/* A name, an IPv4 address, or with @brackets an IPv6 one in them. */
static bool is_host(const char *text, size_t n, bool brackets)
{
	if (brackets && n > 2 && text[0] == '[' && text[n - 1] == ']')
		return is_ipv6(text + 1, n - 2);
	if (n > 0 && strspn(text, "0123456789.") >= n)
		return is_ipv4(text, n);
	return domain_is_valid(text, n);
}

static bool port_is_valid(const char *text, size_t n)
{
	char buf[8];
	unsigned port;

	snprintf(buf, sizeof(buf), "%.*s", (int)(n < 7 ? n : 7), text);
	return keyvalue_number(buf, 1, 65535, &port);
}

/* scheme://[user:password@]host:port[/] */
static int check_endpoint(const char *field, const char *typed, char *ret, struct fail *why)
{
	char shown[PROXY_ENDPOINT_BYTES];
	const char *host, *port, *end, *at;
	size_t n;

	typed += strspn(typed, BLANKS);
	n = strlen(typed);
	while (n > 0 && strchr(BLANKS "/", typed[n - 1]) && !(n > 1 && typed[n - 2] == '/'))
		n--;
	ret[0] = '\0';
	if (n == 0)
		return 0;
	proxy_masked(typed, shown, sizeof(shown));
	if (n >= PROXY_ENDPOINT_BYTES)
		return refuse(why, field, shown, "has %zu characters, at most %d are allowed", n,
			      PROXY_ENDPOINT_BYTES - 1);
	if (strncasecmp(typed, "http://", 7) != 0 && strncasecmp(typed, "https://", 8) != 0)
		return refuse(
			why, field, shown,
			"must start with http:// or https://, as in http://proxy.example.org:3128");
	host = strstr(typed, "//") + 2;
	end = typed + n;
	at = memrchr(host, '@', (size_t)(end - host));
	if (at && (at == host || strspn(host, USERINFO_CHARS) < (size_t)(at - host)))
		return refuse(why, field, shown,
			      "has characters before the \"@\" that must be written as %%XX");
	host = at ? at + 1 : host;
	port = memrchr(host, ':', (size_t)(end - host));
	if (!port || memchr(port, ']', (size_t)(end - port)))
		return refuse(why, field, shown,
			      "has no port; write it behind the host, as in :3128");
	if (!is_host(host, (size_t)(port - host), true))
		return refuse(
			why, field, shown,
			"has no valid host: a name, an IPv4 address, or an IPv6 address in []");
	if (!port_is_valid(port + 1, (size_t)(end - port - 1)))
		return refuse(why, field, shown, "has no valid port: a number from 1 to 65535");
	snprintf(ret, PROXY_ENDPOINT_BYTES, "%.*s", (int)n, typed);
	return 0;
}

static bool cidr_is_valid(const char *item, const char *slash)
{
	size_t n = (size_t)(slash - item);
	unsigned prefix;

	if (is_ipv4(item, n))
		return keyvalue_number(slash + 1, 0, 32, &prefix);
	return is_ipv6(item, n) && keyvalue_number(slash + 1, 0, 128, &prefix);
}

/* A host, a domain (".example.org", "*.example.org"), an address, a CIDR; a host may have a port. */
static bool no_proxy_item_is_valid(const char *item)
{
	const char *slash = strchr(item, '/'), *colon = strrchr(item, ':');
	size_t n = strlen(item);

	if (slash)
		return cidr_is_valid(item, slash);
	if (strncmp(item, "*.", 2) == 0)
		return domain_is_valid(item + 2, n - 2);
	if (*item == '.')
		return domain_is_valid(item + 1, n - 1);
	if (is_ipv6(item, n) || is_host(item, n, true))
		return true;
	return colon && is_host(item, (size_t)(colon - item), true) &&
	       port_is_valid(colon + 1, strlen(colon + 1));
}

static int check_no_proxy(const char *typed, char *ret, struct fail *why)
{
	size_t used = 0;

	ret[0] = '\0';
	for (const char *p = typed + strspn(typed, BLANKS ","); *p; p += strspn(p, BLANKS ",")) {
		size_t n = strcspn(p, BLANKS ",");
		char item[300];

		snprintf(item, sizeof(item), "%.*s", (int)(n < 299 ? n : 299), p);
		p += n;
		if (!no_proxy_item_is_valid(item))
			return refuse(why, FIELD_NO_PROXY, item,
				      "is no host, domain, IP address or CIDR such as 10.0.0.0/8");
		if (used + n + 2 > PROXY_NO_PROXY_BYTES)
			return refuse(why, FIELD_NO_PROXY, item,
				      "makes the list longer than %d bytes",
				      PROXY_NO_PROXY_BYTES - 1);
		used += (size_t)snprintf(ret + used, PROXY_NO_PROXY_BYTES - used, "%s%s",
					 used ? "," : "", item);
	}
	return 0;
}

/* Only certificates, each with its frame and strict base64: no private key gets stored by mistake. */
static int check_pem(const char *pem, struct fail *why)
{
	size_t n_found = 0;

	if (strstr(pem, "PRIVATE KEY"))
		return refuse(why, FIELD_CA, NULL,
			      "there is a private key in it; give the certificates alone");
	for (const char *p = pem; (p = strstr(p, PEM_BEGIN)) != NULL; n_found++) {
		const char *data = p + strlen(PEM_BEGIN), *end = strstr(data, PEM_END);
		autofree unsigned char *der = NULL;
		size_t n;

		der = end ? base64_decode(data, (size_t)(end - data), &n) : NULL;
		/* DER of a certificate is a SEQUENCE. */
		if (!der || der[0] != 0x30)
			return refuse(why, FIELD_CA, NULL, "certificate %zu is damaged PEM",
				      n_found + 1);
		p = end;
	}
	if (n_found == 0)
		return refuse(why, FIELD_CA, NULL, "there is no \"" PEM_BEGIN "\" in it");
	return 0;
}

static int check_ca(const char *typed, char **ret, struct fail *why)
{
	autofree char *pem = NULL;
	size_t n;
	int r;

	if (strstr(typed, "-----BEGIN ")) {
		pem = strdup(typed);
	} else {
		pem = (char *)base64_decode(typed, strlen(typed), &n);
		if (pem && strlen(pem) != n)
			pem[0] = '\0'; /* bytes, not text: the check below says so */
	}
	if (!pem)
		return refuse(why, FIELD_CA, NULL, "is neither base64 nor PEM");
	r = check_pem(pem, why);
	if (r == 0)
		*ret = take_ptr(pem);
	return r;
}

int proxy_check(const char *http, const char *https, const char *no_proxy, const char *const ca[],
		size_t n_ca, struct proxy_settings *ret, struct fail *why)
{
	struct proxy_settings proxy = { 0 };
	size_t bytes = 0;
	int r;

	r = check_endpoint(FIELD_HTTP, http, proxy.http, why);
	if (r == 0)
		r = check_endpoint(FIELD_HTTPS, https, proxy.https, why);
	if (r == 0)
		r = check_no_proxy(no_proxy, proxy.no_proxy, why);
	for (size_t i = 0; r == 0 && i < n_ca; i++) {
		if (!ca[i][strspn(ca[i], BLANKS)])
			continue;
		bytes += strlen(ca[i]);
		if (proxy.n_ca == PROXY_CA_MAX || bytes > PROXY_CA_BYTES)
			r = refuse(why, FIELD_CA, NULL,
				   "at most %d entries and %d bytes are allowed", PROXY_CA_MAX,
				   PROXY_CA_BYTES);
		else
			r = check_ca(ca[i], &proxy.ca[proxy.n_ca], why);
		proxy.n_ca += r == 0;
	}
	if (r == 0)
		*ret = proxy;
	else
		proxy_done(&proxy);
	return r;
}

void proxy_done(struct proxy_settings *proxy)
{
	for (size_t i = 0; i < proxy->n_ca; i++)
		free(proxy->ca[i]);
	memset(proxy, 0, sizeof(*proxy));
}

bool proxy_is_empty(const struct proxy_settings *proxy)
{
	return !proxy->http[0] && !proxy->https[0] && !proxy->no_proxy[0] && proxy->n_ca == 0;
}
