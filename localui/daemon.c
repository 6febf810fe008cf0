/* SPDX-License-Identifier: Apache-2.0 */
/* daemon.c - libmicrohttpd in our event loop, and the limits of time. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "events.h"
#include "exchange.h"
#include "lib/log.h"

uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static struct address_key client_key(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	return address_key_of(info->client_addr);
}

static void on_connection(void *server, struct MHD_Connection *connection, void **context,
			  enum MHD_ConnectionNotificationCode code)
{
	struct conn *conn = *context;
	struct server *s = server;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		conn = calloc(1, sizeof(*conn));
		*context = conn;
		if (!conn)
			return; /* its requests are turned away */
		*conn = (struct conn){ .connection = connection,
				       .since_ms = now_ms(),
				       .next = s->conns,
				       .link = &s->conns };
		if (s->conns)
			s->conns->link = &conn->next;
		s->conns = conn;
		return;
	}
	addresses_give(&s->addresses, client_key(connection));
	*context = NULL;
	if (!conn)
		return;
	*conn->link = conn->next;
	if (conn->next)
		conn->next->link = conn->link;
	free(conn);
}

static size_t on_unescape(void *arg, struct MHD_Connection *connection, char *text)
{
	(void)arg;
	(void)connection;
	/* What is damaged stays as it came, and then is no path or value that exists. */
	(void)http_unescape(text);
	return strlen(text);
}

static void on_log(void *arg, const char *fmt, va_list args)
{
	char text[400];

	(void)arg;
	/* Clients that break off or speak nonsense: not worth a line on a busy host. */
	vsnprintf(text, sizeof(text), fmt, args);
	text[strcspn(text, "\r\n")] = '\0';
	log_debug("http: %s", text);
}

/*
 * Runs libmicrohttpd while it has something to do at once: of a TLS connection it reads one record
 * a turn. Others of the loop have their turn after some.
 */
static void run_http(struct server *s)
{
	uint64_t wait_ms;

	for (int turns = 0; turns < 32; turns++) {
		(void)MHD_run(s->http);
		if (MHD_get_timeout64(s->http, &wait_ms) != MHD_YES || wait_ms > 0)
			return;
	}
}

static int on_http(sd_event_source *source, int fd, uint32_t events, void *server)
{
	(void)source;
	(void)fd;
	(void)events;
	run_http(server);
	return 0;
}

static int on_http_now(sd_event_source *source, void *server)
{
	(void)source;
	run_http(server);
	return 0;
}

static int on_http_timer(sd_event_source *source, uint64_t usec, void *server)
{
	(void)source;
	(void)usec;
	run_http(server);
	return 0;
}

/* Before each wait: when does libmicrohttpd want to look again by itself? */
static int on_prepare(sd_event_source *source, void *server)
{
	struct server *s = server;
	uint64_t wait_ms;

	(void)source;
	if (MHD_get_timeout64(s->http, &wait_ms) != MHD_YES)
		return sd_event_source_set_enabled(s->http_timer, SD_EVENT_OFF);
	/*
	 * A half-open TLS handshake makes libmicrohttpd say "now" without an end: never less than
	 * a millisecond, in which everything else of the loop has its turn.
	 */
	if (wait_ms == 0)
		wait_ms = 1;
	(void)sd_event_source_set_time_relative(s->http_timer, wait_ms * 1000);
	return sd_event_source_set_enabled(s->http_timer, SD_EVENT_ONESHOT);
}

void http_wake(struct server *s)
{
	(void)sd_event_source_set_enabled(s->http_now, SD_EVENT_ONESHOT);
}

/* How long @conn may go on as it does; 0: as long as it wants. */
static uint64_t limit_ms(const struct conn *conn)
{
	switch (conn->phase) {
	case CONN_HEAD:
		return LIMIT_HEAD_SECONDS * UINT64_C(1000);
	case CONN_BODY:
		return LIMIT_BODY_SECONDS * UINT64_C(1000);
	case CONN_ANSWER:
		return LIMIT_ANSWER_SECONDS * UINT64_C(1000);
	case CONN_WAIT:
	case CONN_FLOW:
		break;
	}
	return 0;
}

static int on_sweep(sd_event_source *source, uint64_t usec, void *server)
{
	struct server *s = server;
	uint64_t now = now_ms();

	(void)source;
	(void)usec;
	accept_sweep(s, now);
	for (struct conn *conn = s->conns; conn; conn = conn->next) {
		const union MHD_ConnectionInfo *info;

		if (!limit_ms(conn) || now - conn->since_ms <= limit_ms(conn))
			continue;
		/* libmicrohttpd sees the end of the stream and closes it. */
		info = MHD_get_connection_info(conn->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
		if (info)
			(void)shutdown(info->connect_fd, SHUT_RDWR);
	}
	if (s->conns || !accept_idle(s))
		sweep_arm(s);
	return 0;
}

void sweep_arm(struct server *s)
{
	int on = SD_EVENT_OFF;

	(void)sd_event_source_get_enabled(s->sweep_timer, &on);
	if (on != SD_EVENT_OFF)
		return;
	(void)sd_event_source_set_time_relative(s->sweep_timer, 1000000);
	(void)sd_event_source_set_enabled(s->sweep_timer, SD_EVENT_ONESHOT);
}

static int watch(struct server *s, struct fail *why)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->http, MHD_DAEMON_INFO_EPOLL_FD);
	int r = info ? sd_event_add_io(s->event, &s->http_io, info->epoll_fd, EPOLLIN, on_http, s)
		     : -ENOTSUP;

	if (r >= 0)
		r = sd_event_add_time_relative(s->event, &s->http_timer, CLOCK_MONOTONIC, 0, 1,
					       on_http_timer, s);
	if (r >= 0)
		r = sd_event_add_defer(s->event, &s->http_now, on_http_now, s);
	if (r >= 0)
		r = sd_event_source_set_prepare(s->http_io, on_prepare);
	if (r >= 0)
		r = sd_event_add_time_relative(s->event, &s->sweep_timer, CLOCK_MONOTONIC, 0,
					       100000, on_sweep, s);
	return r < 0 ? fail_errno(why, -r, "watch the HTTP server") : 0;
}

int http_start(struct server *s, struct fail *why)
{
	s->http = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_USE_TLS | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME |
			MHD_USE_ERROR_LOG,
		0, NULL, NULL, exchange_on_request, s, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
		MHD_OPTION_NOTIFY_COMPLETED, exchange_on_completed, s, MHD_OPTION_NOTIFY_CONNECTION,
		on_connection, s, MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, NULL,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)LIMIT_CONNECTIONS,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)LIMIT_IDLE_SECONDS,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)LIMIT_CONNECTION_BYTES,
		MHD_OPTION_CLIENT_DISCIPLINE_LVL, 1, MHD_OPTION_HTTPS_PRIORITIES, TLS_PRIORITIES,
		MHD_OPTION_HTTPS_CERT_CALLBACK, tls_retrieve, MHD_OPTION_END);
	if (!s->http)
		return fail_with(why, EIO, "the HTTP server does not start");
	return watch(s, why);
}

void http_stop(struct server *s)
{
	s->http_io = sd_event_source_unref(s->http_io);
	if (s->http)
		MHD_stop_daemon(s->http);
	s->http = NULL;
	s->http_timer = sd_event_source_unref(s->http_timer);
	s->http_now = sd_event_source_unref(s->http_now);
	s->sweep_timer = sd_event_source_unref(s->sweep_timer);
}
