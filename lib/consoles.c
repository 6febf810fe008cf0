/* SPDX-License-Identifier: Apache-2.0 */
#include "consoles.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/serial.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "cleanup.h"
#include "cmdline.h"
#include "file.h"

#define BAUD_DEFAULT		115200
#define UARTS_MAX		32
#define CLOSING_WAIT_HUNDREDTHS 100

static const struct {
	unsigned rate;
	speed_t speed;
} speeds[] = {
	{ 9600, B9600 },     { 19200, B19200 },	  { 38400, B38400 },   { 57600, B57600 },
	{ 115200, B115200 }, { 230400, B230400 }, { 460800, B460800 }, { 921600, B921600 },
};

static speed_t speed_of(unsigned rate)
{
	for (size_t i = 0; i < ARRAY_SIZE(speeds); i++) {
		if (speeds[i].rate == rate)
			return speeds[i].speed;
	}
	return B115200;
}

void consoles_parse_argument(const char *text, char *ret_name, size_t size, unsigned *ret_baud)
{
	size_t n_name = strcspn(text, ",");
	unsigned long rate = 0;

	if (n_name >= size)
		n_name = size - 1;
	memcpy(ret_name, text, n_name);
	ret_name[n_name] = '\0';
	if (text[n_name] == ',')
		rate = strtoul(text + n_name + 1, NULL, 10);
	*ret_baud = rate <= 4000000 ? (unsigned)rate : 0;
}

/* The rate "console=@name,..." gives; 0 when it is not named there. */
static bool named_on_cmdline(const char *cmdline, const char *name, unsigned *ret_baud)
{
	char word[128], found[48];

	*ret_baud = 0;
	while (cmdline_next(&cmdline, word, sizeof(word))) {
		if (strncmp(word, "console=", 8) != 0)
			continue;
		consoles_parse_argument(word + 8, found, sizeof(found), ret_baud);
		if (strcmp(found, name) == 0)
			return true;
	}
	*ret_baud = 0;
	return false;
}

struct list {
	const char *cmdline;
	struct console_spec *specs;
	size_t n, max;
};

static void list_add(struct list *list, const char *name, bool screen)
{
	struct console_spec *spec;
	char path[64];
	unsigned baud;

	snprintf(path, sizeof(path), "/dev/%s", name);
	for (size_t i = 0; i < list->n; i++) {
		if (strcmp(list->specs[i].path, path) == 0)
			return;
	}
	if (list->n == list->max)
		return;
	(void)named_on_cmdline(list->cmdline, name, &baud);
	spec = &list->specs[list->n++];
	*spec = (struct console_spec){ .screen = screen, .baud_rate = baud ? baud : BAUD_DEFAULT };
	memcpy(spec->path, path, sizeof(path));
}

static bool tty_exists(const char *sys, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/class/tty/%s", sys, name);
	return access(path, F_OK) == 0;
}

/* The kernel lists four ttyS whether they exist or not; the type of those that do not is 0. */
static bool uart_exists(const char *sys, const char *name)
{
	char path[256], type[16];

	snprintf(path, sizeof(path), "%s/class/tty/%s/type", sys, name);
	return file_read_line(path, type, sizeof(type)) == 0 && strcmp(type, "0") != 0;
}

static bool is_virtual_terminal(const char *name)
{
	return strncmp(name, "tty", 3) == 0 && name[3 + strspn(name + 3, "0123456789")] == '\0';
}

size_t consoles_find(const char *sys, const char *cmdline, struct console_spec *ret, size_t max)
{
	struct list list = { .cmdline = cmdline, .specs = ret, .max = max };
	const char *at = cmdline;
	char name[48], word[128];
	unsigned baud;

	if (tty_exists(sys, "tty1"))
		list_add(&list, "tty1", true);
	for (unsigned i = 0; i < UARTS_MAX; i++) {
		snprintf(name, sizeof(name), "ttyS%u", i);
		if (uart_exists(sys, name))
			list_add(&list, name, false);
	}
	for (unsigned i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "ttyAMA%u", i);
		if (tty_exists(sys, name))
			list_add(&list, name, false);
	}
	if (tty_exists(sys, "hvc0"))
		list_add(&list, "hvc0", false);
	while (cmdline_next(&at, word, sizeof(word))) {
		if (strncmp(word, "console=", 8) != 0)
			continue;
		consoles_parse_argument(word + 8, name, sizeof(name), &baud);
		/* An UART named there that does not exist stays out: nobody would drain it. */
		if (tty_exists(sys, name) && !is_virtual_terminal(name) &&
		    (strncmp(name, "ttyS", 4) != 0 || uart_exists(sys, name)))
			list_add(&list, name, false);
	}
	return list.n;
}

/*
 * The last close of a serial port waits for what was not sent: by the kernel's default 30 s at a port that
 * takes nothing, and with it every other console. A line that works sends all it has in one second.
 */
static void limit_closing(int fd)
{
	struct serial_struct serial;

	if (ioctl(fd, TIOCGSERIAL, &serial) < 0)
		return; /* not an UART */
	serial.closing_wait = CLOSING_WAIT_HUNDREDTHS;
	/* Refused, the port is as slow to close as the kernel makes it, and works all the same. */
	(void)ioctl(fd, TIOCSSERIAL, &serial);
}

int console_open(const struct console_spec *spec, struct fail *why)
{
	/* Nonblocking: a serial port would otherwise wait for the other end's carrier. */
	autoclose int fd = open(spec->path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	struct termios tio;

	if (fd < 0)
		return fail_errno(why, errno, "open console %s", spec->path);
	if (tcgetattr(fd, &tio) < 0)
		return fail_errno(why, errno, "read settings of console %s", spec->path);
	cfmakeraw(&tio);
	tio.c_cflag |= CLOCAL | CREAD;
	tio.c_cflag &= ~(tcflag_t)(CRTSCTS | HUPCL | CSTOPB);
	if (!spec->screen) {
		cfsetispeed(&tio, speed_of(spec->baud_rate));
		cfsetospeed(&tio, speed_of(spec->baud_rate));
	}
	if (tcsetattr(fd, TCSANOW, &tio) < 0)
		return fail_errno(why, errno, "set up console %s", spec->path);
	limit_closing(fd);
	return take_fd(&fd);
}

void console_make_sane(int fd)
{
	struct termios tio;

	if (tcgetattr(fd, &tio) < 0)
		return;
	tio.c_iflag = ICRNL | IXON | BRKINT | IUTF8;
	tio.c_oflag = OPOST | ONLCR;
	tio.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN;
	tio.c_cflag |= CREAD | CLOCAL;
	tio.c_cc[VINTR] = 3;
	tio.c_cc[VQUIT] = 28;
	tio.c_cc[VERASE] = 127;
	tio.c_cc[VKILL] = 21;
	tio.c_cc[VEOF] = 4;
	tio.c_cc[VSUSP] = 26;
	tio.c_cc[VMIN] = 1;
	tio.c_cc[VTIME] = 0;
	(void)tcsetattr(fd, TCSANOW, &tio);
}
