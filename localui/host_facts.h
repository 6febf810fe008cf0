/* SPDX-License-Identifier: Apache-2.0 */
/* host_facts - the API's shape of what the host service says. Pure. */
#ifndef PALETTE_LOCALUI_HOST_FACTS_H
#define PALETTE_LOCALUI_HOST_FACTS_H

#include <jansson.h>
#include <stdint.h>

struct snapshot;

/* EdgeHost of openapi.json, from the answers under "info", "stats", "adapters", "dns", "ntp", "proxy". */
json_t *host_facts(const json_t *parts, struct snapshot *snapshot, uint64_t now_s);

/* One adapter or all of them; @local is the address the request came to. */
json_t *facts_adapter(const json_t *adapter, const char *local);
json_t *facts_adapters(const json_t *adapters, const char *local);

/* Readiness of openapi.json, from an EdgeHost and a LinkStatus; @link NULL: it is not known. */
json_t *facts_readiness(const json_t *host, const json_t *link);

#endif
