/* SPDX-License-Identifier: Apache-2.0 */
/* host_read - hostd's answers out of D-Bus messages. Returns 0, or a negative errno of sd-bus. */
#ifndef PALETTE_TUI_HOST_READ_H
#define PALETTE_TUI_HOST_READ_H

#include <systemd/sd-bus.h>

#include "host.h"

int read_public(sd_bus_message *m, struct host_public *ret);
int read_info(sd_bus_message *m, struct host_info *ret);
int read_adapters(sd_bus_message *m, struct host_adapters *ret);
int read_dns(sd_bus_message *m, struct host_dns *ret);
int read_pending(sd_bus_message *m, struct host_pending *ret);
/* An array of strings; what does not fit is left out. */
int read_list(sd_bus_message *m, struct host_list *ret);

#endif
