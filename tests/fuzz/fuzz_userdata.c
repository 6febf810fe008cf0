/* SPDX-License-Identifier: Apache-2.0 */
/* cloud-init's user-data, for libFuzzer; the first byte is not of it. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "installer/userdata.h"
#include "tests/fuzz/check_answers.h"
#include "tests/fuzz/input.h"

static void fuzz_user_data(const char *text, size_t bytes)
{
	struct userdata data = { 0 };
	struct answers answers = { 0 };
	struct fail why = { 0 }, not_read = { 0 };

	if (userdata_add_meta(&answers, ANSWERS_OF_SEED, "it", text, bytes, &not_read, &why) == 0)
		check_answers(&answers);
	if (userdata_parse(text, bytes, &data, &not_read, &why) < 0) {
		assert((strncmp(why.msg, "line ", 5) == 0 ||
			strncmp(why.msg, "not understood: ", 16) == 0) &&
		       data.n == 0);
		answers_done(&answers);
		return;
	}
	if (answers_add_pairs(&answers, ANSWERS_OF_SEED, "it", data.pairs, data.n, &why) == 0)
		check_answers(&answers);
	answers_done(&answers);
	userdata_done(&data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size == 0)
		return 0;
	text = input_text(data, size);
	fuzz_user_data(text, size - 1);
	free(text);
	return 0;
}
