/* SPDX-License-Identifier: Apache-2.0 */
/* hostd - the service's state, which main owns, and its D-Bus interfaces. */
#ifndef PALETTE_HOSTD_H
#define PALETTE_HOSTD_H

#include "bus.h"
#include "info.h"
#include "job.h"
#include "network.h"
#include "policy.h"
#include "proxy.h"
#include "sessions.h"
#include "site.h"
#include "throttle.h"

#define HOSTD_BUS_NAME	"internal.palette.Host1"
#define HOSTD_PATH	"/internal/palette/Host1"
#define HOSTD_ACCESS	HOSTD_BUS_NAME ".Access"
#define HOSTD_ACCOUNTS	HOSTD_BUS_NAME ".Accounts"
#define HOSTD_HOST	HOSTD_BUS_NAME ".Host"
#define HOSTD_NETWORK	HOSTD_BUS_NAME ".Network"
#define HOSTD_CONTENT	HOSTD_BUS_NAME ".Content"
#define HOSTD_DIAGNOSE	HOSTD_BUS_NAME ".Diagnostics"
#define HOSTD_LOGS	HOSTD_BUS_NAME ".Logs"
#define HOSTD_AUDIT	HOSTD_BUS_NAME ".Audit"
#define HOSTD_SYNC	HOSTD_BUS_NAME ".Sync"
#define HOSTD_LINK	HOSTD_BUS_NAME ".Link"
#define HOSTD_RUN	"/run/palette-hostd"
#define CHANGE_ID_BYTES 17

/* An adapter's change that is in force but not recorded, until Confirm. */
struct pending_change {
	char id[CHANGE_ID_BYTES]; /* "" none */
	struct network_change change;
	sd_event_source *timer;
	uint64_t until_s; /* CLOCK_BOOTTIME */
	bool stuck;	  /* its time is over, and it could not be taken back yet */
};

struct request;

struct hostd {
	struct site site;
	struct policy policy;
	sd_event *event;
	sd_bus *bus;
	struct jobs jobs;
	struct sessions sessions;
	struct throttle throttle;
	struct pending_change pending;
	enum proxy_state proxy_state;
	char proxy_reason[256];
	bool archive_running;
	char archive_reason[sizeof(((struct fail *)0)->msg)]; /* why the last one failed */
	bool starting; /* the first job runs: presets, names, network */
	char settings_error[sizeof(((struct fail *)0)->msg)]; /* of the settings file; "" none */
	struct request *waiting;			      /* for its end (request.h) */
	sd_event_source *news_timer; /* gathers news of the adapters into one signal */
};

extern const sd_bus_vtable hostd_access_vtable[];
extern const sd_bus_vtable hostd_accounts_vtable[];
extern const sd_bus_vtable hostd_host_vtable[];
extern const sd_bus_vtable hostd_network_vtable[];
extern const sd_bus_vtable hostd_content_vtable[];
extern const sd_bus_vtable hostd_sync_vtable[];
extern const sd_bus_vtable hostd_link_vtable[];
extern const sd_bus_vtable hostd_diagnose_vtable[];
extern const sd_bus_vtable hostd_logs_vtable[];
extern const sd_bus_vtable hostd_audit_vtable[];

/* Seconds and milliseconds of CLOCK_BOOTTIME. */
uint64_t hostd_now_s(void);
uint64_t hostd_now_ms(void);

/* Fills @buf with random bytes; the program ends where the kernel has none. */
void hostd_random(void *buf, size_t bytes);

/* Signals of HOSTD_PATH without arguments. */
void hostd_emit(struct hostd *h, const char *interface, const char *signal);

/* A session ended: its id as SessionEnded, and the file is written again. */
void hostd_session_ended(const char *id, void *hostd);
void hostd_save_sessions(struct hostd *h);

/* Tidies the content's store every hour. 0 or -errno. */
int content_start(struct hostd *h);

/* The first run after a boot or a restart: records, default names, presets. In a job. */
int hostd_start_work(void *hostd, struct fail *why);

#endif
