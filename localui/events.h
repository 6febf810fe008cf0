/* SPDX-License-Identifier: Apache-2.0 */
/* events - what changes on the host, as server-sent events to every page that listens. */
#ifndef PALETTE_LOCALUI_EVENTS_H
#define PALETTE_LOCALUI_EVENTS_H

#include "exchange.h"

struct stream;

/* GET events; the session is checked. */
void events_answer(struct exchange *x);

/* "Read everything": the first event, and after some were lost. */
void events_hello(struct stream *stream);

/* A row of the journal, as hostd writes it, becomes an event. False: there is no room for it. */
bool events_put_line(struct stream *stream, const char *line, size_t bytes);

/* Looks after streams from now on: their sessions, the figures. */
void events_arm(struct server *s);

/* A signal of the host service. */
void events_signal(struct server *s, sd_bus_message *m);
/* It went or came. */
/* Links are others, or the link service came or went. */
void events_link(struct server *s);
void events_host_service(struct server *s, bool available);

/* Ends all streams, so that libmicrohttpd can stop. */
void events_stop(struct server *s);

#endif
