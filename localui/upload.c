/* SPDX-License-Identifier: Apache-2.0 */
#include "upload.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/file.h"

#define BUFFER_BYTES (1024 * 1024)

struct upload {
	struct exchange *x;
	int fd;
	uint64_t offset, most; /* bytes in the file; where it must end at the latest */
	void (*done)(struct exchange *x);
	bool ended; /* all of the body has come */

	char *fill; /* the loop's buffer */
	size_t fill_bytes;

	pthread_t thread;
	int news; /* eventfd: the thread has written a buffer */
	sd_event_source *io;
	pthread_mutex_t lock;
	pthread_cond_t work;
	/* Under the lock. */
	char *write;	    /* the thread's buffer */
	size_t write_bytes; /* 0: it waits for one */
	uint64_t write_offset;
	bool stop;
	int error;
};

static void free_upload(struct upload *u)
{
	if (u->news >= 0)
		close(u->news);
	if (u->fd >= 0)
		close(u->fd);
	free(u->fill);
	free(u->write);
	pthread_mutex_destroy(&u->lock);
	pthread_cond_destroy(&u->work);
	free(u);
}

/* Writes the buffer that the lock guards; called and left with the lock held. */
static void write_buffer(struct upload *u)
{
	const uint64_t one = 1;
	int r;

	pthread_mutex_unlock(&u->lock);
	r = file_write_all(u->fd, u->write, u->write_bytes, u->write_offset);
	/* The disk begins now; the flush at the end, which somebody waits for, finds less to do. */
	(void)sync_file_range(u->fd, (off_t)u->write_offset, (off_t)u->write_bytes,
			      SYNC_FILE_RANGE_WRITE);
	pthread_mutex_lock(&u->lock);
	u->write_bytes = 0;
	if (r < 0 && !u->error)
		u->error = -r;
	/* An eventfd of a few counts never blocks. */
	if (write(u->news, &one, sizeof(one)) < 0 && !u->error)
		u->error = errno;
}

static void *write_thread(void *arg)
{
	struct upload *u = arg;

	pthread_mutex_lock(&u->lock);
	while (u->write_bytes || !u->stop) {
		if (u->write_bytes)
			write_buffer(u);
		else
			pthread_cond_wait(&u->work, &u->lock);
	}
	/* The loop has let go of all of it: what came before the connection broke counts. */
	if (u->fill_bytes && !u->error)
		(void)file_write_all(u->fd, u->fill, u->fill_bytes, u->offset - u->fill_bytes);
	pthread_mutex_unlock(&u->lock);
	free_upload(u);
	return NULL;
}

/* Gives what the loop has to the thread. False: the thread is still busy, or there is an error. */
static bool hand_over(struct upload *u)
{
	bool took = false;

	pthread_mutex_lock(&u->lock);
	if (!u->write_bytes && !u->error) {
		char *empty = u->write;

		u->write = u->fill;
		u->write_bytes = u->fill_bytes;
		u->write_offset = u->offset - u->fill_bytes;
		u->fill = empty;
		u->fill_bytes = 0;
		took = true;
		pthread_cond_signal(&u->work);
	}
	pthread_mutex_unlock(&u->lock);
	return took;
}

static bool is_idle(struct upload *u, int *ret_error)
{
	bool idle;

	pthread_mutex_lock(&u->lock);
	idle = u->write_bytes == 0;
	*ret_error = u->error;
	pthread_mutex_unlock(&u->lock);
	return idle;
}

static void refuse_error(struct exchange *x, int error)
{
	if (error == ENOSPC || error == EDQUOT)
		fail_answer(x, (struct refusal){ .status = 507, .code = "NotEnoughSpace" },
			    "The disk is full; delete content and go on with the upload");
	else
		fail_answer(x, (struct refusal){ .status = 500, .code = "Failed" },
			    "Writing the file failed: %s", strerror(error));
}

