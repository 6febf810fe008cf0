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
