/* SPDX-License-Identifier: Apache-2.0 */
#include "uevent.h"

#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/cleanup.h"

#define BUFFER_BYTES (4 * 1024 * 1024)

int uevent_open(struct fail *why)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	int bytes = BUFFER_BYTES;
	autoclose int fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);

	if (fd < 0)
		return fail_errno(why, errno, "open the kernel's event socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return fail_errno(why, errno, "listen to the kernel's events");
	return take_fd(&fd);
}

bool uevent_receive(int fd, char *buf, size_t size, struct uevent *ret, bool *ret_lost)
{
	struct sockaddr_nl from = { 0 };
	socklen_t n_from;
	ssize_t n;

	for (;;) {
		n_from = sizeof(from);
		n = recvfrom(fd, buf, size, 0, (struct sockaddr *)&from, &n_from);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == ENOBUFS) {
			*ret_lost = true;
			continue;
		}
		if (n < 0)
			return false;
		/* Port 0 is the kernel; any program may send to this group. */
		if (from.nl_pid == 0 && uevent_parse(buf, (size_t)n, ret) == 0)
			return true;
	}
}
