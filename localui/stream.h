/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream - an answer whose bytes come when they come.
 *
 * A stream that has nothing to send rests; a client that reads slowly makes its own buffer full and
 * nobody else's. It is freed by libmicrohttpd, when the answer has ended or the client is gone.
 */
#ifndef PALETTE_LOCALUI_STREAM_H
#define PALETTE_LOCALUI_STREAM_H

#include "exchange.h"

enum stream_kind {
	STREAM_EVENTS, /* gets what happens on the host */
	STREAM_LINES,  /* follows the JSON lines of a pipe, as events */
	STREAM_RAW,    /* the bytes of a pipe as they are; they end with a NUL, which is left out */
};

struct stream {
	enum stream_kind kind;
	struct server *server;
	struct MHD_Connection *connection;
	char session_id[SESSION_ID_TEXT];
	char token[HTTP_TOKEN_BYTES];
	int fd; /* of a pipe; -1 */
	sd_event_source *io;
	sd_bus_slot *check;
	uint64_t checked_ms;
	char buf[LIMIT_STREAM_BYTES];
	size_t used;
	char *line; /* STREAM_LINES: what has come of the next one */
	size_t line_bytes;
	bool resting, ending;
	bool whole; /* STREAM_RAW: the last byte that came was the NUL */
	bool lost;  /* events did not fit: the page reads everything again */
	struct stream *next, **link;
};

/* Answers @x with a stream; @fd is taken over. NULL: it is answered with a refusal. */
struct stream *stream_open(struct exchange *x, enum stream_kind kind, int fd, const char *type);

/* Appends all of @text or nothing. */
bool stream_put(struct stream *stream, const char *text, size_t bytes);

/* Lets what is in the buffer go out, and then no more. */
void stream_end(struct stream *stream);

/* Goes on with a stream that rests. */
void stream_wake(struct stream *stream);

#endif
