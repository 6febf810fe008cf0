/* SPDX-License-Identifier: Apache-2.0 */
/* sync_engine - what the files of the engine share. sync.h is what others see. */
#ifndef PALETTE_LINK_SYNC_ENGINE_H
#define PALETTE_LINK_SYNC_ENGINE_H

#include "sync.h"
#include "sync_api.h"
#include "sync_config.h"

#define SYNC_CONTENT "/srv/content/sync"

/* What Syncthing says of the folder. */
struct sync_folder {
	char state[32]; /* "idle", "scanning", "syncing", ... */
	uint64_t global_bytes, need_bytes, sequence, local_changes, pull_errors;
	uint64_t under_way_bytes; /* of files that are not whole yet */
	char error[160];	  /* of the folder, "" none */
	char pull_error[160];	  /* of a file of it */
	uint64_t pull_error_ms;	  /* since when there are such; 0 none */
	bool known;
};

/* What palette-hostd says of it; see Host1.Sync.Check. */
struct sync_facts {
	char manifest[SYNC_MANIFEST_BYTES];
	uint64_t files, verified, total_bytes, verified_bytes, missing_bytes, room_bytes;
	char trouble[240];
};

struct sync {
	sd_event *event;
	sd_bus *bus;
	char root[256];
	uint16_t port;
	sync_changed changed;
	void *arg;
	sd_event_source *tell_source, *care_timer;

	bool told; /* sync_set() was called */
	enum sync_role role;
	struct sync_peer peers[SYNC_PEERS_MAX];
	size_t n_peers;
	char key[33], owner[65];
	char device[SYNC_DEVICE_BYTES];
	char manifest[SYNC_MANIFEST_BYTES]; /* leader: its own. follower: what is expected */
	struct sync_status status;

	/* Syncthing. */
	struct sync_api *api;
	bool up;	   /* it has answered, and is listened to */
	bool may_run;	   /* one was wanted before this daemon was started */
	bool ending;	   /* it was asked to end */
	uint64_t ended_ms; /* since when */
	uint64_t down_ms;  /* since when it does not answer; 0 it does */
	uint64_t apart_ms; /* of a follower: since when it has no connection to the leader's */
	uint64_t last_event;
	struct sync_folder folder;
	sd_event_source *connect_timer, *look_timer, *setup_timer;
	unsigned connect_ms;
	bool looking, look_again, configuring, configure_again;
	char folder_put[SYNC_FOLDER_BYTES]; /* that this Syncthing was told of; "" none */
	uint64_t held_ms;  /* since when the folder's devices wait; 0 they do not */
	bool restart;	   /* the folder is being stopped, to start anew */
	bool pausing;	   /* so are connections to hosts that have moved */
	bool list_damaged; /* the manifest that is here */
	uint64_t reverted_ms;
	uint64_t rate_ms, rate_done; /* where the measuring of the speed began */
	double bytes_per_s;	     /* 0: not known */

	/* palette-hostd. */
	sd_bus_slot *set_slot, *check_slot, *reread_slot, *content_slot, *owner_slot;
	sd_event_source *check_timer, *set_timer, *reread_timer;
	bool set_again, set_done, check_again;
	uint64_t reread_age_s, reread_every_s; /* how old it must be, how often one is looked for */
	struct sync_facts facts;
};

uint64_t sync_now_ms(void);

/* "leader", "follower", "" */
const char *sync_role_name(enum sync_role role);
/* sync.c: the file that has Syncthing started, with what it needs to know before it can be asked. */
void sync_want(struct sync *sync);
/* Something is different: whoever is told is told in the next turn of the loop. */
void sync_tell(struct sync *sync);

/* sync.c: works out the status anew and tells where it is another one. */
void sync_update(struct sync *sync);

/* sync_engine.c: Syncthing is wanted; connects to it as long as it takes. */
void sync_engine_start(struct sync *sync);
/* Ends Syncthing where it runs, and forgets it. */
void sync_engine_stop(struct sync *sync);
/* Forgets it and lets it run. */
void sync_engine_leave(struct sync *sync);
/* A call of Syncthing's API on the folder. */
void sync_folder_path(const struct sync *sync, const char *call, char *buf, size_t size);
/* Asks how the folder is: soon, once, however often it is called. */
void sync_engine_look(struct sync *sync);
/* The device id that the folder is called by; "" not known yet. */
const char *sync_leader_device(const struct sync *sync);
/* Has it look at one file of the folder. */
void sync_engine_scan(struct sync *sync, const char *name);
/* The manifest first, so that followers know what comes while the rest is hashed. */
void sync_engine_scan_all(struct sync *sync);

/* sync_why.c: asks; what comes of it is in the status. */
void sync_why(struct sync *sync);

/* sync_setup.c: role or peers are others. */
void sync_setup(struct sync *sync);
/* The folder's state is another one. */
void sync_setup_look(struct sync *sync);
/* Has the folder start anew, which pulls at once what is missing. */
void sync_setup_restart(struct sync *sync);
/* Syncthing is gone, and what it was told with it. */
void sync_setup_forget(struct sync *sync);

/* sync_host.c */
int sync_host_start(struct sync *sync);
void sync_host_stop(struct sync *sync);
/* Tells palette-hostd role and peers; checks afterwards. */
void sync_host_set(struct sync *sync);
/* Soon, once, however often it is called. */
void sync_host_check(struct sync *sync);

#endif
