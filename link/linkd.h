/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linkd - the link daemon's state, which main owns, and its one thread's parts.
 *
 * A host is nothing, or a leader (it makes tokens or has followers), or a follower (it has a leader).
 * A follower asks its leader every few seconds; all that is true of a link is known by that.
 */
#ifndef PALETTE_LINK_LINKD_H
#define PALETTE_LINK_LINKD_H

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "channel.h"
#include "hostd/throttle.h"
#include "identity.h"
#include "issuer.h"
#include "reach.h"
#include "rules.h"
#include "sync.h"
#include "wire.h"

#define LINKD_NAME	"internal.palette.Link1"
#define LINKD_PATH	"/internal/palette/Link1"
#define LINKD_CONFIG	"/etc/palette/link.conf"
#define LINKD_STATE	"/var/lib/palette/link"
#define LINKD_DOOR	SYNC_RUN "/door"
#define LINKD_BEAT_MS	5000
#define LINKD_GOODBYES	8
#define LINKD_GOODBYE_S (30 * 86400) /* a leader that is away for longer is not told any more */
#define LINKD_JOIN_MS	12000
#define LINKD_JOINS_MAX 8 /* followers being admitted at the same time */

/* A linked host: of a leader each follower, of a follower the leader. */
struct linked {
	char id[TOKEN_ID_BYTES]; /* SHA-256 of its certificate */
	struct wire_host host;
	char address[TOKEN_ADDRESS_BYTES], own_address[TOKEN_ADDRESS_BYTES];
	/* of this run */
	bool joined; /* until it is heard it may not know that it is linked */
	bool heard;  /* a heartbeat, or an answer to one */
	uint64_t heard_ms, heard_s, since_ms;
	char error[200];    /* of the last attempt; "" it was good */
	bool other_answers; /* at its address, with another certificate */
	struct sync_status content;
	char blocked[WIRE_TEXT_BYTES]; /* why it does not reach our sync port */
	struct reach reach;	       /* how we reach its */
	struct channel *nudge;	       /* of a follower: it is told to ask what is new */
};

/* A leader that this host has left and that does not know it yet. */
struct goodbye {
	char id[TOKEN_ID_BYTES], address[TOKEN_ADDRESS_BYTES];
	unsigned port;
	uint64_t since_s;
	uint64_t next_ms; /* it is told again then */
};

enum join_status { JOIN_NONE, JOIN_IN_PROGRESS, JOIN_COMPLETED, JOIN_FAILED };

struct who {
	char user[USER_NAME_MAX + 1], origin[ORIGIN_BYTES];
};

/* The follower's side of a handshake. */
struct joining {
	enum join_status status;
	char error[600];
	struct token token;
	struct who who;
	struct channel *channel;
};

/* The leader's side of one. */
struct admission {
	struct linkd *l;
	struct channel *asker, *probe;
	struct wire wire;
	struct channel_peer peer;
};

struct config {
	const char *root; /* before every path; "" the machine's own */
	unsigned sync_port, token_s;
};

struct linkd {
	struct config config;
	sd_event *event;
	sd_bus *bus;
	sd_event_source *tick, *news;
	struct identity identity;
	struct channels channels;
	struct wire_host self;
	char stored_host_id[WIRE_HOST_ID_BYTES]; /* of the file's links; "" none yet */
	uid_t door_uid;				 /* of palette-localui */
	int door_fd, door_client;
	sd_event_source *door_io, *door_client_io;

	struct linked leader;			       /* id "" none */
	struct linked *followers[RULES_FOLLOWERS_MAX]; /* each its own: an attempt points to it */
	size_t n_followers;
	struct goodbye goodbyes[LINKD_GOODBYES];
	size_t n_goodbyes;

	struct issuer issuer;
	char token_address[TOKEN_ADDRESS_BYTES];
	uint64_t token_expires_s;
	struct throttle throttle;
	struct joining joining;
	struct admission admissions[LINKD_JOINS_MAX];
	struct channel *beat, *farewell;
	uint64_t next_beat_ms, next_look_ms;
	struct sync_peer mesh[WIRE_PEERS_MAX]; /* the other followers, as the leader tells them */
	size_t n_mesh;
	struct sync *sync;
	/* What the other side was told last: a follower's status, a leader's manifest, the device of both. */
	struct sync_status told;
	char told_device[SYNC_DEVICE_BYTES];
	char warning[WIRE_TEXT_BYTES];
	uint64_t shown;	      /* a hash of what Status says */
	uint64_t store_at_ms; /* the links could not be stored, and are to be then; 0 they are */
};

