/* SPDX-License-Identifier: Apache-2.0 */
#include "sessions.h"

#include <errno.h>
#include <inttypes.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "encode.h"
#include "lib/cleanup.h"

static void hash_token(const char *token, uint8_t hash[SESSION_HASH])
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, strlen(token), (const uint8_t *)token);
	sha256_digest(&ctx, SESSION_HASH, hash);
	explicit_bzero(&ctx, sizeof(ctx));
}

static bool is_live(const struct session *s, uint64_t now_s)
{
	return s->id[0] && s->expires_s > now_s;
}

/* A free or outdated row; of a full table the one that was unused longest. */
static struct session *take_row(struct sessions *table, uint64_t now_s)
{
	struct session *oldest = &table->rows[0];

	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct session *s = &table->rows[i];

		if (!is_live(s, now_s))
			return s;
		if (s->used_s < oldest->used_s)
			oldest = s;
	}
	return oldest;
}

const struct session *session_open(struct sessions *table, const struct session_request *request,
				   const uint8_t random[SESSION_RANDOM],
				   char token[SESSION_TOKEN_BYTES],
				   char ret_evicted[SESSION_ID_BYTES])
{
	struct session *s = take_row(table, request->now_s);

	snprintf(ret_evicted, SESSION_ID_BYTES, "%s", is_live(s, request->now_s) ? s->id : "");
	memset(s, 0, sizeof(*s));
	hex_encode(random, 32, token);
	hash_token(token, s->hash);
	hex_encode(random + 32, 8, s->id);
	snprintf(s->user, sizeof(s->user), "%s", request->user);
	snprintf(s->origin, sizeof(s->origin), "%s", request->origin);
	s->uid = request->uid;
	s->extended = request->extended;
	s->first_login = request->first_login;
	s->created_s = s->used_s = request->now_s;
	s->expires_s = request->now_s + request->lifetime_s;
	return s;
}

struct session *session_find(struct sessions *table, const char *token, uid_t uid, uint64_t now_s)
{
	struct session *found = NULL;
	uint8_t hash[SESSION_HASH];

	if (strlen(token) != SESSION_TOKEN_BYTES - 1)
		return NULL;
	hash_token(token, hash);
	/* All rows, so that the time does not tell how far the search got. */
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct session *s = &table->rows[i];

		if (equal_constant_time(s->hash, hash, SESSION_HASH) && is_live(s, now_s))
			found = s;
	}
	if (!found || found->uid != uid)
		return NULL;
	found->used_s = now_s;
	return found;
}

struct session *session_find_id(struct sessions *table, const char *id, uint64_t now_s)
{
	for (size_t i = 0; *id && i < SESSIONS_MAX; i++)
		if (is_live(&table->rows[i], now_s) && strcmp(table->rows[i].id, id) == 0)
			return &table->rows[i];
	return NULL;
}

void session_close(struct session *session)
{
	memset(session, 0, sizeof(*session));
}

size_t session_close_user(struct sessions *table, const char *user, const struct session *keep,
			  void (*closed)(const char *id, void *arg), void *arg)
{
	size_t n = 0;

	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct session *s = &table->rows[i];
		char id[SESSION_ID_BYTES];

		if (!s->id[0] || s == keep || strcmp(s->user, user) != 0)
			continue;
		memcpy(id, s->id, sizeof(id));
		session_close(s);
		if (closed)
			closed(id, arg);
		n++;
	}
	return n;
}

size_t session_count(const struct sessions *table, uint64_t now_s)
{
	size_t n = 0;

	for (size_t i = 0; i < SESSIONS_MAX; i++)
		n += is_live(&table->rows[i], now_s);
	return n;
}

char *session_save(const struct sessions *table, uint64_t now_s)
{
	autofree char *text = NULL;
	autofclose FILE *f = NULL;
	size_t bytes;

	f = open_memstream(&text, &bytes);
	if (!f)
		return NULL;
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		const struct session *s = &table->rows[i];
		char hash[2 * SESSION_HASH + 1];

		if (!is_live(s, now_s))
			continue;
		/* The origin comes last: it may have blanks. */
		fprintf(f, "%s %s %s %u %d %d %" PRIu64 " %" PRIu64 " %" PRIu64 " %s\n", s->id,
			hex_encode(s->hash, SESSION_HASH, hash), s->user, (unsigned)s->uid,
			s->extended, s->first_login, s->created_s, s->used_s, s->expires_s,
			s->origin);
	}
	if (fclose(take_ptr(f)) != 0)
		return NULL;
	return take_ptr(text);
}

static bool hash_parse(const char *hex, uint8_t hash[SESSION_HASH])
{
	static const char digits[] = "0123456789abcdef";

	if (strlen(hex) != (size_t)2 * SESSION_HASH || hex[strspn(hex, digits)])
		return false;
	for (size_t i = 0; i < SESSION_HASH; i++)
		hash[i] = (uint8_t)((strchr(digits, hex[2 * i]) - digits) << 4 |
				    (strchr(digits, hex[2 * i + 1]) - digits));
	return true;
}

/* The next word of *@at as a number. */
static bool take_number(char **at, uint64_t *ret)
{
	char *word = strsep(at, " "), *end;

	if (!word || *word < '0' || *word > '9')
		return false;
	errno = 0;
	*ret = strtoull(word, &end, 10);
	return errno == 0 && !*end;
}

static bool row_parse(char *line, struct session *s)
{
	const char *id = strsep(&line, " "), *hex = strsep(&line, " "), *user = strsep(&line, " ");
	uint64_t uid, extended, first_login;

	memset(s, 0, sizeof(*s));
	if (!id || strlen(id) != SESSION_ID_BYTES - 1 || !hex || !hash_parse(hex, s->hash) ||
	    !user || account_check_user(user, NULL) < 0 || !take_number(&line, &uid) ||
	    !take_number(&line, &extended) || !take_number(&line, &first_login) ||
	    !take_number(&line, &s->created_s) || !take_number(&line, &s->used_s) ||
	    !take_number(&line, &s->expires_s))
		return false;
	snprintf(s->id, sizeof(s->id), "%s", id);
	snprintf(s->user, sizeof(s->user), "%s", user);
	snprintf(s->origin, sizeof(s->origin), "%s", line ? line : "");
	s->uid = (uid_t)uid;
	s->extended = extended != 0;
	s->first_login = first_login != 0;
	return true;
}

void session_load(struct sessions *table, char *text, uint64_t now_s)
{
	char *save = NULL;
	size_t n = 0;

	memset(table, 0, sizeof(*table));
	for (char *line = strtok_r(text, "\n", &save); line && n < SESSIONS_MAX;
	     line = strtok_r(NULL, "\n", &save)) {
		if (!row_parse(line, &table->rows[n]) || !is_live(&table->rows[n], now_s))
			memset(&table->rows[n], 0, sizeof(table->rows[n]));
		else
			n++;
	}
}
