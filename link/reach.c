/* SPDX-License-Identifier: Apache-2.0 */
#include "reach.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void stop(struct reach *reach)
{
	reach->io = sd_event_source_disable_unref(reach->io);
	if (reach->fd > 0)
		close(reach->fd);
	reach->fd = 0;
}

static void ended(struct reach *reach, int error)
{
	stop(reach);
	if (error && reach->good)
		reach->next_ms = reach->begun_ms + REACH_EVERY_MS;
	reach->good = error == 0;
	snprintf(reach->error, sizeof(reach->error), "%s", error ? strerror(error) : "");
}

static int on_connected(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	socklen_t bytes = sizeof(int);
	int error = 0;

	(void)source;
	(void)events;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &bytes) < 0)
		error = errno;
	ended(arg, error);
	return 0;
}

static void begin(struct reach *reach, sd_event *event, const char *address, unsigned port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

	if (inet_pton(AF_INET, address, &to.sin_addr) != 1)
		return;
	reach->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (reach->fd < 0) {
		reach->fd = 0;
		return;
	}
	if ((connect(reach->fd, (struct sockaddr *)&to, sizeof(to)) < 0 && errno != EINPROGRESS) ||
	    sd_event_add_io(event, &reach->io, reach->fd, EPOLLOUT, on_connected, reach) < 0)
		ended(reach, errno ? errno : EIO);
}

void reach_tick(struct reach *reach, sd_event *event, const char *address, unsigned port,
		uint64_t now_ms)
{
	if (reach->fd > 0 && now_ms - reach->begun_ms >= REACH_WAIT_MS)
		ended(reach, ETIMEDOUT);
	if (reach->fd > 0 || now_ms < reach->next_ms)
		return;
	reach->begun_ms = now_ms;
	if (reach->good)
		reach->next_ms = now_ms + REACH_GOOD_MS;
	else
		/* In the first seconds often: the other one's engine is about to listen. */
		reach->next_ms = now_ms + (reach->error[0] ? REACH_EVERY_MS : 2000);
	begin(reach, event, address, port);
}

void reach_reset(struct reach *reach)
{
	stop(reach);
	*reach = (struct reach){ 0 };
}

void reach_done(struct reach *reach)
{
	stop(reach);
}
