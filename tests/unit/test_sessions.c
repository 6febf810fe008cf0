/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "hostd/sessions.h"
#include "lib/cleanup.h"
#include "test.h"

static struct sessions table;
static char token[SESSION_TOKEN_BYTES], evicted[SESSION_ID_BYTES];

static const struct session *open_at(uint64_t now_s, unsigned char seed)
{
	struct session_request request = { .user = "alice",
					   .origin = "192.0.2.7 port 5",
					   .uid = 990,
					   .now_s = now_s,
					   .lifetime_s = 7200 };
	uint8_t random[SESSION_RANDOM];

	memset(random, seed, sizeof(random));
	random[0] = (uint8_t)now_s;
	random[33] = (uint8_t)now_s;
	return session_open(&table, &request, random, token, evicted);
}

TEST(a_token_is_good_for_its_process_until_its_time_is_over)
{
	memset(&table, 0, sizeof(table));
	open_at(100, 1);
	CHECK_INT(strlen(token), 64);
	CHECK(session_find(&table, token, 990, 7299) != NULL);
	CHECK(session_find(&table, token, 991, 200) == NULL);
	CHECK(session_find(&table, token, 990, 7300) == NULL);
	CHECK(session_find(&table, "", 990, 200) == NULL);
	token[63] ^= 1;
	CHECK(session_find(&table, token, 990, 200) == NULL);
}

TEST(a_full_table_drops_the_session_that_was_unused_longest)
{
	char first[SESSION_TOKEN_BYTES];

	memset(&table, 0, sizeof(table));
	open_at(1, 1);
	memcpy(first, token, sizeof(first));
	for (unsigned i = 1; i < SESSIONS_MAX; i++)
		open_at(10 + i % 200, (unsigned char)(2 + i / 200));
	CHECK_STR(evicted, "");
	CHECK_INT(session_count(&table, 300), SESSIONS_MAX);
	open_at(300, 9);
	CHECK_INT(strlen(evicted), 16);
	CHECK(session_find(&table, first, 990, 300) == NULL);
	CHECK(session_find(&table, token, 990, 300) != NULL);
}

static size_t n_closed;
static void count(const char *id, void *arg)
{
	(void)arg;
	CHECK_INT(strlen(id), 16);
	n_closed++;
}

TEST(a_users_other_sessions_can_be_closed)
{
	const struct session *keep;

	memset(&table, 0, sizeof(table));
	open_at(1, 1);
	open_at(2, 2);
	keep = open_at(3, 3);
	n_closed = 0;
	CHECK_INT(session_close_user(&table, "alice", keep, count, NULL), 2);
	CHECK_INT(n_closed, 2);
	CHECK(session_find(&table, token, 990, 10) == keep);
	CHECK_INT(session_close_user(&table, "bob", NULL, count, NULL), 0);
}

TEST(sessions_survive_saving_and_the_file_holds_no_token)
{
	autofree char *text = NULL;
	struct session *s;

	memset(&table, 0, sizeof(table));
	open_at(5, 7);
	text = session_save(&table, 10);
	CHECK(strstr(text, token) == NULL);
	session_load(&table, text, 10);
	s = session_find(&table, token, 990, 11);
	CHECK(s != NULL);
	CHECK_STR(s->origin, "192.0.2.7 port 5");
	CHECK_INT(s->expires_s, 7205);
}

TEST(damaged_rows_of_a_file_are_left_out)
{
	char text[] = "zz\n0123456789abcdef 00 alice 1 0 0 1 1 99 x\n\n";

	session_load(&table, text, 1);
	CHECK_INT(session_count(&table, 1), 0);
}
