/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_line.h"

#include <stdio.h>
#include <string.h>

#include "encode.h"

char *audit_line(const struct audit_event *event, char *buf)
{
	char actor[96], from[160], action[64], object[320], result[24], reason[900], when[32];
	struct tm tm;

	gmtime_r(&event->time, &tm);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	snprintf(buf, AUDIT_LINE_BYTES,
		 "{\"time\":\"%s\",\"actor\":%s,\"from\":%s,\"action\":%s,\"object\":%s,\"result\":"
		 "%s,"
		 "\"reason\":%s}\n",
		 when, json_string(event->actor, actor, sizeof(actor)),
		 json_string(event->from, from, sizeof(from)),
		 json_string(event->action, action, sizeof(action)),
		 json_string(event->object, object, sizeof(object)),
		 json_string(event->result, result, sizeof(result)),
		 json_string(event->reason, reason, sizeof(reason)));
	return buf;
}

/* The text between two quotes; *@at stands behind the second one then. */
static bool take_string(const char **at, const char *end, char *buf, size_t size)
{
	const char *p = *at;
	size_t used = 0;

	if (p >= end || *p++ != '"')
		return false;
	while (p < end && *p != '"') {
		char c = *p++;
		unsigned code;

		if (c == '\\' && p < end && (c = *p++) == 'u') {
			if (end - p < 4 || sscanf(p, "%4x", &code) != 1)
				return false;
			c = (char)code;
			p += 4;
		}
		if (used + 1 < size)
			buf[used++] = c;
	}
	buf[used] = '\0';
	*at = p + 1;
	return p < end;
}

/* ",\"KEY\":\"VALUE\"", with @before in the place of the comma. */
static bool take_pair(const char **at, const char *end, const char *before, const char *key,
		      char *buf, size_t size)
{
	size_t n = strlen(before) + strlen(key);

	if ((size_t)(end - *at) < n + 3 || strncmp(*at, before, strlen(before)) != 0 ||
	    strncmp(*at + strlen(before), key, strlen(key)) != 0 || strncmp(*at + n, "\":", 2) != 0)
		return false;
	*at += n + 2;
	return take_string(at, end, buf, size);
}

bool audit_parse(const char *line, size_t n, struct audit_row *ret)
{
	const char *end = line + n;
	struct tm tm = { 0 };
	char when[32];

	if (!take_pair(&line, end, "{\"", "time", when, sizeof(when)) ||
	    !take_pair(&line, end, ",\"", "actor", ret->actor, sizeof(ret->actor)) ||
	    !take_pair(&line, end, ",\"", "from", ret->from, sizeof(ret->from)) ||
	    !take_pair(&line, end, ",\"", "action", ret->action, sizeof(ret->action)) ||
	    !take_pair(&line, end, ",\"", "object", ret->object, sizeof(ret->object)) ||
	    !take_pair(&line, end, ",\"", "result", ret->result, sizeof(ret->result)) ||
	    !take_pair(&line, end, ",\"", "reason", ret->reason, sizeof(ret->reason)))
		return false;
	if (end - line != 1 || *line != '}' || !strptime(when, "%Y-%m-%dT%H:%M:%SZ", &tm))
		return false;
	ret->time = timegm(&tm);
	return true;
}

static bool is_wanted(const char *wanted, const char *value)
{
	return !*wanted || strcmp(wanted, value) == 0;
}

bool audit_matches(const struct audit_filter *filter, const struct audit_row *row)
{
	uint64_t time_s = row->time > 0 ? (uint64_t)row->time : 0;

	if (time_s < filter->since_s || (filter->until_s && time_s > filter->until_s))
		return false;
	if (!is_wanted(filter->actor, row->actor) || !is_wanted(filter->action, row->action) ||
	    !is_wanted(filter->from, row->from) || !is_wanted(filter->result, row->result))
		return false;
	return !filter->contains[0] || strcasestr(row->object, filter->contains) ||
	       strcasestr(row->reason, filter->contains);
}
