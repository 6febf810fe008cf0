/* SPDX-License-Identifier: Apache-2.0 */
#include "identity.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "audit_append.h"
#include "hostd/hostname_check.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "state_seed.h"

/*
 * Below the state. An owner's own pair for the Local UI stays: it was put there on purpose. What links
 * hosts is palette-linkd's own, which knows a copy by itself.
 */
static const char *const own_files[] = {
	"etc/machine-id",	   "var/lib/dbus/machine-id",	  "etc/palette/tls/cert.pem",
	"etc/palette/tls/key.pem", "var/lib/systemd/random-seed",
};

enum identity identity_compare(const char *kept, const char *uuid)
{
	if (!product_uuid_is_real(uuid))
		return IDENTITY_UNKNOWN;
	if (!product_uuid_is_real(kept))
		return IDENTITY_FIRST;
	return strcasecmp(kept, uuid) == 0 ? IDENTITY_SAME : IDENTITY_COPY;
}

static int remove_file(const char *state, const char *name, struct fail *why)
{
	autofree char *path = xasprintf("%s/%s", state, name);

	if (unlink(path) < 0 && errno != ENOENT && errno != ENOTDIR)
		return fail_errno(why, errno, "remove %s", path);
	return 0;
}

static int remove_ssh_keys(const char *state, struct fail *why)
{
	autofree char *path = xasprintf("%s/etc/ssh", state);
	autoclosedir DIR *dir = opendir(path);
	struct dirent *entry;
	int r = 0;

	if (!dir)
		return errno == ENOENT ? 0 : fail_errno(why, errno, "open directory %s", path);
	while (r == 0 && (entry = readdir(dir)) != NULL)
		if (strncmp(entry->d_name, "ssh_host_", strlen("ssh_host_")) == 0)
			r = remove_file(path, entry->d_name, why);
	return r;
}

/* A name that a person gave is a setting. */
static int remove_made_name(const char *state, const char *kept, struct fail *why)
{
	autofree char *path = xasprintf("%s/etc/hostname", state);
	char name[HOSTNAME_MAX + 1], made[HOSTNAME_MAX + 1];

	if (file_read_line(path, name, sizeof(name)) < 0 ||
	    strcmp(name, hostname_default(kept, "", made)) != 0)
		return 0;
	return remove_file(state, "etc/hostname", why);
}

/* It may fail: were the new UUID not kept for that, each start would take the new identity away again. */
static void add_audit_entry(const char *state, const char *kept, const char *uuid)
{
	autofree char *path = xasprintf("%s/var/log/palette-audit.log", state);
	autofree char *reason = xasprintf("the product UUID is %s: the machine is a copy, and gets "
					  "a machine id, SSH keys and a certificate of its own",
					  uuid);
	struct audit_event event = { .time = time(NULL),
				     .actor = "system",
				     .from = "local",
				     .action = "host-copied",
				     .object = kept,
				     .result = "ok",
				     .reason = reason };
	struct fail why;
	int r = audit_append(path, &event, &why);

	/* A copy that was made before the first start has no state yet. */
	if (r < 0 && r != -ENOENT)
		log_warn("an event is missing in the audit log: %s", why.msg);
}

static int become_new(const char *data, const char *kept, const char *uuid, struct fail *why)
{
	autofree char *state = xasprintf("%s/state", data);
	int r = 0;

	log_warn("this machine has the product UUID %s, its data partition was made by %s: it is a "
		 "copy, and gets an identity of its own",
		 uuid, kept);
	for (size_t i = 0; i < ARRAY_SIZE(own_files) && r == 0; i++)
		r = remove_file(state, own_files[i], why);
	if (r == 0)
		r = remove_ssh_keys(state, why);
	if (r == 0)
		r = remove_made_name(state, kept, why);
	if (r < 0)
		return r;
	add_audit_entry(state, kept, uuid);
	return state_flush(data, why);
}

int identity_settle(const char *data, const char *uuid, char ret_original[IDENTITY_UUID_BYTES],
		    struct fail *why)
{
	autofree char *path = xasprintf("%s/" IDENTITY_KEPT, data);
	char kept[IDENTITY_UUID_BYTES], line[IDENTITY_UUID_BYTES + 1];
	enum identity identity;
	int r = file_read_line(path, kept, sizeof(kept));

	/* A copy whose disk cannot be read must not be taken for a first start. */
	if (r < 0 && r != -ENOENT)
		return fail_errno(why, -r, "read %s", path);
	identity = identity_compare(kept, uuid);
	if (identity == IDENTITY_UNKNOWN || identity == IDENTITY_SAME)
		return (int)identity;
	r = identity == IDENTITY_COPY ? become_new(data, kept, uuid, why) : 0;
	if (r == 0) {
		int n = snprintf(line, sizeof(line), "%.*s\n", IDENTITY_UUID_BYTES - 1, uuid);

		r = file_write_atomic(path, line, (size_t)n, 0600, why);
	}
	if (r < 0)
		return r;
	if (identity == IDENTITY_COPY)
		snprintf(ret_original, IDENTITY_UUID_BYTES, "%s", kept);
	return (int)identity;
}
