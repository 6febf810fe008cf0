/* SPDX-License-Identifier: Apache-2.0 */
#include "reset_keep.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"

#define PATH_BYTES 1024

/*
 * Accounts, names, network, proxy, identity, audit log: what the first-boot screens and the machine
 * itself have set. A '*' stands within one name. docs/HOSTD.md says which file is whose.
 */
static const char *const kept[] = {
	"etc/passwd",
	"etc/shadow",
	"etc/group",
	"etc/gshadow",
	"etc/subuid",
	"etc/subgid",
	"etc/hostname",
	"etc/machine-id",
	"etc/palette",
	"etc/ssh/ssh_host_*",
	"etc/systemd/network",
	"etc/systemd/resolved.conf.d",
	"etc/systemd/timesyncd.conf.d",
	"etc/systemd/system.conf.d/*-palette-*",
	"etc/profile.d/palette-*",
	"etc/environment.d/*-palette-*",
	/* made by update-ca-certificates from usr-local */
	"etc/ssl/certs",
	"home/*/.ssh",
	"usr-local/share/ca-certificates",
	"var/log/palette-audit.log*",
};

static size_t count_names(const char *path)
{
	size_t n = 1;

	for (; *path; path++)
		n += *path == '/';
	return n;
}

/* The first @n names of @path. */
static const char *first_names(const char *path, size_t n, char buf[PATH_BYTES])
{
	size_t bytes = 0;

	while (path[bytes] && (path[bytes] != '/' || --n > 0) && bytes < PATH_BYTES - 1)
		bytes++;
	memcpy(buf, path, bytes);
	buf[bytes] = '\0';
	return buf;
}

static enum reset_keep keep_by(const char *pattern, const char *path)
{
	size_t n_pattern = count_names(pattern), n_path = count_names(path);
	char pattern_start[PATH_BYTES], path_start[PATH_BYTES];
	size_t n = n_path < n_pattern ? n_path : n_pattern;

	if (fnmatch(first_names(pattern, n, pattern_start), first_names(path, n, path_start),
		    FNM_PATHNAME | FNM_PERIOD | FNM_NOESCAPE) != 0)
		return KEEP_NOTHING;
	return n_path < n_pattern ? KEEP_BELOW : KEEP_ALL;
}

enum reset_keep reset_keep(const char *path)
{
	enum reset_keep most = KEEP_NOTHING;

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		enum reset_keep keep = keep_by(kept[i], path);

		if (keep > most)
			most = keep;
	}
	return most;
}

const char *reset_request_text(const char *json, const char *key, char *buf, size_t size)
{
	char name[40];
	const char *at;
	size_t n;

	snprintf(name, sizeof(name), "\"%s\":\"", key);
	at = strstr(json, name);
	buf[0] = '\0';
	if (!at)
		return buf;
	at += strlen(name);
	n = strcspn(at, "\"\\");
	if (at[n] == '"' && n < size)
		snprintf(buf, size, "%.*s", (int)n, at);
	return buf;
}
