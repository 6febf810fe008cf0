/* SPDX-License-Identifier: Apache-2.0 */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "lib/cleanup.h"

#define ROWS	24
#define COLUMNS 80

/*
 * The terminal type must suit Linux' screen and whatever sits at the other end of a serial line, as
 * the same bytes go to all. "linux" asks xterms for their identity when it hides the cursor, "xterm"
 * repeats letters with a sequence the screen does not know, "vt220" has no colours. palette.ti
 * has none of that; it travels with the name, as no machine has it installed. keys.c translates what
 * the terminals send to it.
 */
static const char terminal_type[] = "palette";
static const char description[] =
#include "console/palette.inc"
	;

static void set_environment(const char *socket_path)
{
	(void)setenv("TERM", terminal_type, 1);
	(void)setenv("TERMINFO", description, 1);
	/* Lines of boxes as UTF-8: neither PuTTY nor the screen switches charsets in UTF-8. */
	(void)setenv("LC_ALL", "C.UTF-8", 1);
	(void)setenv("NCURSES_NO_UTF8_ACS", "1", 1);
	(void)setenv("PALETTE_CONSOLE_SOCKET", socket_path, 1);
	(void)unsetenv("LINES");
	(void)unsetenv("COLUMNS");
}

/* 80x24, and tabs as spaces: curses would move back with a sequence the screen does not know. */
static int open_slave(const char *path, struct fail *why)
{
	const struct winsize size = { .ws_row = ROWS, .ws_col = COLUMNS };
	autoclose int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios tio;

	if (fd < 0 || ioctl(fd, TIOCSWINSZ, &size) < 0 || tcgetattr(fd, &tio) < 0)
		return fail_errno(why, errno, "open the pseudo-terminal %s", path);
	tio.c_oflag |= XTABS;
	tio.c_iflag |= IUTF8;
	if (tcsetattr(fd, TCSANOW, &tio) < 0)
		return fail_errno(why, errno, "set up the pseudo-terminal %s", path);
	return take_fd(&fd);
}

static void run(char *const argv[], int fd, const char *socket_path)
{
	sigset_t none;

	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)setsid();
	(void)ioctl(fd, TIOCSCTTY, 1);
	for (int i = 0; i < 3; i++)
		(void)dup2(fd, i);
	set_environment(socket_path);
	execvp(argv[0], argv);
	fprintf(stderr, "start %s: %s\r\n", argv[0], strerror(errno));
	_exit(127);
}

int program_start(char *const argv[], const char *socket_path, struct program *ret,
		  struct fail *why)
{
	autoclose int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	autoclose int slave_fd = -1;
	char slave[64];
	pid_t pid;

	if (fd < 0 || grantpt(fd) < 0 || unlockpt(fd) < 0 ||
	    ptsname_r(fd, slave, sizeof(slave)) != 0)
		return fail_errno(why, errno, "make a pseudo-terminal");
	slave_fd = open_slave(slave, why);
	if (slave_fd < 0)
		return slave_fd;
	pid = fork();
	if (pid < 0)
		return fail_errno(why, errno, "start %s", argv[0]);
	if (pid == 0)
		run(argv, slave_fd, socket_path);
	*ret = (struct program){ pid, take_fd(&fd), take_fd(&slave_fd) };
	return 0;
}

void program_repaint(const struct program *program)
{
	/* Ctrl+L: libdialog, line editors and our own programs draw everything again. */
	ssize_t n = write(program->fd, "\f", 1);

	(void)n;
}