struct path {
	char s[512];
};
/* @path under the root. */
struct path linkd_path(const struct linkd *l, const char *path);

/* CLOCK_BOOTTIME; and the wall clock. */
uint64_t linkd_now_ms(void);
uint64_t linkd_now_s(void);

static inline bool linkd_follows(const struct linkd *l)
{
	return l->leader.id[0] != '\0';
}

struct rules_self linkd_self(const struct linkd *l);
/* Who this host is, as it says so in its messages. */
void linkd_fill_self(const struct linkd *l, struct wire *wire);
struct linked *linkd_follower(struct linkd *l, const char *certificate);
void linked_free(struct linked *linked);

/* Tells the bus, where Status says something else than before. */
void linkd_news(struct linkd *l);
/* The tick once a second runs while there is something to do. */
void linkd_wake(struct linkd *l);
/* It comes at @when_ms, or before. */
void linkd_wake_at(struct linkd *l, uint64_t when_ms);
/* Peers or role are others: the file is written, the content's engine is told. */
void linkd_links_changed(struct linkd *l);
void linkd_tell_sync(struct linkd *l);
/* palette-hostd said who this host is: @host_id is that of now, which a copy of the machine changes. */
void linkd_know_self(struct linkd *l, const char *name, const char *host_id, unsigned ui_port);

/* store.c: links.json in the state directory. A damaged file is set aside and said in the log. */
int store_load(struct linkd *l, struct fail *why);
/* Where it fails (a full disk), it is tried again until it is done. */
void store_save(struct linkd *l);
/* Before @linked is unlinked: where the disk does not take that, a restart would link it again. */
int store_unlink(const struct linkd *l, const struct linked *linked, struct fail *why);
void store_tick(struct linkd *l, uint64_t now_ms);

/* admit.c: a follower's JOIN; ends in one channel_answer(). */
void admit_request(struct linkd *l, struct channel *c, const struct channel_peer *peer,
		   const struct wire *wire);

/* leader.c */
void leader_request(struct channel *c, const struct channel_peer *peer, const struct wire *wire,
		    void *linkd);
int leader_generate(struct linkd *l, const char *address, struct fail *why);
/* The token shown now, in Base64; caller frees and wipes. NULL: none. */
char *leader_token(struct linkd *l, unsigned *ret_left_s);
int leader_unlink(struct linkd *l, const char *peer, const struct who *who, struct fail *why);
/* The content's engine has news: followers ask for them at once. */
void leader_content_changed(struct linkd *l);
void leader_tick(struct linkd *l, uint64_t now_ms);

/* follower.c */
int follower_join(struct linkd *l, const char *token, const struct who *who, struct fail *why);
int follower_unlink(struct linkd *l, const struct who *who, struct fail *why);
/* The content's engine has news: the leader hears of them soon. */
void follower_content_changed(struct linkd *l);
/* @certificate asked whether this host is here; where that is its leader, it has news. @ui_port: its own, 0 not said. */
void follower_probed(struct linkd *l, const char *certificate, unsigned ui_port);
void follower_tick(struct linkd *l, uint64_t now_ms);

/* host.c: palette-hostd. */
int host_start(struct linkd *l, struct fail *why);
/* linkd_know_self() gets the answer. */
void host_ask_self(struct linkd *l);
struct record {
	const char *user, *origin, *action, *object, *result, *reason;
};
void host_record(struct linkd *l, struct record record);

/* view.c: a link as people see it. */
struct view {
	const char *status, *health, *content;
	char status_reason[200], health_reason[400], content_reason[400];
	uint64_t silent_s;
};
void view_of(const struct linkd *l, const struct linked *linked, bool is_leader, struct view *ret);
const char *view_role(const struct linkd *l);
const char *view_join(const struct linkd *l);
/* What threatens a leader's links or content; "" nothing. */
const char *view_warning(const struct linkd *l);

/* api.c */
int api_start(struct linkd *l, struct fail *why);

/* door.c: connections that palette-localui hands over. */
int door_start(struct linkd *l, struct fail *why);
void door_stop(struct linkd *l);

/* own.c: this host's IPv4 addresses. */
bool own_address_exists(const char *address);
bool own_address_first(char buf[TOKEN_ADDRESS_BYTES]);

#endif
