/* SPDX-License-Identifier: Apache-2.0 */
/* channel_steps.c - what a channel does next: connect, shake hands, send, receive, each without waiting. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "channel_inner.h"
#include "lib/address.h"

void channel_watch(struct channel *c, uint32_t events)
{
	(void)sd_event_source_set_io_events(c->io, events);
}

/* What GnuTLS waits for. 0: it does wait; 1: it does not. */
static int again(struct channel *c, ssize_t r)
{
	if (r != GNUTLS_E_AGAIN && r != GNUTLS_E_INTERRUPTED)
		return 1;
	channel_watch(c, gnutls_record_get_direction(c->tls) ? EPOLLOUT : EPOLLIN);
	return 0;
}

static bool check_peer(struct channel *c)
{
	unsigned n = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(c->tls, &n);
	gnutls_datum_t protocol = { 0 };

	if (!chain || n == 0) {
		channel_end_with(c, EPROTO, "it showed no certificate");
		return false;
	}
	(void)identity_hash(&chain[0], c->peer.certificate);
	if (c->expected[0] && strcmp(c->expected, c->peer.certificate) != 0) {
		channel_end_with(
			c, EKEYREJECTED,
			"another host answers there: its certificate is not the expected one");
		return false;
	}
	if (gnutls_alpn_get_selected_protocol(c->tls, &protocol) < 0) {
		channel_end_with(c, EPROTO, "it does not speak " WIRE_ALPN);
		return false;
	}
	return true;
}

/* The steps return 1 to go on at once, 0 to wait, -1 when the channel is gone. */

static int step_connect(struct channel *c)
{
	struct sockaddr_storage own = { 0 };
	socklen_t bytes = sizeof(int);
	int error = 0;

	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &bytes) < 0)
		error = errno;
	if (error) {
		channel_end_with(c, error, strerror(error));
		return -1;
	}
	bytes = sizeof(own);
	if (getsockname(c->fd, (struct sockaddr *)&own, &bytes) == 0)
		(void)address_text((struct sockaddr *)&own, c->peer.own_address);
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
	channel_end_with(
		c, EPROTO,
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
		channel_end_with(c, EPIPE, gnutls_strerror((int)n));
		return -1;
	}
	c->out_done += (size_t)n;
	if (c->out_done < c->out_bytes)
		return 1;
	channel_wipe(&c->out, c->out_bytes);
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

	for (unsigned i = 0; i < CHANNEL_HEAD_BYTES; i++)
		n = n << 8 | c->head[i];
	if (n == 0 || n > WIRE_BYTES) {
		channel_end_with(c, EBADMSG, "a message of that length is not read");
		return false;
	}
	c->in = malloc(n);
	if (!c->in) {
		channel_end_with(c, ENOMEM, "out of memory");
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

	channel_wipe(&c->in, c->in_bytes);
	if (r < 0) {
		channel_end(c, NULL, &why);
	} else if (c->served) {
		c->phase = PHASE_WAIT;
		channel_watch(c, EPOLLIN);
		c->channels->on_request(c, &c->peer, wire, c->channels->arg);
	} else {
		channel_end(c, wire, NULL);
	}
	if (wire)
		explicit_bzero(wire, sizeof(*wire));
	free(wire);
	return -1; /* the answer, if it came at once, goes out by the loop */
}

static int step_receive(struct channel *c)
{
	bool head = c->in_done < CHANNEL_HEAD_BYTES;
	unsigned char *at = head ? c->head + c->in_done : c->in + (c->in_done - CHANNEL_HEAD_BYTES);
	size_t room = head ? CHANNEL_HEAD_BYTES - c->in_done
			   : c->in_bytes + CHANNEL_HEAD_BYTES - c->in_done;
	ssize_t n = gnutls_record_recv(c->tls, at, room);

	if (n <= 0) {
		if (n < 0 && !again(c, n))
			return 0;
		channel_end_with(c, EPIPE, n ? gnutls_strerror((int)n) : "it ended the connection");
		return -1;
	}
	c->in_done += (size_t)n;
	if (c->in_done == CHANNEL_HEAD_BYTES && !read_length(c))
		return -1;
	return c->in && c->in_done == c->in_bytes + CHANNEL_HEAD_BYTES ? received(c) : 1;
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

void channel_go_on(struct channel *c)
{
	static int (*const steps[])(struct channel *c) = {
		[PHASE_CONNECT] = step_connect, [PHASE_HANDSHAKE] = step_handshake,
		[PHASE_SEND] = step_send,	[PHASE_RECEIVE] = step_receive,
		[PHASE_WAIT] = step_wait,	[PHASE_BYE] = step_bye,
	};

	while (steps[c->phase](c) > 0)
		;
}
