/* SPDX-License-Identifier: Apache-2.0 */
#include "channel.h"

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

#define HEAD_BYTES 4
#define PRIORITY   "NORMAL:-VERS-ALL:+VERS-TLS1.3"

enum phase {
	PHASE_CONNECT,
	PHASE_HANDSHAKE,
	PHASE_SEND,
	PHASE_RECEIVE,
	PHASE_WAIT, /* for the handler's answer */
	PHASE_BYE,
};

struct channel {
	struct channels *channels;
	struct channel *next, **link;
	int fd;
	bool served;
	enum phase phase;
	gnutls_session_t tls;
	sd_event_source *io, *timer;
	struct channel_peer peer;
	unsigned timeout_ms;
	char expected[TOKEN_ID_BYTES]; /* "" whoever it is */
	unsigned char *out;
	size_t out_bytes, out_done;
	unsigned char head[HEAD_BYTES];
	unsigned char *in;
	size_t in_bytes, in_done; /* with the head */
	channel_done done;
	void *arg;
	struct channel **slot;
};

static void drop_out(struct channel *c)
{
	if (c->out)
		explicit_bzero(c->out, c->out_bytes);
	free(c->out);
	c->out = NULL;
}

static void drop_in(struct channel *c)
{
	if (c->in)
		explicit_bzero(c->in, c->in_bytes);
	free(c->in);
	c->in = NULL;
}

static void channel_free(struct channel *c)
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
	drop_out(c);
	drop_in(c);
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

/* Ends it; whoever asked is told after it is gone, and may ask again from there. */
static void end(struct channel *c, const struct wire *answer, const struct fail *why)
{
	channel_done done = c->done;
	void *arg = c->arg;

	if (c->served && why)
		log_debug("from %s: %s", c->peer.address, why->msg);
	channel_free(c);
	if (done)
		done(answer, why, arg);
}

static void end_with(struct channel *c, int code, const char *message)
{
	struct fail why = { 0 };

	(void)fail_with(&why, code, "%s", message);
	end(c, NULL, &why);
}

static int set_out(struct channel *c, const struct wire *wire)
{
	autofree char *text = wire_text(wire);
	size_t n = text ? strlen(text) : 0;

	if (n == 0 || n > WIRE_BYTES)
		return -ENOMEM;
	c->out = malloc(HEAD_BYTES + n);
	if (!c->out)
		return -ENOMEM;
	c->out_bytes = HEAD_BYTES + n;
	c->out_done = 0;
	for (unsigned i = 0; i < HEAD_BYTES; i++)
		c->out[i] = (unsigned char)(n >> (24 - 8 * i));
	memcpy(c->out + HEAD_BYTES, text, n);
	explicit_bzero(text, n);
	return 0;
}

static void watch(struct channel *c, uint32_t events)
{
	(void)sd_event_source_set_io_events(c->io, events);
}

/* What GnuTLS waits for. 0: it does wait; 1: it does not. */
static int again(struct channel *c, ssize_t r)
{
	if (r != GNUTLS_E_AGAIN && r != GNUTLS_E_INTERRUPTED)
		return 1;
	watch(c, gnutls_record_get_direction(c->tls) ? EPOLLOUT : EPOLLIN);
	return 0;
}

static bool check_peer(struct channel *c)
{
	unsigned n = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(c->tls, &n);
	gnutls_datum_t protocol = { 0 };

	if (!chain || n == 0) {
		end_with(c, EPROTO, "it showed no certificate");
		return false;
	}
	(void)identity_hash(&chain[0], c->peer.certificate);
	if (c->expected[0] && strcmp(c->expected, c->peer.certificate) != 0) {
		end_with(c, EKEYREJECTED,
			 "another host answers there: its certificate is not the expected one");
		return false;
	}
	if (gnutls_alpn_get_selected_protocol(c->tls, &protocol) < 0) {
		end_with(c, EPROTO, "it does not speak " WIRE_ALPN);
		return false;
	}
	return true;
}

/* The steps return 1 to go on at once, 0 to wait, -1 when the channel is gone. */

static int step_connect(struct channel *c)
{
	socklen_t bytes = sizeof(int);
	int error = 0;

	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &bytes) < 0)
		error = errno;
	if (error) {
		end_with(c, error, strerror(error));
		return -1;
	}
	c->phase = PHASE_HANDSHAKE;
	return 1;
}

