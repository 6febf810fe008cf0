/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "admit.h"
#include "events.h"
#include "files.h"
#include "host.h"
#include "lib/address.h"
#include "lib/log.h"
#include "snapshot.h"
#include "upload.h"

const char *exchange_header(const struct exchange *x, const char *name)
{
	return MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, name);
}

const char *exchange_query(const struct exchange *x, const char *name)
{
	return MHD_lookup_connection_value(x->connection, MHD_GET_ARGUMENT_KIND, name);
}

static void suspend(struct exchange *x)
{
	x->suspended = true;
	x->conn->phase = CONN_WAIT;
	MHD_suspend_connection(x->connection);
}

static void resume(struct exchange *x)
{
	x->suspended = false;
	x->waiting = false;
	x->conn->since_ms = now_ms();
	MHD_resume_connection(x->connection);
	http_wake(x->server);
}

void exchange_wait(struct exchange *x)
{
	x->waiting = true;
}

void exchange_go_on(struct exchange *x)
{
	x->waiting = false;
	if (!x->suspended)
		return;
	x->conn->phase = x->receive ? CONN_FLOW : CONN_BODY;
	resume(x);
}

/* Gives the stashed answer to libmicrohttpd. */
static enum MHD_Result send_answer(struct exchange *x)
{
	struct MHD_Response *response = x->response;

	x->response = NULL;
	x->conn->phase = x->flows ? CONN_FLOW : CONN_ANSWER;
	x->conn->since_ms = now_ms();
	return MHD_queue_response(x->connection, x->status, response);
}

void answer_shared(struct exchange *x, unsigned status, struct MHD_Response *response)
{
	x->status = status;
	x->response = response;
	if (!x->suspended)
		return; /* exchange_on_request() sends it */
	(void)send_answer(x);
	resume(x);
}

void answer(struct exchange *x, unsigned status, struct MHD_Response *response)
{
	char name[24];

	headers_common(response);
	snprintf(name, sizeof(name), "%ju", (uintmax_t)x->ref);
	(void)MHD_add_response_header(response, "X-Request-Ref", name);
	if (x->suspended) {
		answer_shared(x, status, response);
		MHD_destroy_response(response);
		return;
	}
	x->status = status;
	x->response = response;
	/* The reference is kept until exchange_on_request() has sent it. */
	x->owned = response;
}

static struct exchange *exchange_new(struct server *s, struct MHD_Connection *connection,
				     const char *method)
{
	const union MHD_ConnectionInfo *info;
	struct exchange *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	x->server = s;
	x->connection = connection;
	x->ref = ++s->requests;
	x->is_head = strcmp(method, "HEAD") == 0;
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	x->conn = info ? info->socket_context : NULL;
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	address_text(info ? info->client_addr : NULL, x->origin);
	if (!x->conn) {
		free(x);
		return NULL;
	}
	x->conn->exchange = x;
	x->conn->phase = CONN_BODY;
	x->conn->since_ms = now_ms();
	return x;
}

static void exchange_free(struct exchange *x)
{
	struct server *s = x->server;

	snapshot_leave(x);
	sd_bus_slot_unref(x->call);
	upload_end(x);
	free(x->form);
	s->body_bytes -= x->body_room;
	if (x->body)
		explicit_bzero(x->body, x->body_room);
	free(x->body);
	json_decref(x->json);
	json_decref(x->scratch);
	explicit_bzero(x->token, sizeof(x->token));
	free(x);
}

void exchange_on_completed(void *server, struct MHD_Connection *connection, void **context,
			   enum MHD_RequestTerminationCode code)
{
	struct exchange *x = *context;

	(void)server;
	(void)connection;
	(void)code;
	if (!x)
		return;
	x->conn->exchange = NULL;
	x->conn->phase = CONN_HEAD;
	x->conn->since_ms = now_ms();
	exchange_free(x);
	*context = NULL;
}

