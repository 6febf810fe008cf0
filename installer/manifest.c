/* SPDX-License-Identifier: Apache-2.0 */
#include "manifest.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"

#define LINE_MAX_BYTES 512

static const char *const required_files[] = {
	MANIFEST_OS,   MANIFEST_KERNEL, MANIFEST_INITRD, MANIFEST_BOOT,	    MANIFEST_CORE,
	MANIFEST_SHIM, MANIFEST_GRUB,	MANIFEST_MOK,	 MANIFEST_GRUB_CFG,
};

static char *trim(char *text)
{
	size_t n;

	while (isspace((unsigned char)*text))
		text++;
	n = strlen(text);
	while (n > 0 && isspace((unsigned char)text[n - 1]))
		text[--n] = '\0';
	return text;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

static bool is_hex(const char *text, size_t digits)
{
	if (strlen(text) != digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		if (hex_digit(text[i]) < 0)
			return false;
	}
	return true;
}

int manifest_parse_digest(const char *text, uint8_t ret[SHA256_BYTES], struct fail *why)
{
	if (!is_hex(text, (size_t)2 * SHA256_BYTES))
		return fail_with(why, EINVAL, "\"%s\" is no SHA-256 digest", text);
	for (size_t i = 0; i < SHA256_BYTES; i++)
		ret[i] = (uint8_t)(hex_digit(text[2 * i]) << 4 | hex_digit(text[2 * i + 1]));
	return 0;
}

int manifest_parse_bytes(const char *text, uint64_t *ret, struct fail *why)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	/* strtoull() would take "-1" and " 1". */
	if (!isdigit((unsigned char)text[0]) || *end || errno == ERANGE || value > INT64_MAX)
		return fail_with(why, EINVAL, "\"%s\" is no number in range", text);
	*ret = value;
	return 0;
}

/* Names that grub.cfg, file names and screens can carry without quoting. */
static bool is_version(const char *text)
{
	if (!text[0])
		return false;
	for (; *text; text++) {
		if (!isalnum((unsigned char)*text) && !strchr(".-_+~:", *text))
			return false;
	}
	return true;
}

static bool is_inner_path(const char *path)
{
	if (!path[0] || path[0] == '/')
		return false;
	for (const char *p = path; *p; p++) {
		if (!isalnum((unsigned char)*p) && !strchr("/._-+", *p))
			return false;
		if (p[0] == '.' && p[1] == '.' && (p == path || p[-1] == '/'))
			return false;
	}
	return true;
}

static int set_text(char *buf, size_t size, const char *value, struct fail *why)
{
	if (buf[0])
		return fail_with(why, EINVAL, "it is there twice");
	if (strlen(value) >= size)
		return fail_with(why, EINVAL, "it is longer than %zu characters", size - 1);
	snprintf(buf, size, "%s", value);
	return 0;
}

static int set_hex(char *buf, size_t size, const char *value, struct fail *why)
{
	if (!is_hex(value, size - 1))
		return fail_with(why, EINVAL, "\"%s\" is not %zu lower-case hex digits", value,
				 size - 1);
	return set_text(buf, size, value, why);
}

/* "<sha256> <bytes> <path>" */
static int add_file(struct manifest *manifest, char *value, struct fail *why)
{
	struct manifest_file file = { 0 };
	char *rest = NULL;
	const char *digest = strtok_r(value, " \t", &rest);
	const char *bytes = strtok_r(NULL, " \t", &rest);
	const char *path = strtok_r(NULL, " \t", &rest);
	int r;

	if (!path || strtok_r(NULL, " \t", &rest))
		return fail_with(why, EINVAL, "it is not \"digest bytes path\"");
	r = manifest_parse_digest(digest, file.sha256, why);
	if (r == 0)
		r = manifest_parse_bytes(bytes, &file.bytes, why);
	if (r < 0)
		return r;
	if (!is_inner_path(path) || strlen(path) >= sizeof(file.path))
		return fail_with(why, EINVAL, "\"%s\" is no path inside the medium", path);
	if (manifest_find(manifest, path))
		return fail_with(why, EINVAL, "%s is there twice", path);
	if (manifest->n_files == MANIFEST_FILES_MAX)
		return fail_with(why, EINVAL, "more than %d files", MANIFEST_FILES_MAX);
	snprintf(file.path, sizeof(file.path), "%s", path);
	manifest->files[manifest->n_files++] = file;
	return 0;
}

