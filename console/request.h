/* SPDX-License-Identifier: Apache-2.0 */
/* request - the datagram socket on which the program asks for a shell or a repaint. */
#ifndef PALETTE_REQUEST_H
#define PALETTE_REQUEST_H

#include "lib/fail.h"

enum request {
	REQUEST_NONE,
	REQUEST_SHELL,
	REQUEST_LOGIN,
	REQUEST_REPAINT,
};

struct request_socket {
	char dir[64]; /* nobody else may enter it */
	char path[80];
	int fd;
};

int request_open(struct request_socket *ret, struct fail *why);
void request_close(struct request_socket *socket);

/* The next request; REQUEST_NONE when there is none. What is not understood is dropped. */
enum request request_receive(const struct request_socket *socket);

#endif
