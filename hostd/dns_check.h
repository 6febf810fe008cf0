/* SPDX-License-Identifier: Apache-2.0 */
/* dns_check - name servers, search domains and time servers: checks, and the drop-ins. Pure. */
#ifndef PALETTE_DNS_CHECK_H
#define PALETTE_DNS_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/fail.h"

#define DNS_SEARCH_MAX	 6 /* domains; what the C library reads */
#define DNS_SEARCH_BYTES 512
#define NTP_SERVERS_MAX	 8
#define NTP_NAME_BYTES	 256

struct dns_settings {
	uint32_t primary;	       /* 0: none */
	uint32_t alternate;	       /* 0: none */
	char search[DNS_SEARCH_BYTES]; /* domains with one blank between them, lower case */
};

struct ntp_settings {
	char servers[NTP_SERVERS_MAX][NTP_NAME_BYTES];
	size_t n;
};

/* As typed; NULL means "". An alternate server needs a primary one. */
int dns_check(const char *primary, const char *alternate, const char *search,
	      struct dns_settings *ret, struct fail *why);

/* One name server by itself, named @field in the refusal; of "" and NULL @ret stays as it is. */
int dns_check_server(const char *field, const char *text, uint32_t *ret, struct fail *why);

bool dns_is_empty(const struct dns_settings *dns);

/*
 * The drop-in for resolved. With servers of its own it also routes every name to them ("~."), so that
 * what an adapter got by DHCP does not answer beside them. Returns the length.
 */
size_t dns_config(const struct dns_settings *dns, char *buf, size_t size);

/* Reads the drop-in back; @text is changed. What it cannot read is left empty. */
void dns_config_read(char *text, struct dns_settings *ret);

/* Host names or IPv4 addresses. */
int ntp_check(const char *const servers[], size_t n, struct ntp_settings *ret, struct fail *why);

/* The drop-in for timesyncd. Returns the length. */
size_t ntp_config(const struct ntp_settings *ntp, char *buf, size_t size);
void ntp_config_read(char *text, struct ntp_settings *ret);

/* A name in DNS: labels as in a host name, '_' too; a dot at the end is taken. In any case. */
bool domain_is_valid(const char *name, size_t bytes);

#endif
