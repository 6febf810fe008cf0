/* SPDX-License-Identifier: Apache-2.0 */
#include "session_cache.h"

#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>

static void hash_token(const char *token, uint8_t hash[32])
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, strlen(token), (const uint8_t *)token);
	sha256_digest(&ctx, 32, hash);
}

const struct session_row *session_cache_find(const struct session_cache *cache, const char *token,
					     uint64_t now)
{
	uint8_t hash[32];

	hash_token(token, hash);
	for (size_t i = 0; i < SESSION_ROWS; i++) {
		const struct session_row *row = &cache->rows[i];

		if (row->id[0] && memcmp(row->hash, hash, sizeof(hash)) == 0)
			return now - row->checked_ms < SESSION_TRUST_MS ? row : NULL;
	}
	return NULL;
}

void session_cache_put(struct session_cache *cache, const char *token, const char *id,
		       const char *user, uint64_t now)
{
	struct session_row *to = &cache->rows[0];
	uint8_t hash[32];

	hash_token(token, hash);
	for (size_t i = 0; i < SESSION_ROWS; i++) {
		struct session_row *row = &cache->rows[i];

		if (row->id[0] && memcmp(row->hash, hash, sizeof(hash)) == 0) {
			to = row;
			break;
		}
		if (!row->id[0] ? to->id[0] != '\0' : to->id[0] && row->checked_ms < to->checked_ms)
			to = row;
	}
	memcpy(to->hash, hash, sizeof(hash));
	snprintf(to->id, sizeof(to->id), "%s", id);
	snprintf(to->user, sizeof(to->user), "%s", user);
	to->checked_ms = now;
}

void session_cache_drop(struct session_cache *cache, const char *id)
{
	for (size_t i = 0; i < SESSION_ROWS; i++)
		if (!id || strcmp(cache->rows[i].id, id) == 0)
			memset(&cache->rows[i], 0, sizeof(cache->rows[i]));
}
