/* SPDX-License-Identifier: Apache-2.0 */
/* proxy - the HTTP proxy's record, the files made from it, and the trust store. Runs in jobs. */
#ifndef PALETTE_PROXY_H
#define PALETTE_PROXY_H

#include "proxy_check.h"
#include "site.h"

enum proxy_state { PROXY_NOT_CONFIGURED, PROXY_IN_PROGRESS, PROXY_CONFIGURED, PROXY_FAILED };

/* "Not Configured", "In Progress", "Configured", "Failed" */
const char *proxy_state_name(enum proxy_state state);

/* What is stored; empty where nothing is. proxy_done() it. */
int proxy_stored(const struct site *site, struct proxy_settings *ret, struct fail *why);

/* Each certificate is X.509 and within its dates, as openssl sees it. */
int proxy_check_certificates(const struct proxy_settings *proxy, struct fail *why);

int proxy_store(const struct site *site, const struct proxy_settings *proxy, struct fail *why);

/*
 * Brings files, trust store and running services into line with what is stored. What is so already
 * is left alone, but after an apply that failed or was cut, however long ago, the trust store is made
 * anew and the services are restarted. 1: something was changed. The Local UI is restarted last.
 */
int proxy_apply(const struct site *site, struct fail *why);

#endif