void exchange_abort_all(struct server *s)
{
	for (struct conn *conn = s->conns; conn; conn = conn->next) {
		struct exchange *x = conn->exchange;

		if (!x || !x->suspended)
			continue;
		snapshot_leave(x);
		x->call = sd_bus_slot_unref(x->call);
		fail_answer(x,
			    (struct refusal){
				    .status = 503, .code = "HostUnavailable", .retry_after_s = 2 },
			    "The Local UI is being restarted; try again in a few seconds");
	}
}

static enum MHD_Result receive_head(struct exchange *x, const char *url, const char *method)
{
	if (strncmp(url, "/v1/", 4) != 0 && strcmp(url, "/v1") != 0) {
		files_answer(x, method, url);
		return MHD_YES;
	}
	if (!admit(x, method, url))
		return MHD_YES;
	if (x->route->flags & ROUTE_UPLOAD) {
		x->handled = true;
		x->route->handler(x);
	} else if (x->length_bytes > LIMIT_BODY_BYTES && x->length_bytes != UINT64_MAX) {
		/* Nobody may make us hold a large body before we know them. */
		exchange_check_session(x, exchange_go_on);
	}
	return MHD_YES;
}

static enum MHD_Result receive_body(struct exchange *x, const char *data, size_t *bytes)
{
	if (x->receive)
		return x->receive(x, data, bytes);
	/* A route without fields takes a body and forgets it; admit() has limited its length. */
	if (x->body && *bytes <= x->body_room - 1 - x->body_bytes) {
		memcpy(x->body + x->body_bytes, data, *bytes);
		x->body_bytes += *bytes;
	}
	*bytes = 0;
	return MHD_YES;
}

static void run_handler(struct exchange *x)
{
	struct fail why = { 0 };

	x->handled = true;
	if (x->route->fields) {
		x->json =
			fields_parse(x->body ? x->body : "", x->body_bytes, x->route->fields, &why);
		if (!x->json) {
			fail_bad_request(x, why.msg);
			return;
		}
	}
	if (x->route->flags & ROUTE_CHECK)
		exchange_check_session(x, x->route->handler);
	else
		x->route->handler(x);
}

static enum MHD_Result receive_end(struct exchange *x)
{
	if (x->receive_end)
		x->receive_end(x);
	else if (!x->handled)
		run_handler(x);
	return MHD_YES;
}

enum MHD_Result exchange_on_request(void *server, struct MHD_Connection *connection,
				    const char *url, const char *method, const char *version,
				    const char *data, size_t *bytes, void **context)
{
	struct exchange *x = *context;
	enum MHD_Result result;
	bool first = !x;

	(void)version;
	if (first) {
		x = exchange_new(server, connection, method);
		if (!x)
			return MHD_NO;
		*context = x;
		result = receive_head(x, url, method);
	} else if (x->at_head) {
		/* libmicrohttpd repeats the first call when the connection goes on. */
		x->at_head = false;
		result = MHD_YES;
	} else {
		result = *bytes ? receive_body(x, data, bytes) : receive_end(x);
	}
	if (result != MHD_YES)
		return result;
	if (x->response) {
		result = send_answer(x);
		if (x->owned)
			MHD_destroy_response(x->owned);
		x->owned = NULL;
		return result;
	}
	/* Asked the host service: the answer comes later. The first turn without a question goes on. */
	if (x->waiting && !x->suspended) {
		x->at_head = first;
		suspend(x);
	}
	return MHD_YES;
}

const char *exchange_local_address(const struct exchange *x, char buf[INET6_ADDRSTRLEN])
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct sockaddr_storage local = { 0 };
	socklen_t bytes = sizeof(local);

	buf[0] = '\0';
	if (info && getsockname(info->connect_fd, (struct sockaddr *)&local, &bytes) == 0)
		address_text((struct sockaddr *)&local, buf);
	return buf;
}
