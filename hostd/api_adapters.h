/* SPDX-License-Identifier: Apache-2.0 */
/* api_adapters - the methods of Network about adapters, and changes that wait for Confirm. */
#ifndef PALETTE_API_ADAPTERS_H
#define PALETTE_API_ADAPTERS_H

#include "hostd.h"
#include "netlink.h"

int method_list_adapters(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_get_adapter(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_set_adapter(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_neighbour(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_blink(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_confirm(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_revert(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_pending_change(sd_bus_message *m, void *userdata, sd_bus_error *error);

/* Reads @links and finds an adapter of that name in them. NULL: @why says it. */
const struct link *adapter_find(struct hostd *h, struct links *links, const char *name,
				struct fail *why);

/* Makes the change wait; where no Confirm comes in @seconds it is taken back. 0 or -errno. */
int pending_begin(struct hostd *h, const struct network_change *change, unsigned seconds);

#endif
