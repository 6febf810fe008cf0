/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snapshot - the whole host as one JSON text, made of six answers of the host service.
 *
 * Pages and scripts ask for it again and again: all who ask within a second get the same bytes. A
 * signal that something changed makes it stale at once.
 */
#ifndef PALETTE_LOCALUI_SNAPSHOT_H
#define PALETTE_LOCALUI_SNAPSHOT_H

#include "exchange.h"

#define SNAPSHOT_MS 1000

/* Answers with it; the session is checked. */
void snapshot_answer(struct exchange *x);

/* Goes on with @then once server->snapshot.host is from this second. */
void snapshot_with(struct exchange *x, void (*then)(struct exchange *x));

/* An exchange that ends must not be answered any more. */
void snapshot_leave(struct exchange *x);
void snapshot_stale(struct server *s);
void snapshot_done(struct server *s);

/* Percent of the time that the processors were busy between two looks. */
double snapshot_cpu(struct snapshot *snapshot, uint64_t busy, uint64_t total);

#endif
