/* SPDX-License-Identifier: Apache-2.0 */
#include "image_conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

#define HEX "0123456789abcdef"

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