/* The last bytes: to the thread, and then the end. */
static void finish(struct upload *u)
{
	struct exchange *x = u->x;
	int error;

	if (u->fill_bytes && hand_over(u)) {
		exchange_wait(x);
		return;
	}
	if (!is_idle(u, &error) && !error) {
		exchange_wait(x);
		return;
	}
	if (error)
		refuse_error(x, error);
	else
		u->done(x);
}

static int on_news(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct upload *u = arg;
	uint64_t count;

	(void)source;
	(void)events;
	if (read(fd, &count, sizeof(count)) != sizeof(count))
		return 0;
	if (u->ended)
		finish(u);
	else
		exchange_go_on(u->x);
	return 0;
}

/* Bytes of the file itself. */
static size_t take(struct upload *u, const char *data, size_t bytes)
{
	size_t room = BUFFER_BYTES - u->fill_bytes;

	if (bytes > u->most - u->offset)
		bytes = (size_t)(u->most - u->offset);
	if (bytes > room)
		bytes = room;
	memcpy(u->fill + u->fill_bytes, data, bytes);
	u->fill_bytes += bytes;
	u->offset += bytes;
	return bytes;
}

enum MHD_Result upload_receive(struct exchange *x, const char *data, size_t *bytes)
{
	struct upload *u = x->upload;
	size_t taken;
	int error;

	x->conn->phase = CONN_FLOW;
	(void)is_idle(u, &error);
	if (error || u->offset == u->most) {
		/* What is too much or cannot be written is read and thrown away: the answer follows. */
		*bytes = 0;
		return MHD_YES;
	}
	taken = take(u, data, *bytes);
	*bytes -= taken;
	if (u->fill_bytes == BUFFER_BYTES && !hand_over(u))
		exchange_wait(x);
	return MHD_YES;
}

void upload_receive_end(struct exchange *x)
{
	x->upload->ended = true;
	finish(x->upload);
}

uint64_t upload_offset(const struct exchange *x)
{
	return x->upload->offset;
}

static int start_thread(struct upload *u)
{
	sigset_t all, before;
	int r;

	/* Signals are the loop's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&u->thread, NULL, write_thread, u);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -r;
}

void upload_begin(struct exchange *x, int fd, uint64_t offset, uint64_t most,
		  void (*done)(struct exchange *x))
{
	struct upload *u = NULL;
	int r = -ENOMEM;

	/* Others may have begun since this one was let in. */
	if (x->server->n_uploads < LIMIT_UPLOADS)
		u = calloc(1, sizeof(*u));
	if (!u) {
		close(fd);
		fail_answer(x,
			    (struct refusal){ .status = 503, .code = "Busy", .retry_after_s = 5 },
			    "%d uploads are running; wait for one of them", LIMIT_UPLOADS);
		return;
	}
	u->x = x;
	u->fd = fd;
	u->offset = offset;
	u->most = most;
	u->done = done;
	u->news = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	u->fill = malloc(BUFFER_BYTES);
	u->write = malloc(BUFFER_BYTES);
	pthread_mutex_init(&u->lock, NULL);
	pthread_cond_init(&u->work, NULL);
	if (u->news >= 0 && u->fill && u->write)
		r = sd_event_add_io(x->server->event, &u->io, u->news, EPOLLIN, on_news, u);
	if (r >= 0)
		r = start_thread(u);
	if (r < 0) {
		sd_event_source_disable_unref(u->io);
		free_upload(u);
		fail_memory(x);
		return;
	}
	x->upload = u;
	x->server->n_uploads++;
	exchange_go_on(x);
}

void upload_close(struct exchange *x)
{
	close(x->upload->fd);
	x->upload->fd = -1;
}

void upload_end(struct exchange *x)
{
	struct upload *u = x->upload;
	pthread_t thread;

	if (!u)
		return;
	thread = u->thread;
	u->io = sd_event_source_disable_unref(u->io);
	pthread_mutex_lock(&u->lock);
	u->stop = true;
	pthread_cond_signal(&u->work);
	pthread_mutex_unlock(&u->lock);
	/* It frees @u. */
	pthread_detach(thread);
	x->upload = NULL;
	x->server->n_uploads--;
}
