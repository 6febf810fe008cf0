/* SPDX-License-Identifier: Apache-2.0 */
#include "link_door.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/log.h"
#include "server.h"

void link_door_stop(struct server *s)
{
	if (s->link_fd >= 0)
		close(s->link_fd);
	s->link_fd = -1;
}

static bool open_door(struct server *s)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	if (s->link_fd >= 0)
		return true;
	s->link_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", s->config.link);
	if (s->link_fd < 0 || connect(s->link_fd, (struct sockaddr *)&at, sizeof(at)) < 0) {
		log_debug("%s: %s", s->config.link, strerror(errno));
		link_door_stop(s);
	}
	return s->link_fd >= 0;
}

/* 0 or -errno. */
static int send_fd(int door, int fd)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char byte = 0;
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof(int));
	return sendmsg(door, &message, MSG_DONTWAIT | MSG_NOSIGNAL) == 1 ? 0 : -errno;
}

void link_door_send(struct server *s, int fd)
{
	/* Twice: palette-linkd may have been started again since the last one. */
	for (int i = 0; i < 2; i++) {
		int r = open_door(s) ? send_fd(s->link_fd, fd) : 0;

		if (r == 0)
			return;
		if (r == -EAGAIN) {
			log_warn("palette-linkd takes no more connections right now");
			return;
		}
		link_door_stop(s);
	}
}
