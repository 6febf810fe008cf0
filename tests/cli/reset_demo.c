/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reset_demo - the factory reset on a folder, for tests/cli/reset.bats.
 *
 * usage: reset-demo begin DATA | finish DATA IMAGE | boot DATA IMAGE
 *
 * boot does what each boot does: it finishes what was begun, and prints "finished" or "nothing".
 */
#include <stdio.h>
#include <string.h>

#include "early/reset.h"
#include "lib/fail.h"

static int run(int argc, char **argv, struct fail *why)
{
	if (argc == 3 && strcmp(argv[1], "begin") == 0)
		return reset_begin(argv[2], why);
	if (argc == 4 && strcmp(argv[1], "finish") == 0)
		return reset_finish(argv[2], argv[3], why);
	if (argc == 4 && strcmp(argv[1], "boot") == 0) {
		bool begun = reset_begun(argv[2]);

		puts(begun ? "finished" : "nothing");
		return begun ? reset_finish(argv[2], argv[3], why) : 0;
	}
	return fail_with(why, 22, "usage: reset-demo begin DATA | finish|boot DATA IMAGE");
}

int main(int argc, char **argv)
{
	struct fail why = { 0 };

	if (run(argc, argv, &why) == 0)
		return 0;
	fprintf(stderr, "reset-demo: %s\n", why.msg);
	return 1;
}
