/* SPDX-License-Identifier: Apache-2.0 */
#include "diagnose.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/monotonic.h"
#include "lib/proc.h"
#include "lib/text.h"

#define CONNECT_MS    10000
#define ADDRESSES_MAX 4
#define PROGRAM_ARGS  16
#define ADDRESS_BYTES NI_MAXHOST

/* What other hosts send may be anything; a page shows it. */
static void make_ascii(char *text)
{
	for (; *text; text++)
		if ((*text < ' ' && *text != '\n' && *text != '\t') || *text == 0x7f)
			*text = '?';
}

/*
 * As nobody, and for @seconds at most: it reads what comes from the network. So is the timeout itself:
 * as root without CAP_KILL, which this service does not have, it could not end a program of nobody's.
 */
static int run_program(const char *seconds, const char *const program[], struct diagnosis *ret,
		       struct fail *why)
{
	const char *argv[PROGRAM_ARGS + 8] = { "setpriv",	 "--reuid=65534", "--regid=65534",
					       "--clear-groups", "timeout",	  "--kill-after=2",
					       seconds };
	size_t n = 7;
	int r;

	while (*program && n < PROGRAM_ARGS + 7)
		argv[n++] = *program++;
	r = proc_run_answer(argv, &ret->status, ret->text, sizeof(ret->text), why);
	make_ascii(ret->text);
	return r;
}

int diagnose_ping(const struct endpoint *endpoint, struct diagnosis *ret, struct fail *why)
{
	const char *const argv[] = { "ping", "-n", "-c", "4",  "-i",	       "0.5", "-W",
				     "3",    "-w", "12", "--", endpoint->host, NULL };

	return run_program("15", argv, ret, why);
}

int diagnose_traceroute(const struct endpoint *endpoint, struct diagnosis *ret, struct fail *why)
{
	/* Debian's own name of it: the usual one is a link by way of /etc. */
	const char *const argv[] = { "traceroute.db", "-n", "-m", "20", "-q", "2", "-w", "2", "--",
				     endpoint->host,  NULL };

	return run_program("45", argv, ret, why);
}

/* 0, or the resolver's error, which is said in @out. */
static int resolve(const struct endpoint *endpoint, struct addrinfo **ret, struct text_out *out)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_NUMERICSERV |
					      (endpoint->is_address ? AI_NUMERICHOST : 0) };
	char port[8];
	int r;

	snprintf(port, sizeof(port), "%u", endpoint->port);
	r = getaddrinfo(endpoint->host, port, &hints, ret);

	if (r != 0)
		text_put(out, "%s: %s\n", endpoint->host,
			 r == EAI_SYSTEM ? strerror(errno) : gai_strerror(r));
	return r;
}

static const char *address_text(const struct addrinfo *info, char *buf)
{
	if (getnameinfo(info->ai_addr, info->ai_addrlen, buf, ADDRESS_BYTES, NULL, 0,
			NI_NUMERICHOST) != 0)
		snprintf(buf, ADDRESS_BYTES, "?");
	return buf;
}

static int put_name(const struct endpoint *endpoint, const struct addrinfo *info,
		    struct text_out *out)
{
	char name[ADDRESS_BYTES];
	int r = getnameinfo(info->ai_addr, info->ai_addrlen, name, sizeof(name), NULL, 0,
			    NI_NAMEREQD);

	if (r == 0)
		text_put(out, "%s is %s\n", endpoint->host, name);
	else
		text_put(out, "%s: %s\n", endpoint->host, gai_strerror(r));
	return r != 0;
}

static void free_addresses(struct addrinfo **first)
{
	if (*first)
		freeaddrinfo(*first);
}

#define autoaddresses __attribute__((cleanup(free_addresses)))

int diagnose_lookup(const struct endpoint *endpoint, struct diagnosis *ret, struct fail *why)
{
	struct text_out out = text_out_start(ret->text, sizeof(ret->text));
	autoaddresses struct addrinfo *first = NULL;
	uint64_t start = monotonic_ms();
	char address[ADDRESS_BYTES];

	(void)why;
	ret->status = resolve(endpoint, &first, &out) != 0;
	if (first && endpoint->is_address)
		ret->status = put_name(endpoint, first, &out);
	else
		for (const struct addrinfo *info = first; info; info = info->ai_next)
			text_put(&out, "%s has the address %s\n", endpoint->host,
				 address_text(info, address));
	text_put(&out, "answered in %ju ms\n", (uintmax_t)(monotonic_ms() - start));
	make_ascii(ret->text);
	return 0;
}

/* 0, or the errno. */
static int try_connect(const struct addrinfo *info)
{
	autoclose int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct pollfd ready = { .fd = fd, .events = POLLOUT };
	socklen_t size = sizeof(int);
	int error = 0;

	if (fd < 0)
		return errno;
	if (connect(fd, info->ai_addr, info->ai_addrlen) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return errno;
	if (poll(&ready, 1, CONNECT_MS) <= 0)
		return ETIMEDOUT;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 ? errno : error;
}

static const char *connect_text(int error)
{
	switch (error) {
	case 0:
		return "open";
	case ECONNREFUSED:
		return "refused: the host answers, nothing listens there or a firewall says no";
	case ETIMEDOUT:
		return "no answer in 10 s: no such host, or a firewall drops it";
	default:
		return strerror(error);
	}
}

int diagnose_connect(const struct endpoint *endpoint, struct diagnosis *ret, struct fail *why)
{
	struct text_out out = text_out_start(ret->text, sizeof(ret->text));
	autoaddresses struct addrinfo *first = NULL;
	char address[ADDRESS_BYTES];
	int n = 0;

	(void)why;
	ret->status = 1;
	if (resolve(endpoint, &first, &out) != 0)
		return 0;
	for (const struct addrinfo *info = first; info && n < ADDRESSES_MAX;
	     info = info->ai_next, n++) {
		uint64_t start = monotonic_ms();
		int error;

		error = try_connect(info);
		text_put(&out, "%s port %u: %s (%ju ms)\n", address_text(info, address),
			 endpoint->port, connect_text(error), (uintmax_t)(monotonic_ms() - start));
		if (error == 0)
			ret->status = 0;
	}
	make_ascii(ret->text);
	return 0;
}
