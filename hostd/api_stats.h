/* SPDX-License-Identifier: Apache-2.0 */
/* api_stats - the method Host.Stats. */
#ifndef PALETTE_API_STATS_H
#define PALETTE_API_STATS_H

#include "bus.h"

int method_stats(sd_bus_message *m, void *userdata, sd_bus_error *error);

#endif
