/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the installer reads of files that others wrote, for libFuzzer. The first byte says which reader,
 * the rest is its input. Besides what the sanitizers find, a few things must hold.
 */
#include <assert.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostd/preset.h"
#include "installer/answers.h"
#include "installer/areas.h"
#include "installer/content_list.h"
#include "installer/disk_match.h"
#include "installer/manifest.h"
#include "installer/userdata.h"
#include "tests/fuzz/input.h"

/* What was taken can be used: every getter is happy, and the host reads its part without a mistake. */
static void check(const struct answers *answers)
{
	struct plan_sizes sizes = plan_sizes_default;
	enum answers_action action;
	char shown[200], *settings;
	struct fail why = { 0 };

	for (size_t i = 0; i < answers->n; i++) {
		const struct answers_line *line = &answers->lines[i];

		assert(!strpbrk(line->key, "\r\n") && !strpbrk(line->value, "\r\n"));
		assert(answers->origins[line->source][0]);
		(void)answers_show(line, shown, sizeof(shown));
		if (strcmp(line->key, "account.password-hash") == 0)
			assert(!strstr(shown, "$"));
	}
	answers_get_sizes(answers, &sizes);
	(void)answers_get_action(answers, "action", &action);
	if (answers_get(answers, "disk"))
		assert(disk_match_check(answers_get(answers, "disk"), NULL) == 0);
	settings = answers_settings(answers);
	if (settings && answers_check(answers, &why) == 0) {
		struct preset *preset = calloc(1, sizeof(*preset));

		assert(preset && preset_read(settings, preset, &why) == 0);
		preset_done(preset);
		free(preset);
	}
	free(settings);
}

static void fuzz_answers(const char *text, size_t bytes)
{
	struct answers answers = { 0 };
	struct fail why = { 0 };
	int r = answers_add(&answers, ANSWERS_OF_SEED, "it", text, bytes, &why);

	assert(r == 0 || (why.msg[0] && answers.n == 0));
	check(&answers);
	answers_done(&answers);
}

static void fuzz_cmdline(const char *text)
{
	struct answers answers = { 0 };
	struct fail why = { 0 };
	int r = answers_add_cmdline(&answers, text, &why);

	assert(r == 0 || (why.msg[0] && answers.n == 0));
	check(&answers);
	answers_done(&answers);
}

static void fuzz_user_data(const char *text, size_t bytes)
{
	struct userdata data = { 0 };
	struct answers answers = { 0 };
	struct fail why = { 0 };

	if (userdata_parse(text, bytes, &data, &why) < 0) {
		assert(strncmp(why.msg, "line ", 5) == 0 && data.n == 0);
		return;
	}
	if (answers_add_pairs(&answers, ANSWERS_OF_SEED, "it", data.pairs, data.n, &why) == 0)
		check(&answers);
	answers_done(&answers);
	userdata_done(&data);
}

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

static void fuzz_match(const char *text)
{
	static struct disk items[] = {
		{ .path = "/dev/sda",
		  .model = "A B",
		  .serial = "1",
		  .wwn = "naa.5",
		  .size_bytes = 1 },
		{ .path = "/dev/sdb",
		  .location = "pci-0000:00:05.0-scsi-1:0:0:0",
		  .size_bytes = 9 },
	};
	const struct disks disks = { items, 2 };
	const struct disk *disk = NULL;
	struct fail why = { 0 };

	if (disk_match_check(text, &why) < 0) {
		assert(why.msg[0]);
		return;
	}
	assert((disk_match(text, &disks, &disk, &why) == 0) == (disk != NULL));
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
	switch (data[0] == 'f' ? 5 : data[0] == 'A' ? 6 : data[0] % 5) {
	case 6:
		fuzz_areas(text, size - 1);
		break;
	case 5:
		fuzz_content(text, size - 1);
		break;
	case 0:
		fuzz_answers(text, size - 1);
		break;
	case 1:
		fuzz_cmdline(text);
		break;
	case 2:
		fuzz_user_data(text, size - 1);
		break;
	case 3:
		fuzz_manifest(text, size - 1);
		break;
	default:
		fuzz_match(text);
		break;
	}
	free(text);
	return 0;
}
