/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channel - one question and one answer between two hosts, over TLS 1.3 with certificates on both sides.
 *
 * A message is its length in four bytes, the highest first, and JSON. Nothing blocks, everything ends
 * by a timer. Who the other one is, is the SHA-256 of its certificate, which is checked before a byte
 * of ours is sent to it.
 */
#ifndef PALETTE_LINK_CHANNEL_H
#define PALETTE_LINK_CHANNEL_H

#include <netinet/in.h>
#include <systemd/sd-event.h>

#include "identity.h"
#include "lib/fail.h"
#include "wire.h"

#define CHANNEL_SERVED_MAX	   128
#define CHANNEL_SERVED_PER_ADDRESS 8
#define CHANNEL_ASK_MS		   4000
#define CHANNEL_SERVE_MS	   15000

struct channel;

struct channel_peer {
	char address[INET6_ADDRSTRLEN], own_address[INET6_ADDRSTRLEN];
	char certificate[TOKEN_ID_BYTES];
};

/* A request came; the handler ends in one channel_answer(), at once or later. */
typedef void (*channel_request)(struct channel *c, const struct channel_peer *peer,
				const struct wire *wire, void *arg);

/* Called once; @why is NULL with an answer, and @answer is NULL without one. */
typedef void (*channel_done)(const struct wire *answer, const struct fail *why, void *arg);

struct channels {
	sd_event *event;
	struct identity *identity;
	channel_request on_request;
	void *arg;
	struct channel *first;
	unsigned n_served;
	char own_address
		[INET6_ADDRSTRLEN]; /* in a channel_done: by which the other one was reached */
};

struct channel_target {
	const char *address; /* IPv4 */
	unsigned port;
	const char *certificate; /* its SHA-256 in hex; NULL: none of that port would be wrong */
	unsigned timeout_ms;
};

/*
 * Asks. A failure that is seen at once is returned and @done is not called. *@slot is NULL again when
 * it is over.
 */
int channel_ask(struct channels *channels, const struct channel_target *target,
		const struct wire *wire, channel_done done, void *arg, struct channel **slot,
		struct fail *why);

/* Ends it without a call of its @done; NULL: nothing. */
void channel_cancel(struct channel *c);

/* Serves a connection that was accepted; takes @fd. */
void channel_serve(struct channels *channels, int fd);
void channel_answer(struct channel *c, const struct wire *wire);
/* *@slot has @c now and becomes NULL when that is gone or answered. */
void channel_hold(struct channel *c, struct channel **slot);

void channels_stop(struct channels *channels);

#endif
