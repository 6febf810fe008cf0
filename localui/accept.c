/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accept.c - the listening socket, and the first byte of each connection.
 *
 * A TLS handshake begins with 0x16. Anything else is plain HTTP, typed without "https://": it gets a
 * redirect, which libmicrohttpd cannot give on a TLS port. A linked host names the links' protocol in
 * its first record: its connection is palette-linkd's. Bytes are only looked at (MSG_PEEK), and nobody
 * waits for them: a silent connection sits in the event loop until its time is up.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "hello.h"
#include "http.h"
#include "lib/address.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "link/wire.h"
#include "link_door.h"
#include "server.h"

#define TLS_HANDSHAKE 0x16

struct plain {
	struct server *server;
	int fd;
	struct sockaddr_storage from;
	socklen_t from_bytes;
	uint64_t since_ms;
	sd_event_source *io;
	char head[LIMIT_PLAIN_HEAD_BYTES];
	size_t head_bytes;
	size_t awaited_bytes; /* of a first record that came in part; 0 none */
	struct plain *next, **link;
};

static void plain_unlink(struct plain *p)
{
	*p->link = p->next;
	if (p->next)
		p->next->link = p->link;
}

/* Ends it; @close_too false: libmicrohttpd has the socket now. */
static void plain_free(struct plain *p, bool close_too)
{
	plain_unlink(p);
	sd_event_source_unref(p->io);
	if (close_too) {
		addresses_give(&p->server->addresses, address_key_of((struct sockaddr *)&p->from));
		close(p->fd);
	}
	free(p);
}

static void hand_over(struct plain *p)
{
	struct server *s = p->server;
	int fd = p->fd;
	struct sockaddr_storage from = p->from;
	socklen_t from_bytes = p->from_bytes;

	/* The loop must have let go of the descriptor before libmicrohttpd watches it. */
	plain_free(p, false);
	if (MHD_add_connection(s->http, fd, (struct sockaddr *)&from, from_bytes) != MHD_YES)
		addresses_give(&s->addresses, address_key_of((struct sockaddr *)&from));
	http_wake(s);
}

/* The address of ours the client reached, for a request without a Host. */
static void own_host(int fd, char *host, size_t size)
{
	struct sockaddr_storage local = { 0 };
	socklen_t bytes = sizeof(local);
	char text[INET6_ADDRSTRLEN];

	(void)getsockname(fd, (struct sockaddr *)&local, &bytes);
	address_text((struct sockaddr *)&local, text);
	snprintf(host, size, strchr(text, ':') ? "[%s]" : "%s", text[0] ? text : "localhost");
}

static void send_redirect(struct plain *p, const char *location)
{
	char text[2048];
	int n = snprintf(
		text, sizeof(text),
		"HTTP/1.1 308 Permanent Redirect\r\nLocation: %s\r\n"
		"Content-Length: 0\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n",
		location);

	/* A fresh socket has room for it; whoever does not read gets nothing. */
	if (n > 0 && (size_t)n < sizeof(text) &&
	    send(p->fd, text, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT) == n)
		(void)shutdown(p->fd, SHUT_WR);
}

static void read_plain(struct plain *p)
{
	char location[HTTP_HOST_BYTES + 1100], host[INET6_ADDRSTRLEN + 3];
	ssize_t n =
		recv(p->fd, p->head + p->head_bytes, sizeof(p->head) - p->head_bytes, MSG_DONTWAIT);
	int r;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		plain_free(p, true);
		return;
	}
	p->head_bytes += (size_t)n;
	own_host(p->fd, host, sizeof(host));
	r = http_redirect(p->head, p->head_bytes, p->server->port, host, location,
			  sizeof(location));
	if (r == 0 && p->head_bytes < sizeof(p->head))
		return;
	if (r > 0)
		send_redirect(p, location);
	plain_free(p, true);
}

/* No event until @bytes are there; nobody turns in circles for the rest of a record. */
static void await(struct plain *p, size_t bytes)
{
	int least = (int)bytes;

	p->awaited_bytes = bytes;
	(void)setsockopt(p->fd, SOL_SOCKET, SO_RCVLOWAT, &least, sizeof(least));
}

static void read_hello(struct plain *p)
{
	unsigned char record[HELLO_BYTES_MAX];
	ssize_t n = recv(p->fd, record, sizeof(record), MSG_PEEK | MSG_DONTWAIT);
	size_t needed = 0;
	enum hello_result result =
		n > 0 ? hello_wants(record, (size_t)n, WIRE_ALPN, &needed) : HELLO_OTHER;

	/* Woken with no more than before: the other end has ended. */
	if (result == HELLO_MORE && needed > p->awaited_bytes) {
		await(p, needed);
		return;
	}
	if (p->awaited_bytes)
		await(p, 1);
	if (result == HELLO_WANTED) {
		link_door_send(p->server, p->fd);
		plain_free(p, true);
		return;
	}
	hand_over(p);
}

