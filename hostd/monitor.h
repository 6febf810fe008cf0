/* SPDX-License-Identifier: Apache-2.0 */
/* monitor - news of adapters and DNS, as signals. */
#ifndef PALETTE_MONITOR_H
#define PALETTE_MONITOR_H

#include "hostd.h"

/* Of adapters; until the event loop ends. 0 or -errno. */
int monitor_start(struct hostd *h, struct fail *why);

/* Of DNS, once resolved has its directory; says that there is news already. */
void monitor_dns(struct hostd *h);

#endif
