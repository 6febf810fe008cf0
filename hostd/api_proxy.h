/* SPDX-License-Identifier: Apache-2.0 */
/* api_proxy - the methods of Network about the HTTP proxy. */
#ifndef PALETTE_API_PROXY_H
#define PALETTE_API_PROXY_H

#include "hostd.h"

int method_get_proxy(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_set_proxy(sd_bus_message *m, void *userdata, sd_bus_error *error);

/* Applies what is stored, in a job; the state and its signal follow. */
void proxy_begin_apply(struct hostd *h);

#endif
