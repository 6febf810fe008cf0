/* SPDX-License-Identifier: Apache-2.0 */
/*
 * preset - /data/keep/settings.conf: what a host is given before its first boot. Pure but for
 * preset_apply(), which runs in a job.
 */
#ifndef PALETTE_PRESET_H
#define PALETTE_PRESET_H

#include <errno.h>

#include "account_check.h"
#include "dns_check.h"
#include "hostname_check.h"
#include "network.h"
#include "proxy_check.h"

#define PRESET_ADAPTERS_MAX 16
#define PRESET_KEYS_BYTES   16384

/* The code of what a text lacks and other lines could add; a mistake is REFUSED. */
#define PRESET_LACKS ENODATA

struct preset {
	char hostname[HOSTNAME_MAX + 1]; /* "" not preset; so with all */
	char user[USER_NAME_MAX + 1];
	char hash[400];
	char ssh_keys[PRESET_KEYS_BYTES]; /* lines */
	struct network_change adapters[PRESET_ADAPTERS_MAX];
	size_t n_adapters;
	bool has_dns, has_ntp, has_proxy;
	struct dns_settings dns;
	struct ntp_settings ntp;
	struct proxy_settings proxy;
};

/*
 * Reads and checks all of @text (changed). A mistake is refused by its line, and then nothing of the
 * file counts: a host that is half what its file says is worse than one that asks. -PRESET_LACKS: there is
 * no mistake in it, and something is missing. preset_done() it.
 */
int preset_read(char *text, struct preset *ret, struct fail *why);
void preset_done(struct preset *preset);

/*
 * One line by itself, for who collects lines from several places: a value that no other line could
 * make good is refused. What hangs together is checked by preset_read(). -ENOENT without a message:
 * no such key. -REFUSED: the key, the field and its rule.
 */
int preset_check_line(const char *key, const char *value, struct fail *why);

/* Whether @key may stand in several lines, each of which adds to the ones before. */
bool preset_key_repeats(const char *key);

/*
 * Applies the site's file where its text was not applied before. 1: it was applied now, 0: there is
 * none or it was applied already. Each part is tried; the first failure is returned, and the next
 * start tries again what failed, and only that.
 */
int preset_apply(const struct site *site, struct fail *why);

/*
 * A person has set @part ("hostname", "dns", "ntp", "proxy", "account") with
 * @result, which is returned. Where that is good and the file's failed, the file's is not tried again.
 */
int preset_settle(const struct site *site, const char *part, int result);
int preset_settle_adapter(const struct site *site, const char *adapter, int result);

#endif
