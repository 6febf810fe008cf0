/* SPDX-License-Identifier: Apache-2.0 */
#include "keys.h"

#include <string.h>

#include "lib/cleanup.h"

/*
 * Right: terminfo's "screen" in application mode. Left: Linux' screen, xterm, PuTTY, rxvt, vt220,
 * minicom and what BMCs make of them. A sequence that is the same everywhere is not listed.
 */
static const struct {
	const char *from, *to;
} table[] = {
	{ "\b", "\177" },
	/* arrows, in the other of their two modes */
	{ "\033[A", "\033OA" },
	{ "\033[B", "\033OB" },
	{ "\033[C", "\033OC" },
	{ "\033[D", "\033OD" },
	/* home and end */
	{ "\033[H", "\033[1~" },
	{ "\033OH", "\033[1~" },
	{ "\033[7~", "\033[1~" },
	{ "\033[F", "\033[4~" },
	{ "\033OF", "\033[4~" },
	{ "\033[8~", "\033[4~" },
	/* F1 to F5 */
	{ "\033[[A", "\033OP" },
	{ "\033[[B", "\033OQ" },
	{ "\033[[C", "\033OR" },
	{ "\033[[D", "\033OS" },
	{ "\033[[E", "\033[15~" },
	{ "\033[11~", "\033OP" },
	{ "\033[12~", "\033OQ" },
	{ "\033[13~", "\033OR" },
	{ "\033[14~", "\033OS" },
	/* TAB backwards: the Linux keymap has Meta_Tab on it */
	{ "\033\t", "\033[Z" },
	/* ENTER of the keypad in application mode */
	{ "\033OM", "\r" },
};

enum match { MATCH_NONE, MATCH_BEGINS, MATCH_WHOLE };

static enum match look_up(const char *held, size_t n, const char **ret_to)
{
	enum match match = MATCH_NONE;

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		if (strlen(table[i].from) < n || memcmp(table[i].from, held, n) != 0)
			continue;
		if (table[i].from[n] == '\0') {
			*ret_to = table[i].to;
			return MATCH_WHOLE;
		}
		match = MATCH_BEGINS;
	}
	return match;
}

size_t keys_flush(struct keys *keys, char *out)
{
	size_t n = keys->n_held;

	memcpy(out, keys->held, n);
	keys->n_held = 0;
	return n;
}

size_t keys_translate(struct keys *keys, const char *in, size_t n, char *out)
{
	size_t n_out = 0, n_to;
	const char *to;

	for (size_t i = 0; i < n; i++) {
		/* A new ESC ends what did not become a sequence. */
		if (in[i] == '\033')
			n_out += keys_flush(keys, out + n_out);
		keys->held[keys->n_held++] = in[i];
		switch (look_up(keys->held, keys->n_held, &to)) {
		case MATCH_WHOLE:
			n_to = strlen(to);
			memcpy(out + n_out, to, n_to);
			n_out += n_to;
			keys->n_held = 0;
			break;
		case MATCH_BEGINS:
			break;
		case MATCH_NONE:
			n_out += keys_flush(keys, out + n_out);
			break;
		}
	}
	return n_out;
}
