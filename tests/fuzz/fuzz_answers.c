/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers in files and in kernel arguments, and the disk they name, for libFuzzer. The first byte says
 * which reader, the rest is its input. Besides what the sanitizers find, a few things must hold.
 */
#include <assert.h>
#include <stdlib.h>

#include "tests/fuzz/check_answers.h"
#include "tests/fuzz/input.h"

/* Each of the three orders once, and nothing else. */
static void check_orders(const struct answers *answers)
{
	static const char *const orders[] = { "unattended", "on-failure", "progress" };
	size_t n = 0;

	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		n += answers_get(answers, orders[i]) != NULL;
	assert(answers->n == n);
}

static void fuzz_answers(const char *text, size_t bytes)
{
	struct answers answers = { 0 };
	struct fail why = { 0 };
	int r = answers_add(&answers, ANSWERS_OF_SEED, "it", text, bytes, &why);

	assert(r == 0 || (why.msg[0] && answers.n == 0));
	if (r < 0) {
		answers_add_orders(&answers, ANSWERS_OF_SEED, "it", text, bytes);
		check_orders(&answers);
	}
	check_answers(&answers);
	answers_done(&answers);
}

static void fuzz_cmdline(const char *text)
{
	struct answers answers = { 0 };
	struct fail why = { 0 };
	int r = answers_add_cmdline(&answers, text, &why);

	assert(r == 0 || (why.msg[0] && answers.n == 0));
	check_answers(&answers);
	answers_done(&answers);
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
	struct disks disks = { items, 2 };
	const struct disk *disk = NULL;
	struct fail why = { 0 };

	if (disk_match_check(text, &why) < 0) {
		assert(why.msg[0]);
		return;
	}
	assert((disk_match(text, &disks, &disk, &why) == 0) == (disk != NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size == 0)
		return 0;
	text = input_text(data, size);
	switch (data[0] % 3) {
	case 1:
		fuzz_answers(text, size - 1);
		break;
	case 2:
		fuzz_cmdline(text);
		break;
	default:
		fuzz_match(text);
		break;
	}
	free(text);
	return 0;
}
