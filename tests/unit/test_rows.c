/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "hostd/rows.h"
#include "lib/cleanup.h"
#include "test.h"

static const struct row_column columns[] = { { "name", 's' }, { "size", 't' } };

TEST(rows_come_out_as_they_went_in_or_backwards)
{
	autofree struct rows *rows = calloc(1, sizeof(*rows));
	const char *one[] = { "a", "1" }, *two[] = { "", "2" }, *got[2];

	CHECK(rows_add(rows, one, 2) && rows_add(rows, two, 2));
	rows_get(rows, 0, got, 2);
	CHECK_STR(got[0], "a");
	CHECK_STR(got[1], "1");
	rows->backwards = true;
	rows_get(rows, 0, got, 2);
	CHECK_STR(got[0], "");
	CHECK_STR(got[1], "2");
}

TEST(what_a_bus_does_not_take_is_replaced)
{
	autofree struct rows *rows = calloc(1, sizeof(*rows));
	const char *row[] = { "k\xc3\xb6ln\n\ttab \x1b[2J \xff \xed\xa0\x80 \xc2\x85", "1" },
		   *got[2];

	CHECK(rows_add(rows, row, 2));
	rows_get(rows, 0, got, 2);
	CHECK_STR(got[0], "k\xc3\xb6ln\n\ttab ?[2J ? ??? ??");
}

TEST(a_full_table_takes_no_part_of_a_row)
{
	autofree struct rows *rows = calloc(1, sizeof(*rows));
	autofree char *big = malloc(ROWS_BYTES);
	const char *row[] = { big, "1" }, *small[] = { "a", "1" }, *got[2];

	memset(big, 'x', ROWS_BYTES);
	big[ROWS_BYTES - 2] = '\0';
	CHECK(!rows_add(rows, row, 2));
	CHECK_INT(rows->n, 0);
	CHECK(rows_add(rows, small, 2));
	rows_get(rows, 0, got, 2);
	CHECK_STR(got[0], "a");
	while (rows->n < ROWS_MAX)
		CHECK(rows_add(rows, small, 2));
	CHECK(!rows_add(rows, small, 2));
}

TEST(a_row_is_an_object_of_json)
{
	autofree char *buf = malloc(ROWS_LINE_BYTES);
	const char *row[] = { "a\"\\\n", "18446744073709551615" };

	size_t n = rows_json(columns, row, 2, buf);

	CHECK_INT(n, strlen(buf));
	CHECK_STR(buf, "{\"name\":\"a\\\"\\\\\\u000a\",\"size\":18446744073709551615}\n");
}

TEST(a_long_value_is_cut_and_the_object_stays_whole)
{
	autofree char *buf = malloc(ROWS_LINE_BYTES), *big = malloc(ROWS_BYTES);
	const char *row[] = { big, "1" };
	size_t n;

	memset(big, '\n', ROWS_BYTES);
	big[ROWS_BYTES - 1] = '\0';
	n = rows_json(columns, row, 2, buf);
	CHECK(n < ROWS_LINE_BYTES);
	CHECK_STR(buf + n - strlen("\",\"size\":1}\n"), "\",\"size\":1}\n");
}
