/* SPDX-License-Identifier: Apache-2.0 */
#include "mirror.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/monotonic.h"

#define READ_BYTES 4096
#define REVIVAL_MS 500
#define GRACE_MS   3000 /* for the program, when we are told to end */

static void open_terminal(struct mirror *mirror, struct terminal *terminal)
{
	struct fail why = { 0 };

	if (terminal_open(terminal, &why) < 0) {
		log_debug("%s", why.msg);
		return;
	}
	log_info("console %s", terminal->spec.path);
	mirror->repaint_wanted = true;
}

static void open_terminals(struct mirror *mirror)
{
	for (size_t i = 0; i < mirror->n_terminals; i++) {
		struct terminal *terminal = &mirror->terminals[i];

		if (terminal->fd < 0 && !terminal->shell && monotonic_ms() >= terminal->retry_at_ms)
			open_terminal(mirror, terminal);
	}
}

/* False when there is none. */
static bool take_output(struct mirror *mirror)
{
	char data[READ_BYTES];
	ssize_t n = read(mirror->program.fd, data, sizeof(data));

	if (n <= 0)
		return false;
	for (size_t i = 0; i < mirror->n_terminals; i++) {
		struct terminal *terminal = &mirror->terminals[i];

		if (terminal->fd < 0)
			continue;
		outbuf_add(&terminal->out, data, (size_t)n);
		terminal_send(terminal);
	}
	return true;
}

/* A console that lost bytes takes some again. Not at once: one that is slow for good must not have
 * all the others painted without end. */
static void revive(struct mirror *mirror, struct terminal *terminal)
{
	outbuf_reset(&terminal->out);
	mirror->repaint_wanted = true;
	mirror->next_revival_ms = monotonic_ms() + REVIVAL_MS;
}

static bool may_revive(const struct mirror *mirror)
{
	return monotonic_ms() >= mirror->next_revival_ms;
}

static void give_keys(struct mirror *mirror, struct terminal *terminal, const char *keys, size_t n)
{
	if (n == 0)
		return;
	mirror->last = terminal;
	if (terminal->out.stale)
		revive(mirror, terminal);
	/* What a program that does not read has no room for is lost, as at any terminal. */
	if (write(mirror->program.fd, keys, n) < 0 && errno != EAGAIN)
		log_debug("keys from %s: %s", terminal->spec.path, strerror(errno));
}

static void serve_terminal(struct mirror *mirror, struct terminal *terminal, short events)
{
	char keys[TERMINAL_KEYS_BYTES];
	size_t n;

	if (events & (POLLIN | POLLHUP | POLLERR)) {
		n = terminal_receive(terminal, keys);
		give_keys(mirror, terminal, keys, n);
	}
	if (terminal->fd >= 0 && (events & POLLOUT)) {
		if (terminal->out.stale)
			revive(mirror, terminal);
		terminal_send(terminal);
	}
}

static void lend(struct mirror *mirror, const char *program, bool login_shell)
{
	struct terminal *terminal = mirror->last;
	struct fail why = { 0 };

	if (!terminal || terminal->fd < 0)
		return;
	log_info("console %s: %s", terminal->spec.path, program);
	if (terminal_lend(terminal, program, login_shell, &why) < 0)
		log_error("%s", why.msg);
}

static void take_requests(struct mirror *mirror)
{
	for (;;) {
		switch (request_receive(&mirror->requests)) {
		case REQUEST_NONE:
			return;
		case REQUEST_SHELL:
			lend(mirror, "/bin/sh", true);
			break;
		case REQUEST_LOGIN:
			lend(mirror, mirror->login_program,
			     strcmp(mirror->login_program, "/bin/sh") == 0);
			break;
		case REQUEST_REPAINT:
			mirror->repaint_wanted = true;
			break;
		}
	}
}

static void child_ended(struct mirror *mirror, pid_t pid, int status)
{
	if (pid == mirror->program.pid) {
		mirror->ended = true;
		mirror->exit_status =
			WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		return;
	}
	for (size_t i = 0; i < mirror->n_terminals; i++) {
		struct terminal *terminal = &mirror->terminals[i];

		if (terminal->shell != pid)
			continue;
		terminal->shell = 0;
		terminal->retry_at_ms = 0;
	}
}

/* True when we are told to end. */
static bool take_signals(struct mirror *mirror)
{
	struct signalfd_siginfo info;
	bool end = false;
	int status;
	pid_t pid;

	while (read(mirror->signal_fd, &info, sizeof(info)) == sizeof(info))
		end |= info.ssi_signo != SIGCHLD;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		child_ended(mirror, pid, status);
	return end;
}

