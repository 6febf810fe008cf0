/* SPDX-License-Identifier: Apache-2.0 */
#include "hostname_check.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/cleanup.h"
#include "lib/utf8.h"
#include "refuse.h"

#define LABEL_MAX    63
#define UUID_LENGTH  36
#define LABEL_DIGITS "abcdefghijklmnopqrstuvwxyz0123456789-"

/* Seen on boards whose maker never set one; the first is AMI's sample, the third Supermicro's. */
static const char *const dummy_uuids[] = {
	"03000200-0400-0500-0006-000700080009", "00020003-0004-0005-0006-000700080009",
	"00010002-0003-0004-0005-000600070008", "12345678-1234-5678-90ab-cddeefaabbcc",
	"12345678-1234-1234-1234-123456789abc", "00112233-4455-6677-8899-aabbccddeeff",
	"01234567-89ab-cdef-0123-456789abcdef", "fefefefe-fefe-fefe-fefe-fefefefefefe",
};

static int refuse_upper_case(const char *name, struct fail *why)
{
	char lower[HOSTNAME_MAX + 1] = "";

	for (size_t i = 0; name[i] && i < HOSTNAME_MAX; i++)
		lower[i] = (char)tolower((unsigned char)name[i]);
	return refuse(why, FIELD_HOSTNAME, name, "has upper-case letters; write \"%s\"", lower);
}

static int check_label(const char *name, const char *label, size_t n, struct fail *why)
{
	if (n == 0)
		return refuse(why, FIELD_HOSTNAME, name, "has an empty part around a dot");
	if (n > LABEL_MAX)
		return refuse(why, FIELD_HOSTNAME, name,
			      "has a part of %zu characters, at most %d are allowed", n, LABEL_MAX);
	if (label[0] == '-' || label[n - 1] == '-')
		return refuse(why, FIELD_HOSTNAME, name,
			      "has a part that starts or ends with \"-\"");
	return 0;
}

int hostname_check(const char *name, struct fail *why)
{
	const char *last = name;
	int r;

	if (!*name)
		return refuse(why, FIELD_HOSTNAME, NULL, "is empty");
	if (utf8_length(name) > HOSTNAME_MAX)
		return refuse(why, FIELD_HOSTNAME, name,
			      "has %zu characters, at most %d are allowed", utf8_length(name),
			      HOSTNAME_MAX);
	if (name[strspn(name, LABEL_DIGITS ".ABCDEFGHIJKLMNOPQRSTUVWXYZ")])
		return refuse(why, FIELD_HOSTNAME, name, "may have a-z, 0-9, \"-\" and \".\" only");
	if (name[strspn(name, LABEL_DIGITS ".")])
		return refuse_upper_case(name, why);
	for (const char *label = name;; label++) {
		size_t n = strcspn(label, ".");

		r = check_label(name, label, n, why);
		if (r < 0)
			return r;
		last = label;
		label += n;
		if (!*label)
			break;
	}
	/* RFC 1123 2.1: a last part of digits alone would read as an address. */
	if (!last[strspn(last, "0123456789")])
		return refuse(why, FIELD_HOSTNAME, name,
			      "ends in a number alone, which reads as an address");
	if (strcmp(name, "localhost") == 0)
		return refuse(why, FIELD_HOSTNAME, name, "means every host itself");
	return 0;
}

bool product_uuid_is_real(const char *uuid)
{
	char first = uuid[0];
	bool differs = false;

	if (strlen(uuid) != UUID_LENGTH)
		return false;
	for (size_t i = 0; i < UUID_LENGTH; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? uuid[i] != '-' : !isxdigit((unsigned char)uuid[i]))
			return false;
		differs |=
			!dash && tolower((unsigned char)uuid[i]) != tolower((unsigned char)first);
	}
	for (size_t i = 0; i < ARRAY_SIZE(dummy_uuids); i++)
		if (strcasecmp(uuid, dummy_uuids[i]) == 0)
			return false;
	return differs;
}

char *hostname_default(const char *uuid, const char *mac, char *buf)
{
	size_t used = (size_t)sprintf(buf, "edge");
	const char *from = product_uuid_is_real(uuid) ? uuid : mac;

	if (*from)
		buf[used++] = '-';
	for (; *from && used < HOSTNAME_MAX; from++)
		if (*from != ':')
			buf[used++] = (char)tolower((unsigned char)*from);
	buf[used] = '\0';
	return buf;
}

bool hostname_is_unset(const char *name)
{
	static const char *const unset[] = { "", "localhost", "localhost.localdomain", "debian",
					     "(none)" };

	for (size_t i = 0; i < ARRAY_SIZE(unset); i++)
		if (strcmp(name, unset[i]) == 0)
			return true;
	return false;
}
