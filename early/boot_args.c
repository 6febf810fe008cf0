/* SPDX-License-Identifier: Apache-2.0 */
#include "boot_args.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/cmdline.h"

#define HEX "0123456789abcdef"

static const char *const role_names[] = {
	[ROLE_INSTALL] = "install", [ROLE_RUN] = "run",	  [ROLE_RECOVERY] = "recovery",
	[ROLE_RESET] = "reset",	    [ROLE_LIVE] = "live",
};

const char *role_name(enum role role)
{
	return role_names[role];
}

static int parse_role(const char *cmdline, enum role *ret, struct fail *why)
{
	char value[32];

	if (cmdline_get(cmdline, "palette.role", value, sizeof(value)) < 0)
		return fail_with(why, EINVAL, "kernel argument palette.role is missing");
	for (size_t i = 0; i < ARRAY_SIZE(role_names); i++) {
		if (strcmp(value, role_names[i]) == 0) {
			*ret = (enum role)i;
			return 0;
		}
	}
	return fail_with(why, EINVAL, "kernel argument palette.role: there is no role '%s'", value);
}

static void lower(char *text)
{
	for (; *text; text++) {
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text - 'A' + 'a');
	}
}

static int parse_partuuid(const char *cmdline, const char *key, char *buf, size_t size,
			  struct fail *why)
{
	if (cmdline_get(cmdline, key, buf, size) < 0)
		return fail_with(why, EINVAL, "kernel argument %s is missing", key);
	lower(buf);
	if (strlen(buf) != 36 || strspn(buf, HEX "-") != 36)
		return fail_with(why, EINVAL, "kernel argument %s: '%s' is no PARTUUID", key, buf);
	return 0;
}

static int parse_run(const char *cmdline, struct boot_args *args, struct fail *why)
{
	char slot[8];
	int r;

	if (cmdline_get(cmdline, "palette.slot", slot, sizeof(slot)) < 0 ||
	    (strcmp(slot, "a") != 0 && strcmp(slot, "b") != 0))
		return fail_with(why, EINVAL, "kernel argument palette.slot is not 'a' or 'b'");
	args->slot = slot[0];
	r = parse_partuuid(cmdline, "palette.system", args->system, sizeof(args->system), why);
	if (r == 0)
		r = parse_partuuid(cmdline, "palette.data", args->data, sizeof(args->data), why);
	if (r == 0)
		r = parse_partuuid(cmdline, "palette.esp", args->esp, sizeof(args->esp), why);
	return r;
}

/* palette.iso=UUID:/path */
static int parse_iso(const char *cmdline, struct boot_args *args, struct fail *why)
{
	char value[sizeof(args->iso_uuid) + sizeof(args->iso_path)];
	int r = cmdline_get(cmdline, "palette.iso", value, sizeof(value));
	size_t n;

	if (r == -ENOENT)
		return 0;
	n = strcspn(value, ":");
	if (r < 0 || n == 0 || n >= sizeof(args->iso_uuid) || strspn(value, HEX "ABCDEF-") != n ||
	    value[n] != ':' || value[n + 1] != '/' ||
	    strlen(value + n + 1) >= sizeof(args->iso_path))
		return fail_with(
			why, EINVAL,
			"kernel argument palette.iso: '%s' is not UUID:/path of an ISO file",
			value);
	snprintf(args->iso_uuid, sizeof(args->iso_uuid), "%.*s", (int)n, value);
	snprintf(args->iso_path, sizeof(args->iso_path), "%s", value + n + 1);
	return 0;
}

static int parse_medium(const char *cmdline, struct boot_args *args, struct fail *why)
{
	if (cmdline_get(cmdline, "palette.medium", args->medium, sizeof(args->medium)) < 0)
		return fail_with(why, EINVAL, "kernel argument palette.medium is missing");
	lower(args->medium);
	if (strlen(args->medium) != 16 || strspn(args->medium, HEX) != 16)
		return fail_with(why, EINVAL,
				 "kernel argument palette.medium: '%s' is not 16 hex digits",
				 args->medium);
	return parse_iso(cmdline, args, why);
}

int boot_args_parse(const char *cmdline, struct boot_args *ret, struct fail *why)
{
	struct boot_args args = { 0 };
	int r = parse_role(cmdline, &args.role, why);

	if (r < 0)
		return r;
	if (args.role == ROLE_RUN || args.role == ROLE_RESET || args.role == ROLE_RECOVERY)
		r = parse_run(cmdline, &args, why);
	else if (args.role == ROLE_INSTALL || args.role == ROLE_LIVE)
		r = parse_medium(cmdline, &args, why);
	if (r < 0)
		return r;
	args.verify = cmdline_has(cmdline, "palette.verify=1");
	args.debug = cmdline_has(cmdline, "palette.debug=1");
	*ret = args;
	return 0;
}
