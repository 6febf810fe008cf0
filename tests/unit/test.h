/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test - a unit test is TEST(the_rule_it_proves) { CHECK_...; }.
 *
 * Include it once, in tests/unit/test_<module>.c: it registers the tests and holds main().
 */
#ifndef PALETTE_TEST_H
#define PALETTE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define TESTS_MAX 200

static struct CMUnitTest tests[TESTS_MAX];
static size_t n_tests;

#define TEST(rule)                                                                                 \
	static void rule(void **state);                                                            \
	__attribute__((constructor)) static void register_##rule(void)                             \
	{                                                                                          \
		tests[n_tests++] = (struct CMUnitTest){ .name = #rule, .test_func = rule };        \
	}                                                                                          \
	static void rule(void **state __attribute__((unused)))

#define CHECK(claim)	       assert_true(claim)
#define CHECK_INT(is, want)    assert_int_equal((is), (want))
#define CHECK_STR(is, want)    assert_string_equal((is), (want))
#define CHECK_MEM(is, want, n) assert_memory_equal((is), (want), (n))

int main(void)
{
	return _cmocka_run_group_tests("", tests, n_tests, NULL, NULL);
}

#endif
