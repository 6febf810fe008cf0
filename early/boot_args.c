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

static int parse_medium(const char *cmdline, struct boot_args *args, struct fail *why)
{
	if (cmdline_get(cmdline, "palette.medium", args->medium, sizeof(args->medium)) < 0)
		return fail_with(why, EINVAL, "kernel argument palette.medium is missing");
	lower(args->medium);
	if (strlen(args->medium) != 16 || strspn(args->medium, HEX) != 16)
		return fail_with(why, EINVAL,
				 "kernel argument palette.medium: '%s' is not 16 hex digits",
				 args->medium);
	return 0;
}

int boot_args_parse(const char *cmdline, struct boot_args *ret, struct fail *why)
{
	struct boot_args args = { 0 };
	int r = parse_role(cmdline, &args.role, why);

	if (r < 0)
		return r;
	if (args.role == ROLE_RUN)
		r = parse_run(cmdline, &args, why);
	else if (args.role == ROLE_INSTALL || args.role == ROLE_LIVE)
		r = parse_medium(cmdline, &args, why);
	if (r < 0)
		return r;
	args.debug = cmdline_has(cmdline, "palette.debug=1");
	*ret = args;
	return 0;
}

static int take_hex(const char *key, const char *value, char *buf, size_t size, struct fail *why)
{
	size_t n = strlen(value);

	if (n != size - 1 || strspn(value, HEX) != n)
		return fail_with(why, EINVAL, "image.conf: %s is not %zu hex digits", key,
				 size - 1);
	memcpy(buf, value, n + 1);
	return 0;
}

static int take_line(char *line, struct image_conf *conf, struct fail *why)
{
	char *equals = strchr(line, '='), *key = line + strspn(line, " \t"), *value, *end;

	if (*key == '\0' || *key == '#')
		return 0;
	if (!equals)
		return fail_with(why, EINVAL, "image.conf: '%s' is no 'key = value'", line);
	value = equals + 1 + strspn(equals + 1, " \t");
	key[strcspn(key, " \t=")] = '\0';
	for (end = value + strlen(value); end > value && strchr(" \t\r", end[-1]); end--)
		end[-1] = '\0';
	if (strcmp(key, "version") == 0)
		snprintf(conf->version, sizeof(conf->version), "%s", value);
	else if (strcmp(key, "os-root-hash") == 0)
		return take_hex(key, value, conf->root_hash, sizeof(conf->root_hash), why);
	else if (strcmp(key, "os-salt") == 0)
		return take_hex(key, value, conf->salt, sizeof(conf->salt), why);
	else if (strcmp(key, "os-data-blocks") == 0) {
		errno = 0;
		conf->data_blocks = strtoull(value, &end, 10);
		/* 2^40 blocks are 4 PiB: what is more is a damaged file. */
		if (errno || *end || value[0] < '0' || value[0] > '9' ||
		    conf->data_blocks > UINT64_C(1) << 40 || conf->data_blocks == 0)
			return fail_with(why, EINVAL, "image.conf: os-data-blocks is '%s'", value);
	}
	return 0;
}

int image_conf_parse(const char *text, struct image_conf *ret, struct fail *why)
{
	autofree char *copy = strdup(text);
	struct image_conf conf = { 0 };
	char *rest = copy, *line;
	int r;

	if (!copy)
		return fail_errno(why, ENOMEM, "read image.conf");
	while ((line = strsep(&rest, "\n"))) {
		r = take_line(line, &conf, why);
		if (r < 0)
			return r;
	}
	if (!conf.version[0])
		return fail_with(why, EINVAL, "image.conf: version is missing");
	if (!conf.root_hash[0])
		return fail_with(why, EINVAL, "image.conf: os-root-hash is missing");
	if (!conf.salt[0])
		return fail_with(why, EINVAL, "image.conf: os-salt is missing");
	if (!conf.data_blocks)
		return fail_with(why, EINVAL, "image.conf: os-data-blocks is missing");
	*ret = conf;
	return 0;
}
