/* SPDX-License-Identifier: Apache-2.0 */
#include "channel_inner.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "lib/address.h"
#include "lib/cleanup.h"
#include "lib/log.h"

#define PRIORITY "NORMAL:-VERS-ALL:+VERS-TLS1.3"

void channel_wipe(unsigned char **buffer, size_t bytes)
{
	if (*buffer)
		explicit_bzero(*buffer, bytes);
	free(*buffer);
	*buffer = NULL;
}

void channel_free(struct channel *c)
{
	*c->link = c->next;
	if (c->next)
		c->next->link = c->link;
	if (c->served)
		c->channels->n_served--;
	if (c->slot)
		*c->slot = NULL;
	sd_event_source_disable_unref(c->io);
	sd_event_source_disable_unref(c->timer);
	if (c->tls)
		gnutls_deinit(c->tls);
	if (c->fd >= 0)
		close(c->fd);
	channel_wipe(&c->out, c->out_bytes);
	channel_wipe(&c->in, c->in_bytes);
	free(c);
}

void channel_cancel(struct channel *c)
{
	if (c)
		channel_free(c);
}

void channel_hold(struct channel *c, struct channel **slot)
{
	c->slot = slot;
	*slot = c;
}

void channel_end(struct channel *c, const struct wire *answer, const struct fail *why)
{
	channel_done done = c->done;
	void *arg = c->arg;

	memcpy(c->channels->own_address, c->peer.own_address, sizeof(c->peer.own_address));
	if (c->served && why)
		log_debug("from %s: %s", c->peer.address, why->msg);
	channel_free(c);
	if (done)
		done(answer, why, arg);
}

void channel_end_with(struct channel *c, int code, const char *message)
{
	struct fail why = { 0 };

	(void)fail_with(&why, code, "%s", message);
	channel_end(c, NULL, &why);
}

/* The message, ready to be sent. */
static int set_out(struct channel *c, const struct wire *wire)
{
	autofree char *text = wire_text(wire);
	size_t n = text ? strlen(text) : 0;

	if (n == 0 || n > WIRE_BYTES)
		return -ENOMEM;
	c->out = malloc(CHANNEL_HEAD_BYTES + n);
	if (!c->out)
		return -ENOMEM;
	c->out_bytes = CHANNEL_HEAD_BYTES + n;
	c->out_done = 0;
	for (unsigned i = 0; i < CHANNEL_HEAD_BYTES; i++)
		c->out[i] = (unsigned char)(n >> (24 - 8 * i));
	memcpy(c->out + CHANNEL_HEAD_BYTES, text, n);
	explicit_bzero(text, n);
	return 0;
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *channel)
{
	(void)source;
	(void)fd;
	(void)events;
	channel_go_on(channel);
	return 0;
}

static int on_timeout(sd_event_source *source, uint64_t usec, void *channel)
{
	struct channel *c = channel;
	char text[60];

	(void)source;
	(void)usec;
	snprintf(text, sizeof(text), "no answer within %u s", (c->timeout_ms + 500) / 1000);
	channel_end_with(c, ETIMEDOUT, text);
	return 0;
}

static int start_tls(struct channel *c)
{
	static const gnutls_datum_t alpn = { (unsigned char *)WIRE_ALPN, sizeof(WIRE_ALPN) - 1 };
	int r = gnutls_init(&c->tls, (c->served ? GNUTLS_SERVER : GNUTLS_CLIENT) | GNUTLS_NONBLOCK |
					     GNUTLS_NO_SIGNAL | GNUTLS_NO_TICKETS);

	if (r >= 0)
		r = gnutls_priority_set_direct(c->tls, PRIORITY, NULL);
	if (r >= 0)
		r = gnutls_credentials_set(c->tls, GNUTLS_CRD_CERTIFICATE,
					   c->channels->identity->credentials);
	if (r >= 0)
		r = gnutls_alpn_set_protocols(c->tls, &alpn, 1, GNUTLS_ALPN_MANDATORY);
	if (r < 0)
		return -ENOMEM;
	if (c->served)
		gnutls_certificate_server_set_request(c->tls, GNUTLS_CERT_REQUIRE);
	gnutls_transport_set_int(c->tls, c->fd);
	gnutls_handshake_set_timeout(c->tls, 0); /* the timer has all of it */
	return 0;
}

