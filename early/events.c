/* SPDX-License-Identifier: Apache-2.0 */
#include "events.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/log.h"
#include "uevent.h"

int events_open(struct early *early, struct fail *why)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0)
		return fail_errno(why, errno, "block signals");
	early->signal_fd = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
	if (early->signal_fd < 0)
		return fail_errno(why, errno, "make a signal descriptor");
	if (pipe2(early->probe_fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return fail_errno(why, errno, "make a pipe for probes");
	early->uevent_fd = uevent_open(why);
	return early->uevent_fd < 0 ? early->uevent_fd : 0;
}

/* True when there was an event to report. */
static bool take_uevent(struct early *early, struct event *ret)
{
	char buf[UEVENT_BYTES_MAX];
	struct uevent uevent;
	bool lost = false;

	while (uevent_receive(early->uevent_fd, buf, sizeof(buf), &uevent, &lost)) {
		bool removed = strcmp(uevent.action, "remove") == 0;

		if (!removed && uevent.modalias[0])
			modules_queue(&early->modules, uevent.modalias);
		if (!removed && strcmp(uevent.subsystem, "block") == 0 && uevent.devname[0]) {
			ret->kind = EVENT_DISK;
			snprintf(ret->name, sizeof(ret->name), "%s", uevent.devname);
			return true;
		}
	}
	if (lost) {
		ret->kind = EVENT_LOST;
		return true;
	}
	return false;
}

static bool take_signal(struct early *early, struct event *ret)
{
	struct signalfd_siginfo info;

	/* One SIGCHLD may stand for several children; ask for all before the next is read. */
	ret->pid = waitpid(-1, &ret->status, WNOHANG);
	if (ret->pid > 0) {
		ret->kind = EVENT_CHILD;
		return true;
	}
	if (read(early->signal_fd, &info, sizeof(info)) != sizeof(info))
		return false;
	if (info.ssi_signo == SIGCHLD)
		return take_signal(early, ret);
	log_info("signal %u: restart asked for", info.ssi_signo);
	ret->kind = EVENT_RESTART;
	return true;
}

static bool take_probe(struct early *early, struct event *ret)
{
	if (read(early->probe_fds[0], &ret->probe, sizeof(ret->probe)) != sizeof(ret->probe))
		return false;
	ret->kind = EVENT_PROBED;
	return true;
}

static bool take_key(struct early *early, struct event *ret)
{
	if (!notice_read_key(&early->notice, &ret->console, &ret->key))
		return false;
	ret->kind = EVENT_KEY;
	return true;
}

void events_wait(struct early *early, int timeout_ms, struct event *ret)
{
	struct pollfd fds[3 + CONSOLES_MAX] = {
		{ .fd = early->uevent_fd, .events = POLLIN },
		{ .fd = early->signal_fd, .events = POLLIN },
		{ .fd = early->probe_fds[0], .events = POLLIN },
	};
	size_t n = 3;

	n += notice_poll(&early->notice, fds + n, ARRAY_SIZE(fds) - n);
	for (;;) {
		*ret = (struct event){ .kind = EVENT_TIMEOUT };
		if (take_probe(early, ret) || take_signal(early, ret) || take_uevent(early, ret) ||
		    take_key(early, ret))
			return;
		if (poll(fds, n, timeout_ms) == 0)
			return;
	}
}
