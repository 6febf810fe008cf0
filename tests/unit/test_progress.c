/* SPDX-License-Identifier: Apache-2.0 */
/* What an installation says of itself in lines, over time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "installer/progress.h"
#include "lib/cleanup.h"
#include "lib/size.h"
#include "test.h"

static struct manifest_file files[] = {
	{ .path = "palette/content/a.tar", .bytes = 100 * MIB },
	{ .path = "palette/content/b.tar", .bytes = 100 * MIB },
};
static struct content_list content = { .files = files, .n_files = 2, .bytes = 200 * MIB };

/* 5 MB a second for @seconds, a look each half second; all that was said. Caller frees. */
static char *watch(bool json, unsigned seconds)
{
	static struct plan plan;
	struct progress progress = { .plan = &plan, .json = json };
	char *text = calloc(1, 100000);
	FILE *said = tmpfile();
	int out;

	CHECK(text && said);
	plan = (struct plan){ .n_steps = 1, .content = &content };
	plan.steps[0].kind = PLAN_STEP_CONTENT;
	fflush(stdout);
	out = dup(STDOUT_FILENO);
	(void)dup2(fileno(said), STDOUT_FILENO);
	for (unsigned ms = 0; ms <= seconds * 1000; ms += 500) {
		uint64_t bytes = ms * UINT64_C(5000);
		struct apply_progress now = { .elapsed_ms = ms,
					      .item = bytes >= 100 * MIB,
					      .step_done_bytes = bytes,
					      .step_total_bytes = 200 * MIB,
					      .done_bytes = bytes,
					      .total_bytes = 200 * MIB };

		progress_report(&now, &progress);
	}
	(void)dup2(out, STDOUT_FILENO);
	close(out);
	rewind(said);
	CHECK(fread(text, 1, 99999, said) > 0);
	fclose(said);
	return text;
}

TEST(a_file_of_the_content_has_a_line_at_least_each_ten_seconds_with_rate_and_time_left)
{
	autofree char *text = watch(false, 30);

	CHECK_STR(text, "[1/1] Write the content\n"
			"      file 1 of 2: a.tar, 104 MB\n"
			"      23 %, 50 MB of 209 MB, 5 MB/s, about 32 s left\n"
			"      47 %, 100 MB of 209 MB, 5 MB/s, about 22 s left\n"
			"      file 2 of 2: b.tar, 104 MB, 5 MB/s, about 21 s left\n");
}

TEST(a_program_is_told_the_same)
{
	autofree char *text = watch(true, 22);

	CHECK(strstr(text,
		     "{\"event\": \"content\", \"file\": 1, \"files\": 2, \"name\": \"a.tar\", "
		     "\"bytes\": 104857600, \"bytes-per-second\": 0}\n"));
	CHECK(strstr(text,
		     "{\"event\": \"progress\", \"percent\": 23, \"step\": 1, \"bytes\": 50000000, "
		     "\"bytes-total\": 209715200, \"bytes-per-second\": 5000000, "
		     "\"seconds-left\": 32}\n"));
	CHECK(strstr(text,
		     "\"name\": \"b.tar\", \"bytes\": 104857600, \"bytes-per-second\": 5000000, "
		     "\"seconds-left\": 21}\n"));
}
