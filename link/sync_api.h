/* SPDX-License-Identifier: Apache-2.0 */
/* sync_api - Syncthing's REST API on its socket, within an event loop. */
#ifndef PALETTE_LINK_SYNC_API_H
#define PALETTE_LINK_SYNC_API_H

#include <jansson.h>
#include <systemd/sd-event.h>

#include "lib/fail.h"

struct sync_api;

/* @status: of HTTP; 0: no answer. @body: borrowed; NULL: none or no JSON. */
typedef void (*sync_api_done)(long status, json_t *body, void *arg);

/* @socket and @key are copied. */
int sync_api_new(sd_event *event, const char *socket, const char *key, struct sync_api **ret,
		 struct fail *why);

/* Drops what is under way without a call of its @done. NULL is fine. */
void sync_api_free(struct sync_api *api);

/*
 * @path with its query; @body is taken, NULL: none. @done NULL: nobody wants the answer. It is never
 * called before this returns.
 */
void sync_api_ask(struct sync_api *api, const char *method, const char *path, json_t *body,
		  unsigned seconds, sync_api_done done, void *arg);

#endif
