/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The medium's manifest, that of its content, and the list of its other areas, for libFuzzer: the first
 * byte says which.
 */
#include <assert.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "installer/areas.h"
#include "installer/content_list.h"
#include "installer/manifest.h"
#include "tests/fuzz/input.h"

static void fuzz_manifest(const char *text, size_t bytes)
{
	struct manifest manifest;
	struct fail why = { 0 };

	if (manifest_parse(text, bytes, &manifest, &why) < 0) {
		assert(why.msg[0]);
		return;
	}
	for (size_t i = 0; i < manifest.n_files; i++)
		assert(manifest.files[i].path[0] != '/' && !strstr(manifest.files[i].path, "/../"));
	assert(manifest_find(&manifest, MANIFEST_OS));
}

static void fuzz_content(const char *text, size_t bytes)
{
	struct content_list list = { 0 };
	struct fail why = { 0 };
	uint64_t total = 0;

	if (content_list_parse(text, bytes, &list, &why) < 0) {
		assert(why.msg[0] && !list.files);
		return;
	}
	for (size_t i = 0; i < list.n_files; i++) {
		const char *name = content_list_name(&list.files[i]);

		/* A name of the folder and nothing else, and never one that looks cut. */
		assert(name[0] && name[0] != '.' && !strchr(name, '/') && list.files[i].bytes);
		assert(i == 0 || strcmp(list.files[i - 1].path, list.files[i].path) < 0);
		total += list.files[i].bytes;
	}
	assert(total == list.bytes && content_list_room(&list) >= total);
	content_list_done(&list);
}

/* With the last line that fits: nothing else comes to the lines. */
static void fuzz_areas(const char *text, size_t bytes)
{
	char *whole = malloc(bytes + 66);
	uint8_t digest[SHA256_BYTES];
	struct areas areas = { 0 };
	struct sha256_ctx hash;
	struct fail why = { 0 };
	uint64_t end = 0;

	sha256_init(&hash);
	sha256_update(&hash, bytes, (const uint8_t *)text);
	sha256_digest(&hash, sizeof(digest), digest);
	memcpy(whole, text, bytes);
	for (size_t i = 0; i < sizeof(digest); i++)
		sprintf(whole + bytes + 2 * i, "%02x", digest[i]);
	whole[bytes + 64] = '\n';
	if (areas_parse(whole, bytes + 65, &areas, &why) < 0)
		assert(why.msg[0] && !areas.list);
	for (size_t i = 0; i < areas.n; i++) {
		assert(areas.list[i].offset >= end && areas.list[i].bytes && areas.list[i].name[0]);
		end = areas.list[i].offset + areas.list[i].bytes;
	}
	areas_done(&areas);
	free(whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size == 0)
		return 0;
	text = input_text(data, size);
	if (data[0] == 'A')
		fuzz_areas(text, size - 1);
	else if (data[0] % 3 == 0)
		fuzz_content(text, size - 1);
	else
		fuzz_manifest(text, size - 1);
	free(text);
	return 0;
}
