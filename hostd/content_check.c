/* SPDX-License-Identifier: Apache-2.0 */
#include "content_check.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyvalue.h"
#include "lib/utf8.h"
#include "refuse.h"

static const char *const origins[] = { "upload", "medium", "leader" };

/* What is wrong with it; NULL nothing. */
static const char *name_fault(const char *name)
{
	size_t n = strlen(name);

	if (n == 0)
		return "is missing";
	if (n > CONTENT_NAME_MAX)
		return "is too long: at most 200 bytes";
	if (!utf8_is_plain(name))
		return "has control characters or is not UTF-8";
	if (strchr(name, '/'))
		return "must not have a \"/\"";
	if (name[0] == '.')
		return "must not begin with a dot";
	if (name[0] == ' ' || name[n - 1] == ' ')
		return "must not begin or end with a blank";
	return NULL;
}

bool content_name_is_valid(const char *name)
{
	return name_fault(name) == NULL;
}

static bool is_hex(const char *text, size_t n)
{
	return strlen(text) == n && strspn(text, "0123456789abcdef") == n;
}

bool content_id_is_valid(const char *id)
{
	return is_hex(id, CONTENT_ID_BYTES - 1);
}

static int check_digest(const char *sha256, char *ret, struct fail *why)
{
	size_t n = strlen(sha256);

	if (n != 0 && n != CONTENT_DIGEST_BYTES - 1)
		return refuse(why, FIELD_SHA256, sha256, "must have 64 hex digits; it has %zu", n);
	for (size_t i = 0; i <= n; i++)
		ret[i] = (char)tolower((unsigned char)sha256[i]);
	if (n != 0 && !is_hex(ret, n))
		return refuse(why, FIELD_SHA256, sha256, "must have hex digits alone");
	return 0;
}

int content_check(const char *name, uint64_t size_bytes, const char *sha256,
		  struct content_entry *ret, struct fail *why)
{
	const char *fault = name_fault(name);

	if (fault)
		return refuse(why, FIELD_NAME, name, "%s", fault);
	if (size_bytes == 0 || size_bytes > INT64_MAX)
		return refuse(why, FIELD_SIZE, NULL, "%" PRIu64 " bytes must be 1 to %" PRId64,
			      size_bytes, INT64_MAX);
	snprintf(ret->name, sizeof(ret->name), "%s", name);
	ret->size_bytes = size_bytes;
	return check_digest(sha256, ret->sha256, why);
}

uint64_t content_keep_bytes(uint64_t total_bytes)
{
	uint64_t part = total_bytes / 20;

	return part < CONTENT_KEEP_BYTES_MAX ? part : CONTENT_KEEP_BYTES_MAX;
}

unsigned content_read_seconds(uint64_t bytes)
{
	uint64_t seconds = CONTENT_READ_LEAST_SECONDS + bytes / CONTENT_READ_RATE;

	return seconds < UINT_MAX ? (unsigned)seconds : UINT_MAX;
}

size_t content_record(const struct content_entry *entry, char *buf)
{
	size_t n = (size_t)snprintf(buf, CONTENT_RECORD_BYTES,
				    "name = %s\nsize = %" PRIu64 "\nsha256 = %s\norigin = %s\n"
				    "added = %" PRIu64 "\n",
				    entry->name, entry->size_bytes, entry->sha256, entry->origin,
				    entry->added_s);

	if (entry->leader[0])
		n += (size_t)snprintf(buf + n, CONTENT_RECORD_BYTES - n, "leader = %s\n",
				      entry->leader);
	if (entry->checked_s)
		n += (size_t)snprintf(buf + n, CONTENT_RECORD_BYTES - n, "checked = %" PRIu64 "\n",
				      entry->checked_s);
	if (entry->damaged)
		n += (size_t)snprintf(buf + n, CONTENT_RECORD_BYTES - n, "damaged = yes\n");
	return n;
}

static bool read_number(const char *value, uint64_t *ret)
{
	char *end;

	if (!isdigit((unsigned char)*value))
		return false;
	errno = 0;
	*ret = strtoull(value, &end, 10);
	return errno == 0 && *end == '\0';
}

static bool read_origin(const char *value, char *ret, size_t size)
{
	for (size_t i = 0; i < sizeof(origins) / sizeof(origins[0]); i++)
		if (strcmp(value, origins[i]) == 0)
			return snprintf(ret, size, "%s", value) > 0;
	return false;
}

bool content_read_record(char *text, struct content_entry *ret)
{
	struct keyvalue kv = keyvalue_of(text);
	uint64_t size = 0, added = 0, checked = 0;
	const char *name = "", *sha256 = "", *leader = "";
	char origin[sizeof(ret->origin)] = "";
	bool damaged = false;
	struct content_entry entry = { 0 };

	while (keyvalue_next(&kv)) {
		bool good = kv.key != NULL;

		if (good && strcmp(kv.key, "name") == 0)
			name = kv.value;
		else if (good && strcmp(kv.key, "sha256") == 0)
			sha256 = kv.value;
		else if (good && strcmp(kv.key, "size") == 0)
			good = read_number(kv.value, &size);
		else if (good && strcmp(kv.key, "added") == 0)
			good = read_number(kv.value, &added);
		else if (good && strcmp(kv.key, "origin") == 0)
			good = read_origin(kv.value, origin, sizeof(origin));
		else if (good && strcmp(kv.key, "leader") == 0)
			leader = kv.value;
		else if (good && strcmp(kv.key, "checked") == 0)
			good = read_number(kv.value, &checked);
		else if (good && strcmp(kv.key, "damaged") == 0)
			damaged = strcmp(kv.value, "yes") == 0;
		if (!good)
			return false;
	}
	if (!origin[0] || content_check(name, size, sha256, &entry, NULL) < 0)
		return false;
	memcpy(entry.origin, origin, sizeof(entry.origin));
	entry.added_s = added;
	entry.checked_s = checked;
	entry.damaged = damaged;
	snprintf(entry.leader, sizeof(entry.leader), "%s", leader);
	*ret = entry;
	return true;
}
