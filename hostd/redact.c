/* SPDX-License-Identifier: Apache-2.0 */
#include "redact.h"

#include <stddef.h>
#include <string.h>

#define HASH_CHARS "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789$=,"

/* The @n bytes at @at become the mask, or vanish where they are too few for it. Returns what follows. */
static char *mask(char *at, size_t n)
{
	size_t shown = n < strlen(REDACTED) ? n : strlen(REDACTED);

	for (size_t i = 0; i < shown; i++)
		at[i] = REDACTED[i];
	memmove(at + shown, at + n, strlen(at + n) + 1);
	return at + shown;
}

/* "://user:password@host" */
static void mask_urls(char *text)
{
	while ((text = strstr(text, "://")) != NULL) {
		size_t n;

		text += 3;
		n = strcspn(text, "/ \t\n\"'<>");
		for (size_t i = n; i > 0; i--) {
			if (text[i - 1] != '@')
				continue;
			text = mask(text, i - 1);
			break;
		}
	}
}

/* "$6$salt$hash": nothing else of some length looks so. */
static void mask_hashes(char *text)
{
	static const char *const kinds[] = { "$y$",  "$gy$", "$7$",  "$6$", "$5$",
					     "$2a$", "$2b$", "$2y$", "$1$" };

	while ((text = strchr(text, '$')) != NULL) {
		size_t n = strspn(text, HASH_CHARS), i = 0;

		while (i < sizeof(kinds) / sizeof(kinds[0]) &&
		       strncmp(text, kinds[i], strlen(kinds[i])) != 0)
			i++;
		if (i < sizeof(kinds) / sizeof(kinds[0]) && n >= 12)
			text = mask(text, n);
		else
			text++;
	}
}

/* Behind the word: blanks, quotes and one '=' or ':'. NULL: it is no assignment. */
static char *value_of(char *text)
{
	text += strspn(text, "\"' ");
	if (*text != '=' && *text != ':')
		return NULL;
	text++;
	return text + strspn(text, "\"' ");
}

/* What follows "password=" up to a blank or quote; of a header all of the line. */
static void mask_word(char *text, const char *word, const char *ends)
{
	char *at = text;

	while ((at = strcasestr(at, word)) != NULL) {
		char *value = value_of(at + strlen(word));

		at = value ? mask(value, strcspn(value, ends)) : at + strlen(word);
	}
}

static void mask_words(char *text)
{
	static const char *const words[] = { "password", "passwd",  "passphrase", "secret",
					     "token",	 "api-key", "apikey" };
	static const char *const headers[] = { "authorization", "cookie" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		mask_word(text, words[i], " \t\n\"',;&");
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		mask_word(text, headers[i], "\n");
}

/* Bytes of @text without a newline at its end. */
static size_t line_bytes(const char *text)
{
	size_t n = strlen(text);

	return n && text[n - 1] == '\n' ? n - 1 : n;
}

/* All from behind a key's first line to its last one, over as many lines as it has. */
static void mask_keys(struct redactor *redactor, char *text)
{
	static const char begin[] = "PRIVATE KEY-----";
	char *at = text;

	for (;;) {
		char *end;

		if (!redactor->in_key) {
			at = strstr(at, begin);
			if (!at)
				return;
			at += strlen(begin);
		}
		end = strstr(at, "-----END");
		redactor->in_key = end == NULL;
		at = mask(at, end ? (size_t)(end - at) : line_bytes(at));
		if (redactor->in_key)
			return;
		/* The last line's own words would begin another key. */
		at += strcspn(at, "\n");
	}
}

void redact(struct redactor *redactor, char *line)
{
	mask_keys(redactor, line);
	mask_urls(line);
	mask_hashes(line);
	mask_words(line);
}
