/* SPDX-License-Identifier: Apache-2.0 */
#include "endpoint.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "dns_check.h"
#include "keyvalue.h"
#include "net_check.h"
#include "refuse.h"

static bool is_ipv6(const char *text)
{
	const char *scope = strchr(text, '%');
	char address[INET6_ADDRSTRLEN];
	unsigned char bytes[16];
	size_t n = scope ? (size_t)(scope - text) : strlen(text);

	if (n >= sizeof(address) || (scope && !adapter_name_is_valid(scope + 1)))
		return false;
	snprintf(address, sizeof(address), "%.*s", (int)n, text);
	return inet_pton(AF_INET6, address, bytes) == 1;
}

/* Digits and dots alone: meant as an address, and no name. */
static bool is_numeric(const char *text)
{
	return strspn(text, "0123456789.") == strlen(text);
}

static int check_host(const char *whole, const char *host, struct endpoint *ret, struct fail *why)
{
	uint32_t v4;

	if (!*host)
		return refuse(why, FIELD_ENDPOINT, whole, "has no host");
	if (strlen(host) >= sizeof(ret->host))
		return refuse(why, FIELD_ENDPOINT, whole, "is too long: at most 253 characters");
	snprintf(ret->host, sizeof(ret->host), "%s", host);
	ret->is_address = is_ipv6(host) || (is_numeric(host) && ipv4_parse(host, &v4));
	if (ret->is_address)
		return 0;
	if (is_numeric(host))
		return refuse(why, FIELD_ENDPOINT, whole, "is no IPv4 address");
	if (strchr(host, ':'))
		return refuse(why, FIELD_ENDPOINT, whole, "is no IPv6 address");
	if (!domain_is_valid(host, strlen(host)))
		return refuse(why, FIELD_ENDPOINT, whole,
			      "is neither a host name nor an IPv4 or IPv6 address");
	return 0;
}

/* Where the port begins; NULL where there is none. One colon alone, or one behind a bracket. */
static const char *find_port(const char *text)
{
	const char *colon = strrchr(text, ':');

	if (!colon)
		return NULL;
	if (text[0] == '[')
		return colon[-1] == ']' ? colon : NULL;
	return strchr(text, ':') == colon ? colon : NULL;
}

static int check_with_port(const char *text, struct endpoint *ret, struct fail *why)
{
	const char *colon = find_port(text), *host = text;
	size_t n = colon ? (size_t)(colon - text) : 0;
	char buf[300];

	if (!colon)
		return refuse(why, FIELD_ENDPOINT, text,
			      "has no port: host:port, or [IPv6 address]:port");
	if (!keyvalue_number(colon + 1, 1, 65535, &ret->port))
		return refuse(why, FIELD_ENDPOINT, text, "has a port that is not 1 to 65535");
	if (text[0] == '[') {
		host++;
		n -= 2;
	}
	snprintf(buf, sizeof(buf), "%.*s", (int)(n < sizeof(buf) ? n : sizeof(buf) - 1), host);
	return check_host(text, buf, ret, why);
}

int endpoint_check(const char *text, bool with_port, struct endpoint *ret, struct fail *why)
{
	memset(ret, 0, sizeof(*ret));
	if (strstr(text, "://"))
		return refuse(why, FIELD_ENDPOINT, text, "is a URL: type its host%s alone",
			      with_port ? " and port" : "");
	if (with_port)
		return check_with_port(text, ret, why);
	if (text[0] == '[' || find_port(text))
		return refuse(why, FIELD_ENDPOINT, text,
			      "has a port or brackets: type the host alone");
	return check_host(text, text, ret, why);
}