static int set(struct manifest *m, const char *key, char *value, struct fail *why)
{
	if (strcmp(key, "version") == 0) {
		if (!is_version(value))
			return fail_with(why, EINVAL, "\"%s\" is no version", value);
		return set_text(m->version, sizeof(m->version), value, why);
	}
	if (strcmp(key, "medium-id") == 0)
		return set_hex(m->medium_id, sizeof(m->medium_id), value, why);
	if (strcmp(key, "os-root-hash") == 0)
		return set_hex(m->os_root_hash, sizeof(m->os_root_hash), value, why);
	if (strcmp(key, "os-salt") == 0)
		return set_hex(m->os_salt, sizeof(m->os_salt), value, why);
	if (strcmp(key, "os-data-blocks") == 0) {
		if (m->os_data_blocks)
			return fail_with(why, EINVAL, "it is there twice");
		return manifest_parse_bytes(value, &m->os_data_blocks, why);
	}
	if (strcmp(key, "file") == 0)
		return add_file(m, value, why);
	return fail_with(why, EINVAL, "this key is not known");
}

static int parse_line(char *line, struct manifest *manifest, struct fail *why)
{
	char *equals, *key;
	int r;

	line[strcspn(line, "#")] = '\0';
	line = trim(line);
	if (!line[0])
		return 0;
	equals = strchr(line, '=');
	if (!equals)
		return fail_with(why, EINVAL, "\"%s\" is not \"key = value\"", line);
	*equals = '\0';
	key = trim(line);
	r = set(manifest, key, trim(equals + 1), why);
	if (r < 0 && why)
		return fail_wrap(why, "%s", key);
	return r;
}

static int check_whole(const struct manifest *m, struct fail *why)
{
	const struct {
		const char *key;
		bool there;
	} keys[] = {
		{ "version", m->version[0] },
		{ "medium-id", m->medium_id[0] },
		{ "os-root-hash", m->os_root_hash[0] },
		{ "os-salt", m->os_salt[0] },
		{ "os-data-blocks", m->os_data_blocks },
	};
	const struct manifest_file *os;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!keys[i].there)
			return fail_with(why, EINVAL, "%s is missing", keys[i].key);
	}
	for (size_t i = 0; i < ARRAY_SIZE(required_files); i++) {
		if (!manifest_find(m, required_files[i]))
			return fail_with(why, EINVAL, "the line of %s is missing",
					 required_files[i]);
	}
	os = manifest_find(m, MANIFEST_OS);
	if (os->bytes % MANIFEST_BLOCK != 0)
		return fail_with(why, EINVAL, "%s has %ju bytes, which is no multiple of %d",
				 os->path, (uintmax_t)os->bytes, MANIFEST_BLOCK);
	/* A tree of at least one block stands behind the data. */
	if (m->os_data_blocks >= os->bytes / MANIFEST_BLOCK)
		return fail_with(why, EINVAL,
				 "os-data-blocks is %ju, but %s has %ju blocks with its hash tree",
				 (uintmax_t)m->os_data_blocks, os->path,
				 (uintmax_t)(os->bytes / MANIFEST_BLOCK));
	return 0;
}

int manifest_parse(const char *text, size_t bytes, struct manifest *ret, struct fail *why)
{
	struct manifest manifest = { 0 };
	const char *end = text + bytes;
	int r;

	if (memchr(text, '\0', bytes))
		return fail_with(why, EINVAL, "there is a NUL byte in it");
	for (unsigned number = 1; text < end; number++) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((newline ? newline : end) - text);
		char line[LINE_MAX_BYTES];

		if (n >= sizeof(line))
			return fail_with(why, EINVAL, "line %u is longer than %zu characters",
					 number, sizeof(line) - 1);
		memcpy(line, text, n);
		line[n] = '\0';
		r = parse_line(line, &manifest, why);
		if (r < 0)
			return why ? fail_wrap(why, "line %u", number) : r;
		text += n + 1;
	}
	r = check_whole(&manifest, why);
	if (r < 0)
		return r;
	*ret = manifest;
	return 0;
}

const struct manifest_file *manifest_find(const struct manifest *manifest, const char *path)
{
	for (size_t i = 0; i < manifest->n_files; i++) {
		if (strcmp(manifest->files[i].path, path) == 0)
			return &manifest->files[i];
	}
	return NULL;
}
