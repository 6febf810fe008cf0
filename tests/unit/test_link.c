/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostd/encode.h"
#include "lib/cleanup.h"
#include "link/issuer.h"
#include "link/rules.h"
#include "link/token.h"
#include "link/wire.h"
#include "test.h"

#define PASSWORD "0123456789abcdef0123456789abcdef"
#define NONCE	 "ffffffffffffffffffffffffffffffff"
#define OURS	 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define THEIRS	 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static const struct token good = { .address = "192.0.2.1",
				   .port = 5080,
				   .password = PASSWORD,
				   .expires_s = 1790000000,
				   .certificate = OURS };

TEST(a_token_comes_back_as_it_was_made_also_with_blanks_around_and_broken_into_lines)
{
	autofree char *text = token_encode(&good);
	char pasted[TOKEN_TEXT_BYTES];
	struct token token;

	snprintf(pasted, sizeof(pasted), "  %.60s\r\n%s \n", text, text + 60);
	CHECK_INT(token_decode(pasted, &token, NULL), 0);
	CHECK_STR(token.address, good.address);
	CHECK_INT(token.port, good.port);
	CHECK_STR(token.password, good.password);
	CHECK_STR(token.certificate, good.certificate);
	CHECK_INT(token.expires_s, good.expires_s);
}

/* Base64 of a JSON text. */
static int decode(const char *json, struct fail *why)
{
	autofree char *text = base64_encode((const unsigned char *)json, strlen(json));
	struct token token;

	return token_decode(text, &token, why);
}