static int on_first_bytes(sd_event_source *source, int fd, uint32_t events, void *plain)
{
	struct plain *p = plain;
	unsigned char first;
	ssize_t n;

	(void)source;
	(void)events;
	if (p->head_bytes) {
		read_plain(p);
		return 0;
	}
	n = recv(fd, &first, 1, MSG_PEEK | MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		plain_free(p, true);
	else if (first == TLS_HANDSHAKE)
		read_hello(p);
	else
		read_plain(p);
	return 0;
}

static void take_connection(struct server *s, int fd, const struct sockaddr_storage *from,
			    socklen_t from_bytes)
{
	struct plain *p;

	if (!addresses_take(&s->addresses, address_key_of((const struct sockaddr *)from))) {
		close(fd);
		return;
	}
	p = calloc(1, sizeof(*p));
	if (!p) {
		addresses_give(&s->addresses, address_key_of((const struct sockaddr *)from));
		close(fd);
		return;
	}
	*p = (struct plain){ .server = s,
			     .fd = fd,
			     .from = *from,
			     .from_bytes = from_bytes,
			     .since_ms = now_ms(),
			     .next = s->plain,
			     .link = &s->plain };
	if (s->plain)
		s->plain->link = &p->next;
	s->plain = p;
	if (sd_event_add_io(s->event, &p->io, fd, EPOLLIN, on_first_bytes, p) < 0) {
		plain_free(p, true);
		return;
	}
	sweep_arm(s);
}

static int on_accept(sd_event_source *source, int fd, uint32_t events, void *server)
{
	struct server *s = server;

	(void)source;
	(void)events;
	/* A few at a time: others have their turn in between. */
	for (int i = 0; i < 16; i++) {
		struct sockaddr_storage from = { 0 };
		socklen_t bytes = sizeof(from);
		int client =
			accept4(fd, (struct sockaddr *)&from, &bytes, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (client < 0)
			return 0;
		take_connection(s, client, &from, bytes);
	}
	return 0;
}

bool accept_idle(const struct server *s)
{
	return !s->plain;
}

void accept_sweep(struct server *s, uint64_t now)
{
	struct plain *next;

	for (struct plain *p = s->plain; p; p = next) {
		next = p->next;
		if (now - p->since_ms > LIMIT_FIRST_BYTE_MS)
			plain_free(p, true);
	}
}

static int open_socket(const char *address, unsigned port, struct fail *why)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	bool is_4 = address && inet_pton(AF_INET, address, &in.sin_addr) == 1;
	int on = 1, off = 0;
	autoclose int fd = -1;

	if (address && !is_4 && inet_pton(AF_INET6, address, &in6.sin6_addr) != 1)
		return fail_with(why, EINVAL, "\"%s\" is no address to listen on", address);
	if (!is_4)
		fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	/* A kernel without IPv6 has IPv4. */
	if (fd < 0 && (is_4 || !address)) {
		is_4 = true;
		fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	}
	if (fd < 0)
		return fail_errno(why, errno, "open a socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (!is_4)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(fd, is_4 ? (struct sockaddr *)&in : (struct sockaddr *)&in6,
		 is_4 ? sizeof(in) : sizeof(in6)) < 0)
		return fail_errno(why, errno, "take port %u", port);
	if (listen(fd, LIMIT_LISTEN_BACKLOG) < 0)
		return fail_errno(why, errno, "listen on port %u", port);
	return take_fd(&fd);
}

int accept_start(struct server *s, struct fail *why)
{
	struct sockaddr_in6 in6;
	socklen_t bytes = sizeof(in6);
	int r = open_socket(s->config.address, s->config.port, why);

	if (r < 0)
		return r;
	s->listen_fd = r;
	s->port = s->config.port;
	/* Both families have the port at the same place. */
	if (getsockname(r, (struct sockaddr *)&in6, &bytes) == 0)
		s->port = ntohs(in6.sin6_port);
	r = sd_event_add_io(s->event, NULL, s->listen_fd, EPOLLIN, on_accept, s);
	return r < 0 ? fail_errno(why, -r, "watch port %u", s->port) : 0;
}

void accept_stop(struct server *s)
{
	while (s->plain)
		plain_free(s->plain, true);
	if (s->listen_fd >= 0)
		close(s->listen_fd);
	s->listen_fd = -1;
}
