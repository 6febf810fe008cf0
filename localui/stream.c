/* SPDX-License-Identifier: Apache-2.0 */
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "events.h"

#define LINE_MAX_BYTES 65536
#define ROOM_FOR_LINES (LIMIT_STREAM_BYTES / 4)

void stream_wake(struct stream *stream)
{
	if (!stream->resting)
		return;
	stream->resting = false;
	MHD_resume_connection(stream->connection);
	http_wake(stream->server);
}

static void rest(struct stream *stream)
{
	stream->resting = true;
	MHD_suspend_connection(stream->connection);
}

bool stream_put(struct stream *stream, const char *text, size_t bytes)
{
	if (stream->ending || bytes > sizeof(stream->buf) - stream->used)
		return false;
	memcpy(stream->buf + stream->used, text, bytes);
	stream->used += bytes;
	stream_wake(stream);
	return true;
}

void stream_end(struct stream *stream)
{
	stream->ending = true;
	stream_wake(stream);
}

/*
 * STREAM_RAW: straight from the pipe into libmicrohttpd's buffer. A NUL ends it well; without one its
 * writer was killed, and the client must not take what has come for all of it.
 */
static ssize_t read_raw(struct stream *stream, char *buf, size_t max)
{
	ssize_t n;

	while ((n = read(stream->fd, buf, max)) > 0) {
		stream->whole = buf[n - 1] == '\0';
		n -= stream->whole;
		if (n > 0)
			return n;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		(void)sd_event_source_set_enabled(stream->io, SD_EVENT_ONESHOT);
		rest(stream);
		return 0;
	}
	return n == 0 && stream->whole ? MHD_CONTENT_READER_END_OF_STREAM
				       : MHD_CONTENT_READER_END_WITH_ERROR;
}

/* Cuts what has come into lines. False: no room for the next one. */
static bool put_lines(struct stream *stream)
{
	char *end;

	while ((end = memchr(stream->line, '\n', stream->line_bytes))) {
		size_t n = (size_t)(end - stream->line);

		if (!events_put_line(stream, stream->line, n))
			return false;
		stream->line_bytes -= n + 1;
		memmove(stream->line, end + 1, stream->line_bytes);
	}
	/* A line without an end is no row of the journal. */
	if (stream->line_bytes == LINE_MAX_BYTES)
		stream->line_bytes = 0;
	return true;
}

static ssize_t on_read(void *arg, uint64_t position, char *buf, size_t max)
{
	struct stream *stream = arg;
	size_t n = stream->used < max ? stream->used : max;

	(void)position;
	if (stream->kind == STREAM_RAW)
		return read_raw(stream, buf, max);
	if (n == 0 && stream->ending)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (n == 0) {
		rest(stream);
		return 0;
	}
	memcpy(buf, stream->buf, n);
	stream->used -= n;
	memmove(stream->buf, stream->buf + n, stream->used);
	if (stream->lost && stream->used == 0) {
		stream->lost = false;
		events_hello(stream);
	}
	/* Lines that found no room when they came go first: the pipe does not tell of them again. */
	if (stream->io && sizeof(stream->buf) - stream->used >= ROOM_FOR_LINES && put_lines(stream))
		(void)sd_event_source_set_enabled(stream->io, SD_EVENT_ON);
	return (ssize_t)n;
}

static void on_free(void *arg)
{
	struct stream *stream = arg;

	stream->server->n_streams--;
	*stream->link = stream->next;
	if (stream->next)
		stream->next->link = stream->link;
	sd_event_source_disable_unref(stream->io);
	sd_bus_slot_unref(stream->check);
	if (stream->fd >= 0)
		close(stream->fd);
	free(stream->line);
	explicit_bzero(stream->token, sizeof(stream->token));
	free(stream);
}

static int on_pipe(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct stream *stream = arg;
	ssize_t n;

	(void)events;
	if (stream->kind == STREAM_RAW) {
		stream_wake(stream);
		return 0;
	}
	if (!put_lines(stream)) {
		(void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
		return 0;
	}
	n = read(fd, stream->line + stream->line_bytes, LINE_MAX_BYTES - stream->line_bytes);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		(void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
		stream_end(stream);
		return 0;
	}
	stream->line_bytes += (size_t)n;
	if (!put_lines(stream))
		(void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
	return 0;
}

static int watch_pipe(struct stream *stream)
{
	int r;

	if (stream->fd < 0)
		return 0;
	if (stream->kind == STREAM_LINES && !(stream->line = malloc(LINE_MAX_BYTES)))
		return -ENOMEM;
	if (fcntl(stream->fd, F_SETFL, fcntl(stream->fd, F_GETFL) | O_NONBLOCK) < 0)
		return -errno;
	r = sd_event_add_io(stream->server->event, &stream->io, stream->fd, EPOLLIN, on_pipe,
			    stream);
	/* Raw bytes are read when the client wants them. */
	if (r >= 0 && stream->kind == STREAM_RAW)
		r = sd_event_source_set_enabled(stream->io, SD_EVENT_OFF);
	return r;
}

static struct stream *stream_new(struct exchange *x, enum stream_kind kind, int fd)
{
	struct server *s = x->server;
	struct stream *stream = calloc(1, sizeof(*stream));

	if (!stream) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	*stream = (struct stream){ .kind = kind,
				   .server = s,
				   .connection = x->connection,
				   .fd = fd,
				   .checked_ms = now_ms(),
				   .next = s->streams,
				   .link = &s->streams };
	snprintf(stream->session_id, sizeof(stream->session_id), "%s", x->session_id);
	snprintf(stream->token, sizeof(stream->token), "%s", x->token);
	if (s->streams)
		s->streams->link = &stream->next;
	s->streams = stream;
	s->n_streams++;
	return stream;
}

struct stream *stream_open(struct exchange *x, enum stream_kind kind, int fd, const char *type)
{
	struct MHD_Response *response = NULL;
	struct stream *stream;

	if (x->server->n_streams >= LIMIT_STREAMS) {
		if (fd >= 0)
			close(fd);
		fail_answer(x,
			    (struct refusal){ .status = 503, .code = "Busy", .retry_after_s = 10 },
			    "%d streams are open; close a page", LIMIT_STREAMS);
		return NULL;
	}
	stream = stream_new(x, kind, fd);
	if (stream && watch_pipe(stream) >= 0)
		response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, on_read,
							     stream, on_free);
	if (!response) {
		if (stream)
			on_free(stream);
		fail_memory(x);
		return NULL;
	}
	x->flows = true;
	(void)MHD_add_response_header(response, "Content-Type", type);
	answer(x, 200, response);
	return stream;
}
