/* SPDX-License-Identifier: Apache-2.0 */
#include "issuer.h"

#include <stdio.h>
#include <string.h>

#include "hostd/encode.h"

bool issuer_wants(const struct issuer *issuer, uint64_t now_ms)
{
	return issuer->on && (!issuer->rows[issuer->at].password[0] ||
			      issuer->rows[issuer->at].until_ms <= now_ms);
}

void issuer_put(struct issuer *issuer, const char *password, uint64_t now_ms)
{
	struct issued *row;

	issuer->on = true;
	issuer->at = (issuer->at + 1) % ISSUER_ROWS;
	row = &issuer->rows[issuer->at];
	explicit_bzero(row, sizeof(*row));
	snprintf(row->password, sizeof(row->password), "%s", password);
	row->until_ms = now_ms + issuer->interval_s * UINT64_C(1000);
}

const char *issuer_current(const struct issuer *issuer, uint64_t now_ms, uint64_t *ret_left_ms)
{
	const struct issued *row = &issuer->rows[issuer->at];

	if (!issuer->on || !row->password[0] || row->until_ms <= now_ms)
		return NULL;
	*ret_left_ms = row->until_ms - now_ms;
	return row->password;
}

void issuer_stop(struct issuer *issuer)
{
	issuer->on = false;
	explicit_bzero(issuer->rows, sizeof(issuer->rows));
}

static struct issued *find(struct issuer *issuer, const char *password)
{
	struct issued *found = NULL;

	/* All rows, always: how long it takes tells nothing about which one it was. */
	for (unsigned i = 0; i < ISSUER_ROWS; i++) {
		struct issued *row = &issuer->rows[i];
		char candidate[TOKEN_PASSWORD_BYTES] = "";

		snprintf(candidate, sizeof(candidate), "%s", password);
		if (equal_constant_time(row->password, candidate, sizeof(candidate)) == 1 &&
		    row->password[0])
			found = row;
	}
	return found;
}

static uint64_t overlap_ms(const struct issuer *issuer)
{
	return issuer->interval_s * UINT64_C(1000) / 8;
}

enum issuer_result issuer_check(struct issuer *issuer, const char *password, const char *nonce,
				uint64_t now_ms, uint64_t *ret_expired_ms)
{
	struct issued *row = find(issuer, password);

	if (!row)
		return ISSUER_UNKNOWN;
	if (row->until_ms + overlap_ms(issuer) <= now_ms) {
		*ret_expired_ms = now_ms - row->until_ms;
		return ISSUER_EXPIRED;
	}
	for (unsigned i = 0; i < row->n_nonces; i++)
		if (strcmp(row->nonces[i], nonce) == 0)
			return ISSUER_REPLAYED;
	if (row->n_nonces == ISSUER_NONCES)
		return ISSUER_USED_UP;
	snprintf(row->nonces[row->n_nonces++], ISSUER_NONCE_BYTES, "%s", nonce);
	return ISSUER_GOOD;
}
