/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server - the program's state, which main owns, and its one thread's event loop.
 *
 * Everything but the writing of uploads happens in this thread: the bus, libmicrohttpd (driven from
 * outside, through its epoll descriptor), the acceptor and the timers. Nothing in it blocks; what has
 * to wait for the host service is a suspended connection.
 */
#ifndef PALETTE_LOCALUI_SERVER_H
#define PALETTE_LOCALUI_SERVER_H

#include <jansson.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "addresses.h"
#include "config.h"
#include "lib/fail.h"
#include "session_cache.h"
#include "tls.h"

struct exchange;
struct files;
struct stream;
struct plain;

enum conn_phase {
	CONN_HEAD,   /* waits for a request, or for the rest of its head */
	CONN_BODY,   /* its body comes */
	CONN_WAIT,   /* the host service is asked: no limit of ours */
	CONN_ANSWER, /* the answer goes out */
	CONN_FLOW,   /* a stream, an upload, a download: idle time alone counts */
};

struct conn {
	struct MHD_Connection *connection;
	struct exchange *exchange; /* its request under way; NULL between two */
	enum conn_phase phase;
	uint64_t since_ms;
	struct conn *next, **link;
};

/* The answer of edgehosts/current: made once for all who ask in the same second. */
struct snapshot {
	struct MHD_Response *response; /* NULL: none */
	json_t *host;
	uint64_t made_ms;
	bool running, stale;
	unsigned waiting;
	json_t *parts;
	sd_bus_error error;	      /* the first one of the parts */
	struct exchange *first;	      /* they wait for it */
	uint64_t cpu_busy, cpu_total; /* of the last look */
	double cpu_percent;
};

struct server {
	struct config config;
	sd_event *event;
	sd_bus *bus;
	bool host_there; /* hostd has its name on the bus */
	sd_event_source *bus_timer;
	struct MHD_Daemon *http;
	sd_event_source *http_io, *http_timer, *http_now;
	int listen_fd;
	unsigned port;
	sd_event_source *sweep_timer;
	struct addresses addresses;
	struct conn *conns;
	int link_fd;	     /* to palette-linkd's door; -1 not open */
	struct plain *plain; /* connections whose first byte is awaited */
	struct tls *tls;
	struct files *files;
	struct session_cache sessions;
	struct snapshot snapshot;
	struct stream *streams;
	unsigned n_streams, n_uploads;
	sd_event_source *metrics_timer;
	size_t body_bytes; /* of all bodies that are held */
	char host_id[17], cookie[64];
	uint64_t requests;
	bool ready, stopping;
};

uint64_t now_ms(void);

/* libmicrohttpd with its descriptor in the loop. */
int http_start(struct server *s, struct fail *why);
void http_stop(struct server *s);
/* Lets libmicrohttpd look at its connections before the loop waits again. */
void http_wake(struct server *s);

/* The listening socket and what stands before libmicrohttpd. */
int accept_start(struct server *s, struct fail *why);
void accept_stop(struct server *s);

/* Ends what has taken longer than its limit, once a second while there are connections. */
void sweep_arm(struct server *s);
void accept_sweep(struct server *s, uint64_t now);
bool accept_idle(const struct server *s);

#endif
