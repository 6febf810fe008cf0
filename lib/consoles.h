/* SPDX-License-Identifier: Apache-2.0 */
/*
 * consoles - the terminals a machine has: its screen and every serial port that really exists.
 *
 * Reads sysfs and the kernel's command line; opens no terminal but in console_open().
 */
#ifndef PALETTE_CONSOLES_H
#define PALETTE_CONSOLES_H

#include <stdbool.h>
#include <stddef.h>

#include "fail.h"

#define CONSOLES_MAX 16

struct console_spec {
	char path[64];
	bool screen;	    /* a virtual terminal, not a line */
	unsigned baud_rate; /* of a serial port: "console=" or 115200 */
};

/*
 * The screen (/dev/tty1) first, then the serial ports: UARTs the kernel has found, the ones named by
 * "console=", and a hypervisor's console. @sys is "/sys" or a captured tree. Returns how many.
 */
size_t consoles_find(const char *sys, const char *cmdline, struct console_spec *ret, size_t max);

/* "ttyS1,9600n8" -> "ttyS1" and 9600; 0 where no rate is given. Pure. */
void consoles_parse_argument(const char *text, char *ret_name, size_t size, unsigned *ret_baud);

/*
 * Opens it for reading and writing, nonblocking, not as controlling terminal, and makes the line raw:
 * 8n1, no flow control, no modem lines. The descriptor, or a negative errno.
 */
int console_open(const struct console_spec *spec, struct fail *why);

/* What a person at a terminal expects of the one at @fd: echo, lines, Ctrl+C. */
void console_make_sane(int fd);

#endif