/* Takes @fd, also where it fails. */
static struct channel *channel_new(struct channels *channels, int fd, bool served,
				   unsigned timeout_ms)
{
	struct channel *c = calloc(1, sizeof(*c));
	int r;

	if (!c) {
		close(fd);
		return NULL;
	}
	*c = (struct channel){ .channels = channels,
			       .next = channels->first,
			       .link = &channels->first,
			       .fd = fd,
			       .served = served,
			       .phase = served ? PHASE_HANDSHAKE : PHASE_CONNECT,
			       .timeout_ms = timeout_ms };
	if (channels->first)
		channels->first->link = &c->next;
	channels->first = c;
	channels->n_served += served;
	r = start_tls(c);
	if (r >= 0)
		r = sd_event_add_io(channels->event, &c->io, fd, served ? EPOLLIN : EPOLLOUT, on_io,
				    c);
	if (r >= 0)
		r = sd_event_add_time_relative(channels->event, &c->timer, CLOCK_BOOTTIME,
					       timeout_ms * UINT64_C(1000), 1000, on_timeout, c);
	if (r >= 0)
		return c;
	channel_free(c);
	return NULL;
}

int channel_ask(struct channels *channels, const struct channel_target *target,
		const struct wire *wire, channel_done done, void *arg, struct channel **slot,
		struct fail *why)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)target->port) };
	struct channel *c;
	int fd;

	*slot = NULL;
	if (inet_pton(AF_INET, target->address, &to.sin_addr) != 1)
		return fail_with(why, EINVAL, "\"%s\" is no IPv4 address", target->address);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail_with(why, errno, "%s", strerror(errno));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 && errno != EINPROGRESS) {
		int code = errno;

		close(fd);
		return fail_with(why, code, "%s", strerror(code));
	}
	c = channel_new(channels, fd, false, target->timeout_ms);
	if (!c || set_out(c, wire) < 0) {
		channel_cancel(c);
		return fail_with(why, ENOMEM, "out of memory");
	}
	if (target->certificate)
		snprintf(c->expected, sizeof(c->expected), "%s", target->certificate);
	snprintf(c->peer.address, sizeof(c->peer.address), "%s", target->address);
	c->done = done;
	c->arg = arg;
	channel_hold(c, slot);
	return 0;
}

static bool too_many(const struct channels *channels, const char *address)
{
	unsigned n = 0;

	for (const struct channel *c = channels->first; c; c = c->next)
		n += c->served && strcmp(c->peer.address, address) == 0;
	return n >= CHANNEL_SERVED_PER_ADDRESS || channels->n_served >= CHANNEL_SERVED_MAX;
}

void channel_serve(struct channels *channels, int fd)
{
	struct sockaddr_storage from = { 0 }, to = { 0 };
	socklen_t from_bytes = sizeof(from), to_bytes = sizeof(to);
	struct channel_peer peer = { 0 };
	struct channel *c;

	if (getpeername(fd, (struct sockaddr *)&from, &from_bytes) < 0 ||
	    getsockname(fd, (struct sockaddr *)&to, &to_bytes) < 0) {
		close(fd);
		return;
	}
	(void)address_text((struct sockaddr *)&from, peer.address);
	(void)address_text((struct sockaddr *)&to, peer.own_address);
	if (too_many(channels, peer.address)) {
		log_debug("from %s: too many connections", peer.address);
		close(fd);
		return;
	}
	c = channel_new(channels, fd, true, CHANNEL_SERVE_MS);
	if (c)
		c->peer = peer;
}

void channel_answer(struct channel *c, const struct wire *wire)
{
	if (c->slot)
		*c->slot = NULL;
	c->slot = NULL;
	if (set_out(c, wire) < 0) {
		channel_free(c);
		return;
	}
	c->phase = PHASE_SEND;
	channel_watch(c, EPOLLOUT);
}

void channels_stop(struct channels *channels)
{
	while (channels->first)
		channel_free(channels->first);
}
