/* SPDX-License-Identifier: Apache-2.0 */
/* What is put in order at the start, in a job: each part stands by itself and a failure is logged. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "accounts.h"
#include "content.h"
#include "hostd.h"
#include "lib/log.h"
#include "names.h"
#include "preset.h"

#define ADAPTER_TRIES	 240
#define ADAPTER_TRIES_US 250000

/* A host that was never named gets a name that tells it from others. */
static int give_default_name(const struct site *site, struct fail *why)
{
	char name[HOSTNAME_MAX + 1], mac[HOSTNAME_MAC_BYTES];
	int missing = hostname_is_missing(site, why);
	struct info info;

	if (missing <= 0)
		return missing;
	info_read(site, &info);
	hostname_mac(site, mac);
	/* A name without UUID and MAC would be that of every such machine: its drivers may be late. */
	for (int i = 0; !product_uuid_is_real(info.product_uuid) && !mac[0] && i < ADAPTER_TRIES;
	     i++) {
		usleep(ADAPTER_TRIES_US);
		hostname_mac(site, mac);
	}
	return hostname_apply(site, hostname_default(info.product_uuid, mac, name), why);
}

int hostd_start_work(void *arg, struct fail *why)
{
	struct hostd *h = arg;
	struct fail ours = { 0 };
	int r, first = 0;

	content_trim_uploads(&h->site);
	site_await_services();
	r = preset_apply(&h->site, &ours);
	if (r < 0) {
		log_error("%s", ours.msg);
		first = r;
		*why = ours;
	}
	if (account_repair(&h->site, &ours) < 0)
		log_error("%s", ours.msg);
	/* A change that was cut in the middle, or never confirmed, is taken back here. */
	if (network_sync(&h->site, NULL, &ours) < 0)
		log_error("%s", ours.msg);
	if (info_apply_localui_port(&h->site, &ours) < 0)
		log_error("the Local UI's port: %s", ours.msg);
	if (info_apply_sync_port(&h->site, &ours) < 0)
		log_error("the sync port: %s", ours.msg);
	if (content_tidy(&h->site, (uint64_t)time(NULL), &ours) < 0)
		log_error("%s", ours.msg);
	if (give_default_name(&h->site, &ours) < 0)
		log_error("%s", ours.msg);
	return first;
}