static int step_handshake(struct channel *c)
{
	int r = gnutls_handshake(c->tls);

	if (r == 0) {
		if (!check_peer(c))
			return -1;
		c->phase = c->served ? PHASE_RECEIVE : PHASE_SEND;
		return 1;
	}
	if (!again(c, r))
		return 0;
	if (!gnutls_error_is_fatal(r))
		return 1;
	end_with(c, EPROTO,
		 r == GNUTLS_E_PREMATURE_TERMINATION || r == GNUTLS_E_PULL_ERROR
			 ? "it ended the connection: its link service is not running or does not "
			   "answer"
			 : gnutls_strerror(r));
	return -1;
}

static int step_send(struct channel *c)
{
	ssize_t n = gnutls_record_send(c->tls, c->out + c->out_done, c->out_bytes - c->out_done);

	if (n < 0) {
		if (!again(c, n))
			return 0;
		end_with(c, EPIPE, gnutls_strerror((int)n));
		return -1;
	}
	c->out_done += (size_t)n;
	if (c->out_done < c->out_bytes)
		return 1;
	drop_out(c);
	c->phase = c->served ? PHASE_BYE : PHASE_RECEIVE;
	return 1;
}

static int step_bye(struct channel *c)
{
	int r = gnutls_bye(c->tls, GNUTLS_SHUT_WR);

	if (!again(c, r))
		return 0;
	channel_free(c);
	return -1;
}

static bool read_length(struct channel *c)
{
	size_t n = 0;

	for (unsigned i = 0; i < HEAD_BYTES; i++)
		n = n << 8 | c->head[i];
	if (n == 0 || n > WIRE_BYTES) {
		end_with(c, EBADMSG, "a message of that length is not read");
		return false;
	}
	c->in = malloc(n);
	if (!c->in) {
		end_with(c, ENOMEM, "out of memory");
		return false;
	}
	c->in_bytes = n;
	return true;
}

static int received(struct channel *c)
{
	struct fail why = { 0 };
	struct wire *wire = calloc(1, sizeof(*wire));
	int r = wire ? wire_read((char *)c->in, c->in_bytes, wire, &why)
		     : fail_errno(&why, ENOMEM, "read a message");

	drop_in(c);
	if (r < 0) {
		end(c, NULL, &why);
	} else if (c->served) {
		c->phase = PHASE_WAIT;
		watch(c, EPOLLIN);
		c->channels->on_request(c, &c->peer, wire, c->channels->arg);
	} else {
		end(c, wire, NULL);
	}
	if (wire)
		explicit_bzero(wire, sizeof(*wire));
	free(wire);
	return -1; /* the answer, if it came at once, goes out by the loop */
}

static int step_receive(struct channel *c)
{
	bool head = c->in_done < HEAD_BYTES;
	unsigned char *at = head ? c->head + c->in_done : c->in + (c->in_done - HEAD_BYTES);
	size_t room = head ? HEAD_BYTES - c->in_done : c->in_bytes + HEAD_BYTES - c->in_done;
	ssize_t n = gnutls_record_recv(c->tls, at, room);

	if (n <= 0) {
		if (n < 0 && !again(c, n))
			return 0;
		end_with(c, EPIPE, n ? gnutls_strerror((int)n) : "it ended the connection");
		return -1;
	}
	c->in_done += (size_t)n;
	if (c->in_done == HEAD_BYTES && !read_length(c))
		return -1;
	return c->in && c->in_done == c->in_bytes + HEAD_BYTES ? received(c) : 1;
}

/* Whoever asked went away, or says more than one thing. */
static int step_wait(struct channel *c)
{
	char byte;
	ssize_t n = gnutls_record_recv(c->tls, &byte, 1);

	if (n < 0 && !again(c, n))
		return 0;
	channel_free(c);
	return -1;
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *channel)
{
	static int (*const steps[])(struct channel *c) = {
		[PHASE_CONNECT] = step_connect, [PHASE_HANDSHAKE] = step_handshake,
		[PHASE_SEND] = step_send,	[PHASE_RECEIVE] = step_receive,
		[PHASE_WAIT] = step_wait,	[PHASE_BYE] = step_bye,
	};
	struct channel *c = channel;

	(void)source;
	(void)fd;
	(void)events;
	while (steps[c->phase](c) > 0)
		;
	return 0;
}

static int on_timeout(sd_event_source *source, uint64_t usec, void *channel)
{
	struct channel *c = channel;
	char text[60];

	(void)source;
	(void)usec;
	snprintf(text, sizeof(text), "no answer within %u s", (c->timeout_ms + 500) / 1000);
	end_with(c, ETIMEDOUT, text);
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
	watch(c, EPOLLOUT);
}

void channels_stop(struct channels *channels)
{
	while (channels->first)
		channel_free(channels->first);
}
