/* SPDX-License-Identifier: Apache-2.0 */
/* channel_inner - what the files of the channel share. channel.h is what others see. */
#ifndef PALETTE_LINK_CHANNEL_INNER_H
#define PALETTE_LINK_CHANNEL_INNER_H

#include "channel.h"

#define CHANNEL_HEAD_BYTES 4

enum phase {
	PHASE_CONNECT,
	PHASE_HANDSHAKE,
	PHASE_SEND,
	PHASE_RECEIVE,
	PHASE_WAIT, /* for the handler's answer */
	PHASE_BYE,
};

struct channel {
	struct channels *channels;
	struct channel *next, **link;
	int fd;
	bool served;
	enum phase phase;
	gnutls_session_t tls;
	sd_event_source *io, *timer;
	struct channel_peer peer;
	unsigned timeout_ms;
	char expected[TOKEN_ID_BYTES]; /* "" whoever it is */
	unsigned char *out;
	size_t out_bytes, out_done;
	unsigned char head[CHANNEL_HEAD_BYTES];
	unsigned char *in;
	size_t in_bytes, in_done; /* with the head */
	channel_done done;
	void *arg;
	struct channel **slot;
};

/* channel.c */
void channel_free(struct channel *c);
/* Ends it; whoever asked is told after it is gone, and may ask again from there. */
void channel_end(struct channel *c, const struct wire *answer, const struct fail *why);
void channel_end_with(struct channel *c, int code, const char *message);
/* Frees *@buffer, of which nothing is left in memory. NULL is fine. */
void channel_wipe(unsigned char **buffer, size_t bytes);

/* channel_steps.c: goes on as far as it can without waiting; @c may be gone then. */
void channel_go_on(struct channel *c);
void channel_watch(struct channel *c, uint32_t events);

#endif
