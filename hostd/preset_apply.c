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

/* The SHA-256 of the text that was applied; then, a line each, the parts of it that failed. */
#define APPLIED		   SITE_KEEP "/settings.applied"
#define APPLIED_LOCK	   "/run/palette-hostd/settings.lock"
#define DIGEST_CHARS	   64
#define PART_BYTES	   32
#define PRESET_APPLIED_MAX ((PRESET_ADAPTERS_MAX + 5) * PART_BYTES)

static void digest_of(const char *text, char hex[DIGEST_CHARS + 1])
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

/* One run over the file's parts. */
struct run {
	const struct site *site;
	const char *due; /* lines: the parts to do; NULL: all */
	bool is_nameless;
	char failed[PRESET_APPLIED_MAX]; /* lines */
	int first;
	struct fail *why; /* of the first that failed */
};

/* The line of @text that is @part; NULL: none is. */
static const char *find_line(const char *text, const char *part)
{
	size_t n = strlen(part);

	while (text && *text) {
		if (strncmp(text, part, n) == 0 && (text[n] == '\n' || !text[n]))
			return text;
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return NULL;
}

static bool is_due(const struct run *run, const char *part)
{
	return !run->due || find_line(run->due, part);
}

/* Says what failed and keeps the first failure. */
static void note(struct run *run, const char *part, int r, const struct fail *why)
{
	size_t used = strlen(run->failed);

	if (r >= 0)
		return;
	log_error("settings file: %s", why->msg);
	snprintf(run->failed + used, sizeof(run->failed) - used, "%s\n", part);
	if (run->first == 0) {
		run->first = r;
		*run->why = *why;
	}
}

static int apply_proxy(const struct site *site, const struct preset *preset, struct fail *why)
{
	int r = proxy_check_certificates(&preset->proxy, why);

	if (r >= 0)
		r = proxy_store(site, &preset->proxy, why);
	return r < 0 ? r : proxy_apply(site, why);
}

static void adapter_part(const char *adapter, char part[PART_BYTES])
{
	snprintf(part, PART_BYTES, "adapter.%.15s", adapter);
}

static void apply_due(struct run *run, const struct preset *preset)
{
	const struct site *site = run->site;
	struct fail why = { 0 };
	char part[PART_BYTES];

	/* A name that a power cut took is due again: this host was given no other. */
	if (preset->hostname[0] && (is_due(run, "hostname") || run->is_nameless))
		note(run, "hostname", hostname_apply(site, preset->hostname, &why), &why);
	for (size_t i = 0; i < preset->n_adapters; i++) {
		adapter_part(preset->adapters[i].adapter, part);
		if (is_due(run, part))
			note(run, part, network_apply(site, &preset->adapters[i], &why), &why);
	}
	if (preset->has_dns && is_due(run, "dns"))
		note(run, "dns", dns_apply(site, &preset->dns, NULL, &why), &why);
	if (preset->has_ntp && is_due(run, "ntp"))
		note(run, "ntp", ntp_apply(site, &preset->ntp, &why), &why);
	if (preset->has_proxy && is_due(run, "proxy"))
		note(run, "proxy", apply_proxy(site, preset, &why), &why);
	if (is_due(run, "account"))
		note(run, "account", apply_account(site, preset, &why), &why);
}

static int write_applied(const struct site *site, const char *digest, const char *failed,
			 struct fail *why)
{
	autoclose int lock = site_lock(site, APPLIED_LOCK, why);
	char text[DIGEST_CHARS + 2 + PRESET_APPLIED_MAX];
	int n = snprintf(text, sizeof(text), "%s\n%s", digest, failed);

	return lock < 0 ? lock : site_write(site, APPLIED, text, (size_t)n, 0644, why);
}

/* @text is the file's, and changed. */
static int apply_text(const struct site *site, char *text, const char *applied, struct fail *why)
{
	autofree struct preset *preset = calloc(1, sizeof(*preset));
	struct run run = { .site = site,
			   .is_nameless = hostname_is_missing(site, NULL) > 0,
			   .why = why };
	char digest[DIGEST_CHARS + 1];
	struct fail ours = { 0 };
	int r;

	if (!preset)
		return fail_errno(why, ENOMEM, "read it");
	digest_of(text, digest);
	if (strncmp(applied, digest, DIGEST_CHARS) == 0) {
		run.due = applied + DIGEST_CHARS + (applied[DIGEST_CHARS] == '\n');
		if (!*run.due && !run.is_nameless)
			return 0;
	}
	r = preset_read(text, preset, why);
	if (r == 0)
		apply_due(&run, preset);
	preset_done(preset);
	if (r < 0)
		return r;
	r = write_applied(site, digest, run.failed, run.first ? &ours : why);
	return run.first ? run.first : r < 0 ? r : 1;
}

int preset_apply(const struct site *site, struct fail *why)
{
	autofree char *text = NULL, *applied = NULL;
	size_t bytes;
	int r;

	r = site_read(site, SETTINGS_FILE, &text, why);
	if (r == 0)
		r = site_read(site, APPLIED, &applied, why);
	bytes = text ? strlen(text) : 0;
	if (r == 0 && bytes)
		r = apply_text(site, text, applied, why);
	if (bytes)
		explicit_bzero(text, bytes);
	return r < 0 ? fail_wrap(why, "settings.conf") : r;
}

/* Settings of several kinds are changed at the same time: none may bring another one's part back. */
static int remove_part(const struct site *site, const char *part, struct fail *why)
{
	autoclose int lock = site_lock(site, APPLIED_LOCK, why);
	autofree char *applied = NULL;
	char *line, *next;
	int r = lock < 0 ? lock : site_read(site, APPLIED, &applied, why);

	if (r < 0 || strlen(applied) <= DIGEST_CHARS)
		return r;
	line = (char *)find_line(applied + DIGEST_CHARS + 1, part);
	if (!line)
		return 0;
	next = strchrnul(line, '\n');
	next += *next != '\0';
	memmove(line, next, strlen(next) + 1);
	return site_write(site, APPLIED, applied, strlen(applied), 0644, why);
}

int preset_settle(const struct site *site, const char *part, int result)
{
	struct fail why = { 0 };

	if (result >= 0 && remove_part(site, part, &why) < 0)
		log_warn("%s of the settings file may be tried again: %s", part, why.msg);
	return result;
}

int preset_settle_adapter(const struct site *site, const char *adapter, int result)
{
	char part[PART_BYTES];

	adapter_part(adapter, part);
	return preset_settle(site, part, result);
}
