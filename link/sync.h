/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sync - the leader's content on every linked host, by Syncthing, and how far it has come.
 *
 * One engine in the link daemon. Nothing here blocks: Syncthing's API on a unix socket, palette-hostd
 * on the bus. Syncthing runs while the role is not SYNC_OFF, never on a single host.
 *
 * What is to be there is a manifest that the leader's palette-hostd makes of its content; its SHA-256
 * goes to the followers in the heartbeat's answer, over the link's own TLS. A follower is Synced when
 * it has that manifest and its palette-hostd has found every file of it by its digest; it says so in
 * its heartbeats. The leader shows what followers say: sync_peer_text().
 */
#ifndef PALETTE_LINK_SYNC_H
#define PALETTE_LINK_SYNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "lib/fail.h"

#define SYNC_DEVICE_BYTES   64 /* "ABCDEFG-HIJKLMN-...": 63 characters */
#define SYNC_MANIFEST_BYTES 65 /* SHA-256 in lower case hex */
#define SYNC_PEERS_MAX	    64
#define SYNC_PORT	    22000

#define SYNC_RUN    "/run/palette-link"
#define SYNC_WANTED SYNC_RUN "/sync.env" /* palette-sync.path starts Syncthing when it appears */
#define SYNC_SOCKET "/run/palette-sync/api"

enum sync_role { SYNC_OFF, SYNC_LEADER, SYNC_FOLLOWER };

struct sync_peer {
	char name[65];			/* host name */
	char address[46];		/* IPv4 */
	char own_address[46];		/* ours, at which it reaches this host; "" not known */
	uint16_t port;			/* its sync port */
	char device[SYNC_DEVICE_BYTES]; /* "": not known yet; it is told later */
	bool moved; /* by sync_set(): one of the addresses was another, and the connection is dead */
};

/* How far this host is. On the wire of the heartbeat: all of it. */
struct sync_status {
	char manifest[SYNC_MANIFEST_BYTES]; /* that the rest is about; "" none yet */
	bool synced;			    /* every file of it is here and verified */
	uint64_t done_bytes, total_bytes;
	uint64_t seconds_left; /* 0: not known */
	char trouble[240];     /* why it does not go on and what to do; "" it does */
	bool apart;	       /* Syncthing has had no connection to the leader for a while */
};

struct sync;

/* The device id, the manifest or the status is another one. Not called from within sync_*(). */
typedef void (*sync_changed)(void *arg);

/*
 * @root: before every path; "" the machine's own. @bus: palette-hostd is there; borrowed as @event is.
 * @port: that Syncthing listens on. The daemon owns SYNC_RUN and may use SYNC_SOCKET.
 */
int sync_new(sd_event *event, sd_bus *bus, const char *root, uint16_t port, sync_changed changed,
	     void *arg, struct sync **ret, struct fail *why);
void sync_free(struct sync *sync);

/*
 * The role and all linked hosts: of a leader its followers; of a follower the leader first, behind
 * it the other followers where the leader named them. Call again whenever one of them changes; the
 * same again costs nothing. SYNC_OFF, with no peers: Syncthing is ended, what is here stays content.
 */
void sync_set(struct sync *sync, enum sync_role role, struct sync_peer *peers, size_t n);

/*
 * Whose Syncthing this is: a key of its own, which palette-linkd's certificate names. A machine that was
 * copied has another certificate, and must not be its original for Syncthing.
 */
void sync_own(struct sync *sync, const char *certificate);

/* This host's id, for the others' struct sync_peer; "" until Syncthing has run once. */
const char *sync_device_id(const struct sync *sync);

/* Leader: SHA-256 of the manifest, for the heartbeat's answer; "" not known yet. */
const char *sync_manifest(const struct sync *sync);

/* Follower: what the leader said of the same in its last answer. */
void sync_expect(struct sync *sync, const char *manifest);

/* Of this host; good until the next turn of the loop. */
const struct sync_status *sync_status(const struct sync *sync);

/*
 * Of a follower whose heartbeat had @status, as the leader's table shows it; on a follower, of its own
 * sync_status(). @buf gets "" for Synced, else what stands behind "Not Synced: ". Returns whether it is
 * Synced. Pure.
 */
bool sync_peer_text(const struct sync *sync, const struct sync_status *status, char *buf,
		    size_t size);

#endif
