/* SPDX-License-Identifier: Apache-2.0 */
/* host - palette-hostd on the system bus: calls that do not wait, its signals, its coming and going. */
#ifndef PALETTE_LOCALUI_HOST_H
#define PALETTE_LOCALUI_HOST_H

#include <jansson.h>

#include "exchange.h"

#define HOST_NAME     "internal.palette.Host1"
#define HOST_PATH     "/internal/palette/Host1"
#define HOST_ACCESS   HOST_NAME ".Access"
#define HOST_ACCOUNTS HOST_NAME ".Accounts"
#define HOST_HOST     HOST_NAME ".Host"
#define HOST_NETWORK  HOST_NAME ".Network"
#define HOST_CONTENT  HOST_NAME ".Content"
#define HOST_DIAG     HOST_NAME ".Diagnostics"
#define HOST_LOGS     HOST_NAME ".Logs"
#define HOST_AUDIT    HOST_NAME ".Audit"
#define LINK_NAME     "internal.palette.Link1"
#define LINK_PATH     "/internal/palette/Link1"

typedef void (*host_reply)(struct exchange *x, sd_bus_message *m);

/* Connects, and again every second while there is no bus. */
void host_start(struct server *s);
void host_stop(struct server *s);

/*
 * A method call; @reply gets the good answer. An error becomes the exchange's answer by itself.
 * NULL: the bus is not there, or memory; the exchange is answered.
 */
sd_bus_message *host_message(struct exchange *x, const char *interface, const char *member);
/* The same to palette-linkd, which takes no sessions: the exchange's was checked before. */
sd_bus_message *link_message(struct exchange *x, const char *member);
/* @built: the result of the appends so far; takes @m. */
void host_send(struct exchange *x, sd_bus_message *m, int built, unsigned seconds,
	       host_reply reply);
/* One with the session and strings alone: @strings ends in NULL. */
void host_call(struct exchange *x, const char *interface, const char *member, host_reply reply,
	       const char *const *strings);

/* As host_call(), of no exchange; @done gets the answer, also an error. */
int host_ask(struct server *s, const char *interface, const char *member, const char *session,
	     sd_bus_slot **slot, sd_bus_message_handler_t done, void *arg);

/* Makes the exchange's answer of an error the host service gave. */
void host_refuse(struct exchange *x, const sd_bus_error *error);

/*
 * The next value of @m as JSON: strings, numbers, booleans, arrays, dictionaries, variants. NULL:
 * damaged, or out of memory.
 */
json_t *host_json(sd_bus_message *m);

/* Keys of an object by their other names; what @rows does not name is left out. */
struct host_key {
	const char *from, *to; /* from NULL ends a table */
};
json_t *host_renamed(const json_t *object, const struct host_key *rows);
json_t *host_renamed_all(const json_t *array, const struct host_key *rows);

#endif