/* How long poll() may sleep: to the next held key or the next try to open a console. */
static int time_to_wait(const struct mirror *mirror)
{
	int64_t next = INT64_MAX, now = monotonic_ms();

	for (size_t i = 0; i < mirror->n_terminals; i++) {
		const struct terminal *terminal = &mirror->terminals[i];
		int64_t at = terminal_deadline_ms(terminal);

		if (terminal->fd < 0)
			at = terminal->shell ? -1 : terminal->retry_at_ms;
		else if (terminal->out.stale && (at < 0 || at > mirror->next_revival_ms))
			at = mirror->next_revival_ms;
		if (at >= 0 && at < next)
			next = at;
	}
	if (next == INT64_MAX)
		return -1;
	return next <= now ? 0 : (int)(next - now);
}

static bool step(struct mirror *mirror)
{
	struct pollfd fds[3 + CONSOLES_MAX] = {
		{ .fd = mirror->program.fd, .events = POLLIN },
		{ .fd = mirror->requests.fd, .events = POLLIN },
		{ .fd = mirror->signal_fd, .events = POLLIN },
	};
	char keys[TERMINAL_KEYS_BYTES];
	bool end = false;

	for (size_t i = 0; i < mirror->n_terminals; i++) {
		const struct terminal *terminal = &mirror->terminals[i];
		size_t n;

		fds[3 + i].fd = terminal->fd;
		fds[3 + i].events = POLLIN;
		if (terminal->out.stale ? may_revive(mirror)
					: outbuf_next(&terminal->out, &n) != NULL)
			fds[3 + i].events |= POLLOUT;
	}
	if (poll(fds, 3 + mirror->n_terminals, time_to_wait(mirror)) < 0)
		return false;
	if (fds[0].revents)
		(void)take_output(mirror);
	if (fds[1].revents)
		take_requests(mirror);
	for (size_t i = 0; i < mirror->n_terminals; i++) {
		struct terminal *terminal = &mirror->terminals[i];

		if (terminal->fd >= 0 && fds[3 + i].revents)
			serve_terminal(mirror, terminal, fds[3 + i].revents);
		if (terminal->fd >= 0)
			give_keys(mirror, terminal, keys, terminal_flush_keys(terminal, keys));
	}
	if (fds[2].revents)
		end = take_signals(mirror);
	open_terminals(mirror);
	if (mirror->repaint_wanted) {
		mirror->repaint_wanted = false;
		program_repaint(&mirror->program);
	}
	return end;
}

/* The program first, as it may have something to put in order; then the shells. */
static void end_children(struct mirror *mirror)
{
	int64_t until = monotonic_ms() + GRACE_MS;

	if (!mirror->ended)
		(void)kill(mirror->program.pid, SIGTERM);
	while (!mirror->ended && monotonic_ms() < until) {
		struct pollfd fd = { .fd = mirror->signal_fd, .events = POLLIN };

		(void)poll(&fd, 1, 100);
		(void)take_output(mirror);
		(void)take_signals(mirror);
	}
	if (!mirror->ended) {
		(void)kill(mirror->program.pid, SIGKILL);
		mirror->exit_status = 128 + SIGKILL;
	}
	for (size_t i = 0; i < mirror->n_terminals; i++) {
		if (mirror->terminals[i].shell)
			(void)kill(-mirror->terminals[i].shell, SIGHUP);
	}
}

static int open_signals(struct mirror *mirror, struct fail *why)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &mask, NULL);
	mirror->signal_fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	return mirror->signal_fd < 0 ? fail_errno(why, errno, "make a signal descriptor") : 0;
}

int mirror_run(struct mirror *mirror, char *const argv[], struct fail *why)
{
	int r = open_signals(mirror, why);

	if (r == 0)
		r = request_open(&mirror->requests, why);
	if (r < 0)
		return r;
	for (size_t i = 0; i < mirror->n_terminals; i++)
		mirror->terminals[i].fd = -1;
	open_terminals(mirror);
	/* What is on the consoles now is what the program draws first. */
	mirror->repaint_wanted = false;
	r = program_start(argv, mirror->requests.path, &mirror->program, why);
	if (r == 0) {
		while (!mirror->ended && !step(mirror))
			;
		end_children(mirror);
		while (take_output(mirror))
			;
	}
	for (size_t i = 0; i < mirror->n_terminals; i++)
		terminal_close(&mirror->terminals[i]);
	request_close(&mirror->requests);
	return r;
}
