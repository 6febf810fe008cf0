/* SPDX-License-Identifier: Apache-2.0 */
#include "origin.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyvalue.h"
#include "lib/cleanup.h"
#include "lib/file.h"

#define CONSOLE_UNIT "/palette-console.service"

/* Numbers of terminals: Documentation/admin-guide/devices.txt of the kernel. */
static bool terminal_name(unsigned device, char *buf)
{
	unsigned major = device >> 8 & 0xfff, minor = (device & 0xff) | (device >> 12 & 0xfff00);

	if (major == 4 && minor < 64)
		snprintf(buf, ORIGIN_BYTES, "tty%u", minor);
	else if (major == 4)
		snprintf(buf, ORIGIN_BYTES, "ttyS%u", minor - 64);
	else if (major >= 136 && major < 144)
		snprintf(buf, ORIGIN_BYTES, "pts/%u", (major - 136) * 256 + minor);
	else if (major == 229)
		snprintf(buf, ORIGIN_BYTES, "hvc%u", minor);
	else
		return false;
	return true;
}

static bool from_terminal(const struct site *site, pid_t pid, char *buf)
{
	char line[1024];
	const char *p;

	(void)file_read_line(site_pathf(site, "/proc/%d/stat", (int)pid).s, line, sizeof(line));
	/* "pid (name) state parent group session terminal": the name may have anything in it. */
	p = strrchr(line, ')');
	for (int i = 0; p && i < 5; i++)
		p = strchr(p + 1, ' ');
	return p && terminal_name((unsigned)strtoul(p, NULL, 10), buf);
}

/* What sshd has of its client goes into a log and a file of JSON. */
static bool is_host(const char *text)
{
	for (const char *p = text; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr(".:-_%/", *p))
			return false;
	return *text && strlen(text) < ORIGIN_BYTES;
}

/* logind's own file of a session: what sd_session_get_remote_host() reads. */
static bool from_session(const struct site *site, const char *id, char *buf)
{
	struct site_path path = site_pathf(site, "/run/systemd/sessions/%s", id);
	const char *host = "", *terminal = "";
	autofree char *text = NULL;
	struct keyvalue kv;

	if (strchr(id, '/') || file_read(path.s, 4096, &text, NULL, NULL) < 0)
		return false;
	kv = keyvalue_of(text);
	while (keyvalue_next(&kv)) {
		if (kv.key && strcmp(kv.key, "REMOTE_HOST") == 0)
			host = kv.value;
		else if (kv.key && strcmp(kv.key, "TTY") == 0)
			terminal = kv.value;
	}
	if (!is_host(host))
		host = terminal;
	if (!is_host(host))
		return false;
	snprintf(buf, ORIGIN_BYTES, "%s", host);
	return true;
}

/* The control group is the kernel's word for the session or the service that started the process. */
static bool from_group(const struct site *site, pid_t pid, char *buf)
{
	char line[1024], *id, *end;

	(void)file_read_line(site_pathf(site, "/proc/%d/cgroup", (int)pid).s, line, sizeof(line));
	if (strstr(line, CONSOLE_UNIT)) {
		snprintf(buf, ORIGIN_BYTES, "console");
		return true;
	}
	id = strstr(line, "/session-");
	id = id ? id + strlen("/session-") : NULL;
	end = id ? strstr(id, ".scope") : NULL;
	if (!end)
		return false;
	*end = '\0';
	return from_session(site, id, buf);
}

void origin_of_process(const struct site *site, pid_t pid, char buf[ORIGIN_BYTES])
{
	if (!from_group(site, pid, buf) && !from_terminal(site, pid, buf))
		snprintf(buf, ORIGIN_BYTES, "local");
}
