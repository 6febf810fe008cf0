/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire - what linked hosts say to each other: one JSON object asked, one answered. Pure.
 *
 * All of it comes from whoever reaches the port, so every field has a limit and no text has a
 * control character. Fields that this version does not know are skipped.
 */
#ifndef PALETTE_LINK_WIRE_H
#define PALETTE_LINK_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "issuer.h"
#include "link/sync.h"

#define WIRE_VERSION	   1
#define WIRE_ALPN	   "palette-link/1"
#define WIRE_BYTES	   65536 /* of one message */
#define WIRE_PEERS_MAX	   5 /* followers that serve each other; more are served by the leader alone */
#define WIRE_NAME_BYTES	   65
#define WIRE_HOST_ID_BYTES 64
#define WIRE_TEXT_BYTES	   400

enum wire_kind {
	WIRE_JOIN,	/* follower: a token's password */
	WIRE_JOINED,	/* leader */
	WIRE_HEARTBEAT, /* follower */
	WIRE_ALIVE,	/* leader */
	WIRE_UNLINK,	/* follower: it has left */
	WIRE_UNLINKED,	/* leader: no link with whoever asked */
	WIRE_PROBE,	/* leader, at a join: is this the way to the follower? later: it has news */
	WIRE_HERE,	/* follower */
	WIRE_REFUSED,	/* leader: the message says why */
};

struct wire_host {
	char host_id[WIRE_HOST_ID_BYTES];
	char name[WIRE_NAME_BYTES];
	unsigned ui_port, sync_port;
	char device[SYNC_DEVICE_BYTES]; /* "" not known yet */
};

struct wire {
	enum wire_kind kind;
	unsigned version;
	struct wire_host host;		     /* JOIN JOINED HEARTBEAT ALIVE */
	unsigned ui_port;		     /* PROBE: the leader's, 0 not said */
	char password[TOKEN_PASSWORD_BYTES]; /* JOIN */
	char nonce[ISSUER_NONCE_BYTES];	     /* JOIN */
	uint64_t time_s;		     /* JOIN: the sender's clock, since 1970 */
	struct sync_status sync;	     /* HEARTBEAT: of the sender's content */
	char manifest[SYNC_MANIFEST_BYTES];  /* ALIVE */
	char blocked[WIRE_TEXT_BYTES];	     /* HEARTBEAT ALIVE: why the sender does not reach the
						      receiver's sync port; "" it does */
	struct sync_peer peers[WIRE_PEERS_MAX]; /* ALIVE: the other followers */
	size_t n_peers;
	char message[WIRE_TEXT_BYTES]; /* REFUSED UNLINKED */
};

bool wire_same_host(const struct wire_host *a, const struct wire_host *b);
bool wire_same_peers(const struct sync_peer *a, size_t n_a, const struct sync_peer *b, size_t n_b);

/* Caller frees; it may hold a password. NULL: out of memory, or text that is no UTF-8. */
char *wire_text(const struct wire *wire);

/* -EBADMSG: damaged. A JOIN of another version is no error: what is refused should say so. */
int wire_read(const char *text, size_t bytes, struct wire *ret, struct fail *why);

#endif
