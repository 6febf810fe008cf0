/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_line.h"

#include <ctype.h>
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
		 when, json_quote(event->actor, actor, sizeof(actor)),
		 json_quote(event->from, from, sizeof(from)),
		 json_quote(event->action, action, sizeof(action)),
		 json_quote(event->object, object, sizeof(object)),
		 json_quote(event->result, result, sizeof(result)),
		 json_quote(event->reason, reason, sizeof(reason)));
	return buf;
}

/* Four hex digits at @p. Less than 0: they are none. */
static int hex_code(const char *p, const char *end)
{
	int code = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		if (!isxdigit((unsigned char)p[i]))
			return -1;
		code = code * 16 +
		       (isdigit((unsigned char)p[i]) ? p[i] - '0' : tolower(p[i]) - 'a' + 10);
	}
	return code;
}

/* One character of a string, behind an escape or not. NULL: it is damaged; else what follows it. */
static const char *take_char(const char *p, const char *end, char *ret)
{
	int code;

	*ret = *p;
	if (*p != '\\')
		return p + 1;
	p++;
	if (p == end)
		return NULL;
	*ret = *p;
	if (*p != 'u')
		return p + 1;
	code = hex_code(p + 1, end);
	*ret = (char)code;
	return code < 0 ? NULL : p + 5;
}

/* The text between two quotes; *@at stands behind the second one then. */
static bool take_string(const char **at, const char *end, char *buf, size_t size)
{
	const char *p = *at;
	size_t used = 0;

	if (p >= end || *p != '"')
		return false;
	p++;
	while (p && p < end && *p != '"') {
		char c;

		p = take_char(p, end, &c);
		if (used + 1 < size)
			buf[used++] = c;
	}
	buf[used] = '\0';
	if (!p || p >= end)
		return false;
	*at = p + 1;
	return true;
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
