/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session_cache - which tokens the host service called good a moment ago. Pure.
 *
 * For answers that are made without asking it, such as the one that many pages want every second. An
 * entry is believed for SESSION_TRUST_MS; the host service's signal of an ended session removes it at
 * once. Tokens are kept as their SHA-256 alone.
 */
#ifndef PALETTE_LOCALUI_SESSION_CACHE_H
#define PALETTE_LOCALUI_SESSION_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SESSION_TRUST_MS 2000
#define SESSION_ROWS	 256
#define SESSION_ID_TEXT	 33
#define SESSION_USER	 64

struct session_row {
	uint8_t hash[32];
	char id[SESSION_ID_TEXT]; /* "" free */
	char user[SESSION_USER];
	uint64_t checked_ms;
};

struct session_cache {
	struct session_row rows[SESSION_ROWS];
};

/* NULL: the host service has to be asked. */
const struct session_row *session_cache_find(const struct session_cache *cache, const char *token,
					     uint64_t now);
void session_cache_put(struct session_cache *cache, const char *token, const char *id,
		       const char *user, uint64_t now);
void session_cache_drop(struct session_cache *cache, const char *id); /* NULL: all */

#endif