TEST(what_is_no_token_is_refused_and_says_what_to_do)
{
#define TOKEN(version, address, port, password, certificate)                                       \
	"{\"version\":" version ",\"address\":\"" address "\",\"port\":" port                      \
	",\"password\":\"" password "\",\"expires\":1,\"certificate\":\"" certificate "\"}"
	static const struct {
		const char *json;
		int want;
		const char *says;
	} cases[] = {
		{ TOKEN("1", "192.0.2.1", "5080", PASSWORD, OURS), 0, NULL },
		{ "", -EINVAL, "nothing was pasted" },
		{ "{}", -EPROTO, "version 0" },
		{ "[]", -EINVAL, "no token" },
		{ "{\"version\":1}", -EINVAL, "names no leader" },
		{ TOKEN("2", "192.0.2.1", "5080", PASSWORD, OURS), -EPROTO, "version 2" },
		{ TOKEN("1", "edge-1", "5080", PASSWORD, OURS), -EINVAL, "names no leader" },
		{ TOKEN("1", "192.0.2.1", "0", PASSWORD, OURS), -EINVAL, "names no leader" },
		{ TOKEN("1", "192.0.2.1", "65536", PASSWORD, OURS), -EINVAL, "names no leader" },
		{ TOKEN("1", "192.0.2.1", "5080", "0123", OURS), -EINVAL, "damaged" },
		{ TOKEN("1", "192.0.2.1", "5080", "0123456789ABCDEF0123456789ABCDEF", OURS),
		  -EINVAL, "damaged" },
		{ TOKEN("1", "192.0.2.1", "5080", PASSWORD, PASSWORD), -EINVAL, "damaged" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fail why = { 0 };

		CHECK_INT(decode(cases[i].json, &why), cases[i].want);
		if (cases[i].says)
			CHECK(strstr(why.msg, cases[i].says) != NULL);
	}
}

TEST(a_token_that_was_copied_in_part_is_refused)
{
	autofree char *text = token_encode(&good);
	struct token token;

	for (size_t n = 0; n < strlen(text); n++) {
		autofree char *part = strndup(text, n);

		CHECK(token_decode(part, &token, NULL) < 0);
		CHECK_STR(token.password, "");
	}
}

TEST(a_password_is_shown_for_its_interval_lives_a_little_longer_and_each_handshake_counts_once)
{
	static struct issuer issuer = { .interval_s = 120, .on = true };
	uint64_t left, expired = 0;

	CHECK(issuer_wants(&issuer, 1000));
	issuer_put(&issuer, PASSWORD, 1000);
	CHECK(!issuer_wants(&issuer, 120999));
	CHECK_STR(issuer_current(&issuer, 1000, &left), PASSWORD);
	CHECK_INT(left, 120000);
	CHECK_INT(issuer_check(&issuer, PASSWORD, NONCE, 120999, &expired), ISSUER_GOOD);
	CHECK_INT(issuer_check(&issuer, PASSWORD, NONCE, 120999, &expired), ISSUER_REPLAYED);
	/* Others with the same token. */
	CHECK_INT(issuer_check(&issuer, PASSWORD, "2", 120999, &expired), ISSUER_GOOD);
	CHECK(issuer_wants(&issuer, 121000));
	CHECK(!issuer_current(&issuer, 121000, &left));
	issuer_put(&issuer, NONCE, 121000);
	/* Copied in its last second and pasted later. */
	CHECK_INT(issuer_check(&issuer, PASSWORD, "3", 135999, &expired), ISSUER_GOOD);
	CHECK_INT(issuer_check(&issuer, PASSWORD, "4", 136000, &expired), ISSUER_EXPIRED);
	CHECK_INT(expired, 15000);
	CHECK_INT(issuer_check(&issuer, NONCE, "5", 136000, &expired), ISSUER_GOOD);
	CHECK_INT(issuer_check(&issuer, "", "6", 131000, &expired), ISSUER_UNKNOWN);
	issuer_stop(&issuer);
	CHECK_INT(issuer_check(&issuer, NONCE, "7", 131000, &expired), ISSUER_UNKNOWN);
	CHECK(!issuer_wants(&issuer, 500000));
}

TEST(a_password_has_so_many_handshakes_and_no_more)
{
	static struct issuer issuer = { .interval_s = 120 };
	char nonce[ISSUER_NONCE_BYTES];
	uint64_t expired;

	issuer_put(&issuer, PASSWORD, 0);
	for (unsigned i = 0; i < ISSUER_NONCES; i++) {
		snprintf(nonce, sizeof(nonce), "%032u", i);
		CHECK_INT(issuer_check(&issuer, PASSWORD, nonce, 1, &expired), ISSUER_GOOD);
	}
	CHECK_INT(issuer_check(&issuer, PASSWORD, NONCE, 1, &expired), ISSUER_USED_UP);
}

TEST(who_may_follow)
{
	static const struct rules_self alone = { .name = "edge-2",
						 .host_id = "2",
						 .certificate = THEIRS };
	static const struct {
		const char *certificate, *leader;
		size_t n_followers;
		bool generating, joining;
		const char *says;
	} cases[] = {
		{ THEIRS, NULL, 0, false, false, NULL },
		{ OURS, NULL, 0, false, false, "this host's own" },
		{ THEIRS, "edge-9", 0, false, false, "linked to edge-9 (192.0.2.9) already" },
		{ THEIRS, NULL, 1, false, false, "leads 1 linked host; unlink it" },
		{ THEIRS, NULL, 3, false, false, "leads 3 linked hosts; unlink them" },
		{ THEIRS, NULL, 0, true, false, "stop the token generation" },
		{ THEIRS, NULL, 0, false, true, "being linked already" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct rules_self self = alone;
		struct fail why = { 0 };
		int r;

		self.certificate = cases[i].certificate;
		self.leader_name = cases[i].leader;
		self.leader_address = "192.0.2.9";
		self.n_followers = cases[i].n_followers;
		self.generating = cases[i].generating;
		self.joining = cases[i].joining;
		r = rules_follow(&self, &good, &why);
		CHECK_INT(r < 0, cases[i].says != NULL);
		if (cases[i].says)
			CHECK(strstr(why.msg, cases[i].says) != NULL);
	}
}

TEST(whom_a_leader_takes)
{
	static const struct {
		enum issuer_result password;
		bool generating, known;
		unsigned version;
		const char *leader, *certificate, *host_id;
		int64_t clock_s;
		size_t n_followers;
		const char *says;
	} cases[] = {
		{ ISSUER_GOOD, true, false, 1, NULL, THEIRS, "2", 0, 2, NULL },
		{ ISSUER_GOOD, true, false, 2, NULL, THEIRS, "2", 0, 0, "this host by version 2" },
		{ ISSUER_UNKNOWN, true, false, 1, NULL, THEIRS, "2", 0, 0,
		  "does not know the token" },
		{ ISSUER_UNKNOWN, false, false, 1, NULL, THEIRS, "2", 0, 0, "takes no links now" },
		{ ISSUER_EXPIRED, true, false, 1, NULL, THEIRS, "2", 0, 0, "expired 7 s ago" },
		{ ISSUER_REPLAYED, true, false, 1, NULL, THEIRS, "2", 0, 0, "seen before" },
		{ ISSUER_USED_UP, true, false, 1, NULL, THEIRS, "2", 0, 0, "used 128 times" },
		{ ISSUER_GOOD, true, false, 1, "edge-9", THEIRS, "2", 0, 0,
		  "follows edge-9 itself" },
		{ ISSUER_GOOD, true, false, 1, NULL, OURS, "2", 0, 0, "linked to itself" },
		{ ISSUER_GOOD, true, false, 1, NULL, THEIRS, "1", 0, 0, "same product UUID" },
		{ ISSUER_GOOD, true, false, 1, NULL, THEIRS, "2", 3600, 0, NULL },
		{ ISSUER_GOOD, true, false, 1, NULL, THEIRS, "2", 18720, 0, "5 h 12 min ahead of" },
		{ ISSUER_GOOD, true, false, 1, NULL, THEIRS, "2", -3660, 0, "1 h 1 min behind" },
		{ ISSUER_GOOD, true, false, 1, NULL, THEIRS, "2", -864000, 0, "10 days behind" },
		{ ISSUER_GOOD, true, false, 1, NULL, THEIRS, "2", 0, 64,
		  "may have 64; unlink one" },
		{ ISSUER_GOOD, true, true, 1, NULL, THEIRS, "2", 0, 64, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct rules_self self = { .name = "edge-1",
					   .host_id = "1",
					   .certificate = OURS,
					   .leader_name = cases[i].leader,
					   .n_followers = cases[i].n_followers,
					   .generating = cases[i].generating };
		struct wire wire = { .kind = WIRE_JOIN,
				     .version = cases[i].version,
				     .host = { .name = "edge-2" },
				     .time_s = (uint64_t)(1790000000 + cases[i].clock_s) };
		struct rules_join join = { .wire = &wire,
					   .certificate = cases[i].certificate,
					   .address = "192.0.2.2",
					   .known = cases[i].known,
					   .password = cases[i].password,
					   .expired_ms = 7000,
					   .now_s = 1790000000 };
		struct fail why = { 0 };
		int r;

		snprintf(wire.host.host_id, sizeof(wire.host.host_id), "%s", cases[i].host_id);
		r = rules_admit(&self, &join, &why);
		CHECK_INT(r < 0, cases[i].says != NULL);
		if (cases[i].says)
			CHECK(strstr(why.msg, cases[i].says) != NULL);
	}
}

TEST(a_join_that_is_never_heard_of_is_given_up_and_an_older_link_is_not)
{
	CHECK(!rules_is_given_up(true, false, 59999));
	CHECK(rules_is_given_up(true, false, 60000));
	CHECK(!rules_is_given_up(true, true, 60000));
	CHECK(!rules_is_given_up(false, false, UINT64_MAX));
}

TEST(silence_of_three_heartbeats_is_unhealthy_and_a_minute_of_it_gets_advice)
{
#define ADVICE "unlink here, then link again with a new token of "
	static const struct {
		uint64_t silent_ms;
		bool is_leader, other_answers;
		const char *error, *want;
	} cases[] = {
		{ 0, false, false, "", "" },
		{ 14999, false, false, "Connection refused", "" },
		{ 15000, false, false, "", "no answer from 192.0.2.2:5080 for 15 s" },
		{ 40400, true, false, "Connection refused",
		  "no answer from 192.0.2.2:5080 for 40 s (Connection refused)" },
		{ 60000, false, false, "",
		  "no answer from 192.0.2.2:5080 for 60 s. If it was reset or its address changed: "
		  "unlink it here and link it again" },
		{ 61000, true, false, "",
		  "no answer from 192.0.2.2:5080 for 61 s. If the leader was reset, or its address "
		  "was changed, which is not supported: " ADVICE "it" },
		/* Nothing will come of waiting for that one. */
		{ 20000, true, true, "another certificate",
		  "no answer from 192.0.2.2:5080 for 20 s (another certificate). The leader was "
		  "reset, or another host has its address now: " ADVICE "the leader" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct rules_silence silence = { .ms = cases[i].silent_ms,
						 .address = "192.0.2.2",
						 .port = 5080,
						 .is_leader = cases[i].is_leader,
						 .other_answers = cases[i].other_answers,
						 .error = cases[i].error };
		char buf[400];

		rules_health(&silence, buf, sizeof(buf));
		CHECK_STR(buf, cases[i].want);
	}
}

static struct wire sample(enum wire_kind kind)
{
	struct wire wire = {
		.kind = kind,
		.host = { .host_id = "4c4c4544",
			  .name = "edge-2",
			  .ui_port = 5080,
			  .sync_port = 22000,
			  .device = "ABCDEFG-2345672" },
		.password = PASSWORD,
		.nonce = NONCE,
		.ui_port = 5081,
		.time_s = 1790000000,
		.sync = { .synced = true,
			  .done_bytes = 5,
			  .total_bytes = 7,
			  .seconds_left = 9,
			  .trouble = "disk full",
			  .apart = true },
		.blocked = "Connection refused",
		.peers = { { .name = "edge-3", .address = "192.0.2.3", .port = 22000 } },
		.n_peers = 1,
		.message = "no"
	};

	return wire;
}

TEST(every_kind_of_message_comes_back_as_it_was_sent)
{
	for (int kind = WIRE_JOIN; kind <= WIRE_REFUSED; kind++) {
		struct wire wire = sample((enum wire_kind)kind), back;
		autofree char *text = wire_text(&wire), *again = NULL;
		struct fail why = { 0 };

		CHECK_INT(wire_read(text, strlen(text), &back, &why), 0);
		CHECK_INT(back.kind, kind);
		CHECK_INT(back.version, WIRE_VERSION);
		again = wire_text(&back);
		CHECK_STR(again, text);
		/* A password goes with a join, and with nothing else. */
		CHECK_INT(strstr(text, PASSWORD) != NULL, kind == WIRE_JOIN);
	}
}

TEST(a_probe_says_the_leaders_port_or_none)
{
	struct wire wire = sample(WIRE_PROBE), back;
	autofree char *text = wire_text(&wire), *plain = NULL;
	struct fail why = { 0 };

	CHECK_INT(wire_read(text, strlen(text), &back, &why), 0);
	CHECK_INT(back.ui_port, 5081);
	wire.ui_port = 0;
	plain = wire_text(&wire);
	CHECK_INT(wire_read(plain, strlen(plain), &back, &why), 0);
	CHECK_INT(back.ui_port, 0);
}

TEST(a_damaged_message_is_refused)
{
	static const char *const cases[] = {
		"",
		"[]",
		"{}",
		"{\"type\":\"heartbeat\",\"version\":1}",
		"{\"type\":\"nothing\",\"version\":1}",
		"{\"type\":\"probe\"}",
		"{\"type\":\"probe\",\"version\":1,\"uiPort\":70000}",
		"{\"type\":\"probe\",\"type\":\"here\",\"version\":1}",
		"{\"type\":\"refused\",\"version\":1,\"message\":\"a\\u0007\"}",
		"{\"type\":\"refused\",\"version\":1,\"message\":\"a\\u0000b\"}",
		"{\"type\":\"refused\",\"version\":1,\"message\":5}",
	};
	struct wire wire = sample(WIRE_ALIVE);
	autofree char *text = wire_text(&wire);
	struct fail why = { 0 };
	struct wire back;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		CHECK_INT(wire_read(cases[i], strlen(cases[i]), &back, &why), -EBADMSG);
	for (size_t n = 0; n < strlen(text); n++)
		CHECK_INT(wire_read(text, n, &back, &why), -EBADMSG);
	/* A join of another version is understood as far as to be refused. */
	CHECK_INT(wire_read("{\"type\":\"join\",\"version\":2}", 27, &back, &why), 0);
	CHECK_INT(back.version, 2);
}
