/* SPDX-License-Identifier: Apache-2.0 */
/*
 * refuse - "FIELD: VALUE and the rule it breaks". Pure.
 *
 * Input from people that breaks a rule is refused with the code REFUSED, which no call of the system
 * made here returns, so that the D-Bus side can tell a refusal from a failure.
 */
#ifndef PALETTE_REFUSE_H
#define PALETTE_REFUSE_H

#include <errno.h>
#include <stddef.h>

#include "lib/fail.h"

#define REFUSED EDOM

/* The field names are part of the D-Bus interface: screens find the field by them. */
#define FIELD_USER	   "user name"
#define FIELD_PASSWORD	   "password"
#define FIELD_OLD_PASSWORD "old password"
#define FIELD_HOSTNAME	   "host name"
#define FIELD_MODE	   "addressing"
#define FIELD_ADDRESS	   "IP address"
#define FIELD_NETMASK	   "subnet mask"
#define FIELD_GATEWAY	   "default gateway"
#define FIELD_VLAN	   "VLAN ID"
#define FIELD_MTU	   "MTU"
#define FIELD_PRIMARY	   "primary name server"
#define FIELD_ALTERNATE	   "alternate name server"
#define FIELD_SEARCH	   "search domain"
#define FIELD_NTP	   "NTP server"
#define FIELD_HTTP	   "HTTP Endpoint"
#define FIELD_HTTPS	   "HTTPS Endpoint"
#define FIELD_NO_PROXY	   "No Proxy"
#define FIELD_CA	   "CA Certificates"
#define FIELD_SSH_KEY	   "SSH key"
#define FIELD_NAME	   "name"
#define FIELD_SIZE	   "size"
#define FIELD_SHA256	   "SHA-256"
#define FIELD_CONTENT	   "content"
#define FIELD_ENDPOINT	   "endpoint"
#define FIELD_FILTER	   "filter"
#define FIELD_SECONDS	   "seconds"

/*
 * Says: field: "value" rule. @value is shown with control characters as "?", and cut after 60
 * characters; NULL for a secret or where there is none: field: rule. Returns -REFUSED.
 */
int refuse(struct fail *why, const char *field, const char *value, const char *rule, ...)
	__attribute__((format(printf, 4, 5)));

#endif
