/* SPDX-License-Identifier: Apache-2.0 */
#include "spawn_tty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "child.h"
#include "lib/consoles.h"
#include "lib/log.h"

static void take_terminal(const char *path)
{
	int fd;

	(void)setsid();
	fd = open(path ? path : "/dev/null", O_RDWR | O_NOCTTY | (path ? O_NONBLOCK : 0));
	if (fd < 0)
		_exit(126);
	if (path) {
		(void)fcntl(fd, F_SETFL, O_RDWR);
		/* 1: take it from whoever has it. */
		(void)ioctl(fd, TIOCSCTTY, 1);
		console_make_sane(fd);
	}
	for (int i = 0; i < 3; i++)
		(void)dup2(fd, i);
	if (fd > 2)
		close(fd);
}

static void run(const char *const argv[])
{
	(void)setenv("TERM", "linux", 1);
	(void)setenv("HOME", "/root", 1);
	(void)setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	execv(argv[0], (char *const *)argv);
	_exit(127);
}

pid_t spawn_on_tty(const char *path, const char *const argv[])
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0) {
		child_setup();
		take_terminal(path);
		run(argv);
	}
	log_info("process %d: %s on %s", (int)pid, argv[0], path ? path : "no terminal");
	return pid;
}

pid_t spawn_shell_on_request(const char *path)
{
	static const char *const shell[] = { "/bin/sh", "-l", NULL };
	static const char text[] = "\033[m\033[H\033[2JPress ENTER for a shell. "
				   "The installer is on Alt+F1.\n";
	pid_t pid = fork();
	char line[80];

	if (pid < 0)
		return -errno;
	if (pid > 0)
		return pid;
	child_setup();
	take_terminal(path);
	if (write(STDOUT_FILENO, text, sizeof(text) - 1) < 0 ||
	    read(STDIN_FILENO, line, sizeof(line)) <= 0)
		_exit(126);
	run(shell);
	_exit(127);
}
