/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>

#include "lib/cleanup.h"
#include "lib/size.h"

#define GB UINT64_C(1000000000)

TEST(a_letter_is_a_power_of_1024_and_a_label_s_unit_one_of_1000)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} cases[] = {
		{ "0", 0 },
		{ "512", 512 },
		{ "512B", 512 },
		{ "1k", KIB },
		{ "16M", 16 * MIB },
		{ "960G", 960 * GIB },
		{ "960g", 960 * GIB },
		{ "960GiB", 960 * GIB },
		{ "2TiB", 2 * TIB },
		{ "1kB", 1000 },
		{ "500MB", GB / 2 },
		{ "960GB", 960 * GB },
		{ "960 GB", 960 * GB },
		{ "960gb", 960 * GB },
		{ "4TB", 4000 * GB },
		{ "9223372036854775807", INT64_MAX },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t bytes = 1;

		CHECK_INT(size_parse(cases[i].text, &bytes, NULL), 0);
		CHECK_INT(bytes, cases[i].bytes);
	}
}

TEST(what_is_no_size_is_named)
{
	static const struct {
		const char *text;
		int r;
	} cases[] = {
		{ "", -EINVAL },
		{ "-1", -EINVAL },
		{ " 1", -EINVAL },
		{ "G", -EINVAL },
		{ "1.5G", -EINVAL },
		{ "12X", -EINVAL },
		{ "1Gi", -EINVAL },
		{ "1GG", -EINVAL },
		{ "1GBs", -EINVAL },
		{ "1iB", -EINVAL },
		{ "1  GB", -EINVAL },
		{ "1G ", -EINVAL },
		{ "960 ", -EINVAL },
		{ "9000000T", -ERANGE },
		{ "9223372036854775808", -ERANGE },
		{ "99999999999999999999", -ERANGE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t bytes = 1;
		struct fail why = { 0 };

		CHECK_INT(size_parse(cases[i].text, &bytes, &why), cases[i].r);
		CHECK(why.msg[0]);
		CHECK_INT(bytes, 1);
	}
}
