/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exchange - one request and its answer.
 *
 * A handler ends in exactly one answer_*() or fail_*(), at once or from the callback of a host_call().
 * The exchange lives until libmicrohttpd has sent the answer or lost the connection; it frees what
 * hangs on it, so a handler never does.
 */
#ifndef PALETTE_LOCALUI_EXCHANGE_H
#define PALETTE_LOCALUI_EXCHANGE_H

#include "http.h"
#include "lib/fail.h"
#include "routes.h"
#include "server.h"

struct form_upload;
struct upload;

struct exchange {
	struct server *server;
	struct MHD_Connection *connection;
	struct conn *conn;
	const struct route *route;
	char params[ROUTE_PARAMS][ROUTE_PARAM_BYTES];
	char token[HTTP_TOKEN_BYTES]; /* "" none */
	bool by_cookie;
	char origin[INET6_ADDRSTRLEN];
	uint64_t ref;
	bool is_head;

	char *body;
	size_t body_bytes, body_room;
	uint64_t length_bytes; /* what Content-Length says; UINT64_MAX: nothing */
	json_t *json;

	bool suspended;			  /* libmicrohttpd leaves the connection alone */
	bool waiting;			  /* for the host service: suspend at the end of the turn */
	bool at_head;			  /* it waits before its body has come */
	bool handled;			  /* the handler has run */
	bool flows;			  /* the answer has no end of its own, or a far one */
	void (*then)(struct exchange *x); /* after the session's check */
	char session_id[SESSION_ID_TEXT], user[SESSION_USER];
	sd_bus_slot *call;
	bool asks_link;	   /* palette-linkd, not palette-hostd */
	bool takes_errors; /* @reply does, of the next call; else they become the answer */
	void (*reply)(struct exchange *x, sd_bus_message *m);
	json_t *scratch; /* between the calls of a handler */
	/* The body of an upload, set by its handler. */
	enum MHD_Result (*receive)(struct exchange *x, const char *data, size_t *bytes);
	void (*receive_end)(struct exchange *x);
	struct upload *upload;
	struct form_upload *form;
	struct exchange *next; /* of those that wait for the same snapshot */
	bool waits_snapshot;

	unsigned status; /* 0: not answered yet */
	struct MHD_Response *response, *owned;
};

/* For libmicrohttpd. */
enum MHD_Result exchange_on_request(void *server, struct MHD_Connection *connection,
				    const char *url, const char *method, const char *version,
				    const char *data, size_t *bytes, void **context);
void exchange_on_completed(void *server, struct MHD_Connection *connection, void **context,
			   enum MHD_RequestTerminationCode code);

/* Answers all that wait, so that libmicrohttpd can stop. */
void exchange_abort_all(struct server *s);

const char *exchange_header(const struct exchange *x, const char *name);
/* NULL: it was not given. */
const char *exchange_query(const struct exchange *x, const char *name);

/* Answers; @response is taken over. The common headers are added here. */
void answer(struct exchange *x, unsigned status, struct MHD_Response *response);
/* A response that many exchanges share, with its headers already; it is not taken over. */
void answer_shared(struct exchange *x, unsigned status, struct MHD_Response *response);
void answer_json(struct exchange *x, unsigned status, json_t *json); /* takes @json */
void answer_empty(struct exchange *x, unsigned status);
/* Sets Set-Cookie on an answer that was not sent yet. */
void answer_cookie(struct MHD_Response *response, const struct server *s, const char *token,
		   uint64_t seconds);

struct refusal {
	unsigned status;
	const char *code;
	const char *field;	/* NULL or the field at fault */
	unsigned retry_after_s; /* 0: not said */
	const char *allow;	/* NULL or the header */
};
void fail_answer(struct exchange *x, struct refusal refusal, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void fail_bad_request(struct exchange *x, const char *message);
void fail_memory(struct exchange *x);
void fail_not_found(struct exchange *x);

/* The exchange waits for something; its connection rests until then. */
void exchange_wait(struct exchange *x);
/* Goes on without an answer: the body of an upload may come. */
void exchange_go_on(struct exchange *x);

/* The session's id and user, from a moment ago or from the host service; then @then. */
void exchange_check_session(struct exchange *x, void (*then)(struct exchange *x));

/* @response gets the headers every answer has. */
void headers_common(struct MHD_Response *response);
struct MHD_Response *response_of_json(json_t *json); /* takes @json; NULL: out of memory */

/* The address of ours the request came to; "" where it cannot be told. Returns @buf. */
const char *exchange_local_address(const struct exchange *x, char buf[INET6_ADDRSTRLEN]);

#endif
