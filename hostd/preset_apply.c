/* SPDX-License-Identifier: Apache-2.0 */
/* Applying the settings file: the same calls as for a person, without the ARP probe. */
#include <errno.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accounts.h"
#include "encode.h"
#include "info.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "names.h"
#include "preset.h"
#include "proxy.h"

#define APPLIED SITE_KEEP "/settings.applied"

static void digest_of(const char *text, char hex[65])
{
	struct sha256_ctx ctx;
	uint8_t digest[32];

	sha256_init(&ctx);
	sha256_update(&ctx, strlen(text), (const uint8_t *)text);
	sha256_digest(&ctx, sizeof(digest), digest);
	hex_encode(digest, sizeof(digest), hex);
}

static int apply_account(const struct site *site, const struct preset *preset, struct fail *why)
{
	struct account account;
	int r = 0;

	if (!preset->user[0])
		return 0;
	if (account_admins(site, NULL) == 0)
		r = account_create_first(site, preset->user, preset->hash, why);
	if (r == 0 && preset->ssh_keys[0] && account_find(site, preset->user, &account))
		r = account_set_ssh_keys(site, &account, preset->ssh_keys, why);
	return r;
}

/* Says what failed and keeps the first failure. */
static void note(int r, const struct fail *why, int *first, struct fail *ret)
{
	if (r >= 0)
		return;
	log_error("settings file: %s", why->msg);
	if (*first == 0) {
		*first = r;
		*ret = *why;
	}
}

static int apply_all(const struct site *site, const struct preset *preset, struct fail *ret)
{
	struct fail why = { 0 };
	int first = 0;

	if (preset->hostname[0])
		note(hostname_apply(site, preset->hostname, &why), &why, &first, ret);
	for (size_t i = 0; i < preset->n_adapters; i++)
		note(network_apply(site, &preset->adapters[i], &why), &why, &first, ret);
	if (preset->has_dns)
		note(dns_apply(site, &preset->dns, NULL, &why), &why, &first, ret);
	if (preset->has_ntp)
		note(ntp_apply(site, &preset->ntp, &why), &why, &first, ret);
	if (preset->has_proxy) {
		int r = proxy_check_certificates(&preset->proxy, &why);

		if (r >= 0)
			r = proxy_store(site, &preset->proxy, &why);
		if (r >= 0)
			r = proxy_apply(site, &why);
		note(r, &why, &first, ret);
	}
	note(apply_account(site, preset, &why), &why, &first, ret);
	return first;
}

int preset_apply(const struct site *site, struct fail *why)
{
	autofree char *text = NULL, *applied = NULL;
	autofree struct preset *preset = calloc(1, sizeof(*preset));
	char digest[65];
	size_t bytes;
	int r;

	if (!preset)
		return fail_errno(why, ENOMEM, "read the settings file");
	r = site_read(site, SETTINGS_FILE, &text, why);
	if (r == 0)
		r = site_read(site, APPLIED, &applied, why);
	if (r < 0)
		return r;
	if (!text || !*text || !applied)
		return 0;
	bytes = strlen(text);
	digest_of(text, digest);
	if (strncmp(applied, digest, strlen(digest)) == 0)
		return 0;
	r = preset_read(text, preset, why);
	if (r == 0)
		r = apply_all(site, preset, why);
	preset_done(preset);
	explicit_bzero(text, bytes);
	if (r < 0)
		return r;
	r = site_write(site, APPLIED, digest, strlen(digest), 0644, why);
	return r < 0 ? r : 1;
}
