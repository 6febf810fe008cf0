/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/slots.h"
#include "test.h"

static struct slots slots_of(const char *order, const char *tries_a, const char *tries_b)
{
	struct fail why = { 0 };
	struct grubenv env;
	struct slots slots;

	grubenv_init(&env);
	if (order)
		CHECK_INT(grubenv_set(&env, "order", order, &why), 0);
	if (tries_a)
		CHECK_INT(grubenv_set(&env, "tries_a", tries_a, &why), 0);
	if (tries_b)
		CHECK_INT(grubenv_set(&env, "tries_b", tries_b, &why), 0);
	slots_from_env(&env, &slots);
	return slots;
}

TEST(the_first_slot_boots_until_three_attempts_failed_and_the_other_has_not)
{
	static const struct {
		const char *order, *tries_a, *tries_b;
		char next;
	} rows[] = {
		{ "ab", "0", "0", 'a' }, { "ab", "2", "0", 'a' }, { "ab", "3", "0", 'b' },
		{ "ab", "3", "2", 'b' }, { "ab", "3", "3", 'a' }, { "ba", "0", "0", 'b' },
		{ "ba", "0", "3", 'a' }, { "ba", "3", "3", 'b' },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct slots slots = slots_of(rows[i].order, rows[i].tries_a, rows[i].tries_b);

		CHECK_INT(slots_next(&slots), rows[i].next);
	}
}

TEST(missing_or_senseless_values_count_as_grub_counts_them)
{
	static const char *const senseless[] = { NULL, "", "4", "-1", "03", "x", "123456789" };

	for (size_t i = 0; i < ARRAY_SIZE(senseless); i++) {
		struct slots slots = slots_of(senseless[i], senseless[i], senseless[i]);

		CHECK(memcmp(slots.order, "ab", 2) == 0);
		CHECK_INT(slots.tries[0], 0);
		CHECK_INT(slots.tries[1], 0);
	}
}

TEST(a_good_boot_forgets_the_attempts_of_that_slot_alone)
{
	struct slots slots = slots_of("ab", "2", "3");

	slots_mark_good(&slots, 'a');
	CHECK_INT(slots.tries[0], 0);
	CHECK_INT(slots.tries[1], 3);
}

TEST(the_slot_set_next_is_booted_even_if_it_failed_before)
{
	struct slots slots = slots_of("ab", "0", "3");

	slots_set_next(&slots, 'b');
	CHECK(memcmp(slots.order, "ba", 2) == 0);
	CHECK_INT(slots_next(&slots), 'b');
}

TEST(what_has_not_changed_is_not_written)
{
	struct slots slots;
	struct fail why = { 0 };
	struct grubenv env;
	bool changed;

	grubenv_init(&env);
	CHECK_INT(grubenv_set(&env, "next_entry", "recovery", &why), 0);
	slots_from_env(&env, &slots);
	CHECK_INT(slots_to_env(&slots, &env, &changed, &why), 0);
	CHECK(changed);
	CHECK_INT(slots_to_env(&slots, &env, &changed, &why), 0);
	CHECK(!changed);
	CHECK_STR(env.text, "# GRUB Environment Block\nnext_entry=recovery\norder=ab\n"
			    "tries_a=0\ntries_b=0\n");
	slots_mark_good(&slots, 'b');
	CHECK_INT(slots_to_env(&slots, &env, &changed, &why), 0);
	CHECK(!changed);
}
