/* SPDX-License-Identifier: Apache-2.0 */
/* The pure parts of palette-console. */
#include <stdio.h>
#include <string.h>

#include "console/keys.h"
#include "console/outbuf.h"
#include "lib/cleanup.h"
#include "test.h"

TEST(what_goes_in_comes_out_in_order_around_the_end_of_the_ring)
{
	static struct outbuf buf;
	char data[OUTBUF_BYTES], out[OUTBUF_BYTES];
	size_t got = 0, n;
	const char *next;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 7);
	outbuf_reset(&buf);
	outbuf_add(&buf, data, OUTBUF_BYTES - 10);
	outbuf_sent(&buf, OUTBUF_BYTES - 20);
	outbuf_add(&buf, data, 100);
	CHECK_INT(buf.n, 110);
	while ((next = outbuf_next(&buf, &n))) {
		memcpy(out + got, next, n);
		got += n;
		outbuf_sent(&buf, n);
	}
	CHECK_INT(got, 110);
	CHECK(memcmp(out, data + OUTBUF_BYTES - 20, 10) == 0);
	CHECK(memcmp(out + 10, data, 100) == 0);
}

TEST(a_console_that_does_not_keep_up_loses_all_and_gets_nothing_until_it_is_reset)
{
	static struct outbuf buf;
	static const char data[OUTBUF_BYTES];
	size_t n;

	outbuf_reset(&buf);
	outbuf_add(&buf, data, sizeof(data));
	CHECK(!buf.stale);
	outbuf_add(&buf, data, 1);
	CHECK(buf.stale);
	CHECK(outbuf_next(&buf, &n) == NULL);
	outbuf_add(&buf, data, 1);
	CHECK(outbuf_next(&buf, &n) == NULL);
	outbuf_reset(&buf);
	outbuf_add(&buf, data, 1);
	CHECK(outbuf_next(&buf, &n) != NULL);
}

/* Byte by byte and in one piece: both must give the same. */
static void check_keys(const char *in, const char *want)
{
	struct keys keys = { 0 };
	char out[2 * 64 + KEYS_SEQUENCE_MAX + 1];
	size_t n;

	n = keys_translate(&keys, in, strlen(in), out);
	n += keys_flush(&keys, out + n);
	out[n] = '\0';
	CHECK_STR(out, want);

	n = 0;
	for (size_t i = 0; in[i]; i++)
		n += keys_translate(&keys, in + i, 1, out + n);
	n += keys_flush(&keys, out + n);
	out[n] = '\0';
	CHECK_STR(out, want);
}

TEST(keys_of_all_terminals_become_those_of_one)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{ "plain text", "plain text" },
		{ "\033[A\033OA", "\033OA\033OA" },		    /* up */
		{ "\033[H\033OH\033[1~", "\033[1~\033[1~\033[1~" }, /* home */
		{ "\033[[A\033[11~\033OP", "\033OP\033OP\033OP" },  /* F1 */
		{ "\033[[E\033[15~", "\033[15~\033[15~" },	    /* F5 */
		{ "\033[24~", "\033[24~" },			    /* F12 is the same everywhere */
		{ "\033\t\033[Z", "\033[Z\033[Z" },		    /* TAB backwards */
		{ "\b\177", "\177\177" },			    /* backspace */
		{ "\033", "\033" },				    /* ESC alone */
		{ "\033\033[A", "\033\033OA" },			    /* ESC, then up */
		{ "\033x\033[1;5A", "\033x\033[1;5A" },		    /* nothing we know */
		{ "\xc3\xa4\033[B", "\xc3\xa4\033OB" },		    /* UTF-8 passes */
		{ "\033OM", "\r" },				    /* keypad ENTER */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_keys(rows[i].in, rows[i].want);
}

TEST(the_beginning_of_a_sequence_is_held_until_it_is_flushed)
{
	struct keys keys = { 0 };
	char out[32];

	CHECK_INT(keys_translate(&keys, "\033[", 2, out), 0);
	CHECK_INT(keys.n_held, 2);
	CHECK_INT(keys_flush(&keys, out), 2);
	CHECK(memcmp(out, "\033[", 2) == 0);
	CHECK_INT(keys.n_held, 0);
}

TEST(translating_never_needs_more_than_its_promise)
{
	struct keys keys = { 0 };
	char in[256], out[2 * sizeof(in) + KEYS_SEQUENCE_MAX];
	size_t n;

	for (size_t i = 0; i < sizeof(in); i += 4)
		memcpy(in + i, "\033[[E", 4);
	n = keys_translate(&keys, in, sizeof(in), out);
	CHECK_INT(n, sizeof(in) / 4 * 5);
}
