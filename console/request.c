/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/cleanup.h"

static const struct {
	const char *text;
	enum request request;
} requests[] = {
	{ "shell", REQUEST_SHELL },
	{ "login", REQUEST_LOGIN },
	{ "repaint", REQUEST_REPAINT },
};

int request_open(struct request_socket *ret, struct fail *why)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	autoclose int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return fail_errno(why, errno, "make the request socket");
	snprintf(ret->dir, sizeof(ret->dir), "%s/palette-console.XXXXXX",
		 access("/run", W_OK) == 0 ? "/run" : "/tmp");
	if (!mkdtemp(ret->dir))
		return fail_errno(why, errno, "make the folder of the request socket");
	snprintf(ret->path, sizeof(ret->path), "%s/socket", ret->dir);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", ret->path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		int code = errno;

		(void)rmdir(ret->dir);
		return fail_errno(why, code, "make the request socket %s", ret->path);
	}
	ret->fd = take_fd(&fd);
	return 0;
}

void request_close(struct request_socket *socket)
{
	close(socket->fd);
	(void)unlink(socket->path);
	(void)rmdir(socket->dir);
}

enum request request_receive(const struct request_socket *socket)
{
	char text[32];
	ssize_t n;

	while ((n = recv(socket->fd, text, sizeof(text) - 1, 0)) >= 0) {
		text[n] = '\0';
		text[strcspn(text, "\n")] = '\0';
		for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
			if (strcmp(text, requests[i].text) == 0)
				return requests[i].request;
		}
	}
	return REQUEST_NONE;
}
