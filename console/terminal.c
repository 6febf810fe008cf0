/* SPDX-License-Identifier: Apache-2.0 */
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/monotonic.h"

#define SEQUENCE_MS 80 /* a line of 9600 baud, and a BMC that sends in packets, are within it */
#define RETRY_MS    2000

/* Attributes off, wrap on, normal charset, whole-screen scrolling, application arrows, clear. */
static const char begin_any[] = "\033[m\033[?7h\033(B\017\033[r\033[?1h\033=\033[H\033[2J";
/* UTF-8, and never a blank screen: nobody types at a machine in a rack for days. */
static const char begin_screen[] = "\033%G\033[9;0]\033[14;0]";
static const char end_any[] = "\033[m\033[?1l\033>\033[?25h\033[H\033[2J";

int terminal_open(struct terminal *terminal, struct fail *why)
{
	terminal->fd = console_open(&terminal->spec, why);
	if (terminal->fd < 0) {
		terminal->fd = -1;
		terminal->retry_at_ms = monotonic_ms() + RETRY_MS;
		return -1;
	}
	if (terminal->spec.screen)
		(void)ioctl(terminal->fd, KDSETMODE, KD_TEXT);
	terminal->keys = (struct keys){ 0 };
	terminal->held_since_ms = -1;
	outbuf_reset(&terminal->out);
	if (terminal->spec.screen)
		outbuf_add(&terminal->out, begin_screen, sizeof(begin_screen) - 1);
	outbuf_add(&terminal->out, begin_any, sizeof(begin_any) - 1);
	return 0;
}

static void gone(struct terminal *terminal)
{
	close(terminal->fd);
	terminal->fd = -1;
	terminal->retry_at_ms = monotonic_ms() + RETRY_MS;
}

void terminal_close(struct terminal *terminal)
{
	if (terminal->fd < 0)
		return;
	if (terminal->out.stale)
		outbuf_reset(&terminal->out);
	outbuf_add(&terminal->out, end_any, sizeof(end_any) - 1);
	terminal_send(terminal);
	if (terminal->fd >= 0)
		close(terminal->fd);
	terminal->fd = -1;
}

void terminal_send(struct terminal *terminal)
{
	const char *data;
	ssize_t written;
	size_t n;

	while (terminal->fd >= 0 && (data = outbuf_next(&terminal->out, &n))) {
		written = write(terminal->fd, data, n);
		if (written > 0)
			outbuf_sent(&terminal->out, (size_t)written);
		else if (written < 0 && errno == EINTR)
			continue;
		else if (written < 0 && errno != EAGAIN)
			gone(terminal);
		else
			return;
	}
}

size_t terminal_receive(struct terminal *terminal, char *keys)
{
	char in[TERMINAL_READ_BYTES];
	ssize_t n = read(terminal->fd, in, sizeof(in));
	size_t n_keys;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		gone(terminal);
		return 0;
	}
	n_keys = keys_translate(&terminal->keys, in, (size_t)n, keys);
	terminal->held_since_ms = terminal->keys.n_held ? monotonic_ms() : -1;
	return n_keys;
}

int64_t terminal_deadline_ms(const struct terminal *terminal)
{
	return terminal->held_since_ms < 0 ? -1 : terminal->held_since_ms + SEQUENCE_MS;
}

size_t terminal_flush_keys(struct terminal *terminal, char *keys)
{
	if (terminal->held_since_ms < 0 || monotonic_ms() < terminal->held_since_ms + SEQUENCE_MS)
		return 0;
	terminal->held_since_ms = -1;
	return keys_flush(&terminal->keys, keys);
}

static void run_on(const struct terminal *terminal, const char *program, bool login_shell)
{
	int fd = terminal->fd;
	const char *slash = strrchr(program, '/');
	const char *name = slash ? slash + 1 : program;
	char name_of_login[64];
	sigset_t none;

	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)setsid();
	(void)ioctl(fd, TIOCSCTTY, 1);
	(void)fcntl(fd, F_SETFL, O_RDWR);
	console_make_sane(fd);
	if (write(fd, end_any, sizeof(end_any) - 1) < 0)
		_exit(126);
	for (int i = 0; i < 3; i++)
		(void)dup2(fd, i);
	(void)setenv("TERM", terminal->spec.screen ? "linux" : "vt220", 1);
	(void)unsetenv("PALETTE_CONSOLE_SOCKET");
	snprintf(name_of_login, sizeof(name_of_login), "%s%s", login_shell ? "-" : "", name);
	execl(program, name_of_login, (char *)NULL);
	dprintf(STDOUT_FILENO, "start %s: %s\n", program, strerror(errno));
	_exit(127);
}

int terminal_lend(struct terminal *terminal, const char *program, bool login_shell,
		  struct fail *why)
{
	pid_t pid;

	terminal_send(terminal);
	if (terminal->fd < 0)
		return fail_with(why, ENODEV, "start %s: %s is gone", program, terminal->spec.path);
	pid = fork();
	if (pid < 0)
		return fail_errno(why, errno, "start %s on %s", program, terminal->spec.path);
	if (pid == 0)
		run_on(terminal, program, login_shell);
	close(terminal->fd);
	terminal->fd = -1;
	terminal->shell = pid;
	return 0;
}
