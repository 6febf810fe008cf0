/* SPDX-License-Identifier: Apache-2.0 */
/*
 * door.c - connections of linked hosts, which come to the Local UI's port: palette-localui hands them over.
 *
 * A socket of whole messages, one descriptor each. One client at a time, and that is palette-localui.
 */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "lib/cleanup.h"
#include "lib/log.h"
#include "linkd.h"

#define DOOR_USER  "palette-localui"
#define DOOR_BURST 16

static void drop_client(struct linkd *l)
{
	l->door_client_io = sd_event_source_disable_unref(l->door_client_io);
	if (l->door_client >= 0)
		close(l->door_client);
	l->door_client = -1;
}

/* 1: a connection, in *@ret_fd (-1 where the message had none); 0: nothing now; -1: the client is gone. */
static int take_one(int client, int *ret_fd)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char byte;
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(client, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	const struct cmsghdr *head;

	*ret_fd = -1;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		return -1;
	head = CMSG_FIRSTHDR(&message);
	if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS &&
	    head->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(ret_fd, CMSG_DATA(head), sizeof(int));
	return 1;
}

static int on_client(sd_event_source *source, int fd, uint32_t events, void *linkd)
{
	struct linkd *l = linkd;

	(void)source;
	(void)events;
	for (int i = 0; i < DOOR_BURST; i++) {
		int connection, r = take_one(fd, &connection);

		if (r < 0)
			drop_client(l);
		if (r <= 0)
			return 0;
		if (connection >= 0)
			channel_serve(&l->channels, connection);
	}
	return 0;
}

static bool may_enter(const struct linkd *l, int client)
{
	struct ucred who = { 0 };
	socklen_t bytes = sizeof(who);

	return getsockopt(client, SOL_SOCKET, SO_PEERCRED, &who, &bytes) == 0 &&
	       (who.uid == 0 || who.uid == l->door_uid);
}

static int on_door(sd_event_source *source, int fd, uint32_t events, void *linkd)
{
	struct linkd *l = linkd;
	int client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)source;
	(void)events;
	if (client < 0)
		return 0;
	if (!may_enter(l, client)) {
		log_warn(LINKD_DOOR ": only " DOOR_USER " may hand over connections");
		close(client);
		return 0;
	}
	/* The Local UI was started again: its last connection may not have been seen to end yet. */
	drop_client(l);
	l->door_client = client;
	if (sd_event_add_io(l->event, &l->door_client_io, client, EPOLLIN, on_client, l) < 0)
		drop_client(l);
	return 0;
}

int door_start(struct linkd *l, struct fail *why)
{
	struct path path = linkd_path(l, LINKD_DOOR);
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	const struct passwd *user = getpwnam(DOOR_USER);
	autoclose int fd = -1;
	int r;

	l->door_uid = user ? user->pw_uid : 0;
	if (strlen(path.s) >= sizeof(at.sun_path))
		return fail_with(why, ENAMETOOLONG, "%s is too long for a socket", path.s);
	memcpy(at.sun_path, path.s, strlen(path.s));
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail_errno(why, errno, "open a socket");
	(void)unlink(path.s);
	/* Who may come in is decided by who it is, not by the file. */
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || chmod(path.s, 0666) < 0 ||
	    listen(fd, 4) < 0)
		return fail_errno(why, errno, "listen on %s", path.s);
	r = sd_event_add_io(l->event, &l->door_io, fd, EPOLLIN, on_door, l);
	if (r < 0)
		return fail_errno(why, -r, "watch %s", path.s);
	l->door_fd = take_fd(&fd);
	return 0;
}

void door_stop(struct linkd *l)
{
	drop_client(l);
	l->door_io = sd_event_source_disable_unref(l->door_io);
	if (l->door_fd >= 0)
		close(l->door_fd);
	l->door_fd = -1;
}
