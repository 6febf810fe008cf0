/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reset_demo - what each boot does with the data partition, on a folder, for tests/cli/reset.bats and
 * identity.bats.
 *
 * usage: reset-demo begin DATA | finish DATA IMAGE | boot DATA IMAGE | identity DATA UUID |
 *	seed FILE credit|mix
 *
 * boot finishes a reset that was begun, and prints "finished" or "nothing". identity settles whose machine
 * it is, and prints what that was. seed loads a random seed, and prints what the kernel would be given.
 */
#include <linux/random.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "early/identity.h"
#include "early/random_seed.h"
#include "early/reset.h"
#include "lib/fail.h"

/* The kernel of the machine that runs the tests is given nothing. */
int ioctl(int fd, unsigned long request, ...)
{
	const struct rand_pool_info *info;
	va_list args;

	(void)fd;
	va_start(args, request);
	info = va_arg(args, const struct rand_pool_info *);
	va_end(args);
	if (request != RNDADDENTROPY)
		abort();
	printf("%d bytes, %d bits\n", info->buf_size, info->entropy_count);
	return 0;
}

static int identity(const char *data, const char *uuid, struct fail *why)
{
	static const char *const words[] = { [IDENTITY_UNKNOWN] = "unknown",
					     [IDENTITY_FIRST] = "first",
					     [IDENTITY_SAME] = "same",
					     [IDENTITY_COPY] = "copy of " };
	char original[IDENTITY_UUID_BYTES] = "";
	int r = identity_settle(data, uuid, original, why);

	if (r >= 0)
		printf("%s%s\n", words[r], original);
	return r < 0 ? r : 0;
}

static int run(int argc, char **argv, struct fail *why)
{
	if (argc == 3 && strcmp(argv[1], "begin") == 0)
		return reset_begin(argv[2], why);
	if (argc == 4 && strcmp(argv[1], "finish") == 0)
		return reset_finish(argv[2], argv[3], why);
	if (argc == 4 && strcmp(argv[1], "boot") == 0) {
		bool begun = reset_begun(argv[2]);

		puts(begun ? "finished" : "nothing");
		if (begun)
			return reset_finish(argv[2], argv[3], why);
		reset_empty_trash(argv[2]);
		return 0;
	}
	if (argc == 4 && strcmp(argv[1], "identity") == 0)
		return identity(argv[2], argv[3], why);
	if (argc == 4 && strcmp(argv[1], "seed") == 0)
		return random_seed_load(argv[2], strcmp(argv[3], "credit") == 0, why);
	return fail_with(why, 22,
			 "usage: reset-demo begin DATA | finish|boot DATA IMAGE | identity DATA "
			 "UUID | seed FILE credit|mix");
}

int main(int argc, char **argv)
{
	struct fail why = { 0 };

	if (run(argc, argv, &why) == 0)
		return 0;
	fprintf(stderr, "reset-demo: %s\n", why.msg);
	return 1;
}
