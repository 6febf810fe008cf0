/* SPDX-License-Identifier: Apache-2.0 */
#include "console_ask.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "cleanup.h"

int console_ask(const char *path, const char *request, struct fail *why)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	autoclose int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return fail_errno(why, errno, "open a socket");
	if (strlen(path) >= sizeof(address.sun_path))
		return fail_with(why, ENAMETOOLONG, "the console's socket %s has too long a name",
				 path);
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (sendto(fd, request, strlen(request), 0, (struct sockaddr *)&address, sizeof(address)) <
	    0)
		return fail_errno(why, errno, "ask the console at %s for a %s", path, request);
	return 0;
}
