/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "lib/consoles.h"
#include "lib/memory.h"
#include "test.h"

/* A tree as sysfs has it; @type NULL: a terminal without that attribute. */
static void add_tty(const char *sys, const char *name, const char *type)
{
	autofree char *dir = xasprintf("%s/class/tty/%s", sys, name);
	autofree char *path = xasprintf("%s/type", dir);
	autofclose FILE *file = NULL;

	CHECK_INT(mkdir(dir, 0755), 0);
	if (!type)
		return;
	file = fopen(path, "w");
	CHECK(file != NULL);
	fprintf(file, "%s\n", type);
}

static char *make_sys(void)
{
	char *sys = xstrdup("/tmp/palette-consoles.XXXXXX");
	autofree char *class = NULL, *tty = NULL;

	CHECK(mkdtemp(sys) != NULL);
	class = xasprintf("%s/class", sys);
	tty = xasprintf("%s/tty", class);
	CHECK_INT(mkdir(class, 0755), 0);
	CHECK_INT(mkdir(tty, 0755), 0);
	return sys;
}

static void remove_sys(char *sys)
{
	autofree char *command = xasprintf("rm -r '%s'", sys);

	CHECK_INT(system(command), 0);
	free(sys);
}

TEST(the_screen_and_every_serial_port_that_exists_are_consoles)
{
	char *sys = make_sys();
	struct console_spec specs[CONSOLES_MAX];

	add_tty(sys, "tty0", NULL);
	add_tty(sys, "tty1", NULL);
	add_tty(sys, "ttyS0", "4");
	add_tty(sys, "ttyS1", "4");
	add_tty(sys, "ttyS2", "0"); /* listed by the kernel, but there is no such port */
	add_tty(sys, "hvc0", NULL);
	CHECK_INT(consoles_find(sys, "console=tty0 console=ttyS1,9600n8", specs, CONSOLES_MAX), 4);
	CHECK_STR(specs[0].path, "/dev/tty1");
	CHECK(specs[0].screen);
	CHECK_STR(specs[1].path, "/dev/ttyS0");
	CHECK_INT(specs[1].baud_rate, 115200);
	CHECK_STR(specs[2].path, "/dev/ttyS1");
	CHECK_INT(specs[2].baud_rate, 9600);
	CHECK_STR(specs[3].path, "/dev/hvc0");
	CHECK(!specs[3].screen);
	remove_sys(sys);
}

TEST(a_port_named_to_the_kernel_is_a_console_if_it_exists)
{
	char *sys = make_sys();
	struct console_spec specs[CONSOLES_MAX];

	add_tty(sys, "ttyUSB0", NULL);
	add_tty(sys, "ttyS2", "0");
	add_tty(sys, "tty5", NULL);
	CHECK_INT(consoles_find(sys,
				"console=ttyUSB0,57600 console=ttyS2 console=ttyS9 console=tty5 "
				"console=ttyUSB0,9600",
				specs, CONSOLES_MAX),
		  1);
	CHECK_STR(specs[0].path, "/dev/ttyUSB0");
	CHECK_INT(specs[0].baud_rate, 57600);
	remove_sys(sys);
}

TEST(no_more_consoles_are_named_than_fit)
{
	char *sys = make_sys(), name[16];
	struct console_spec specs[4];

	for (unsigned i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "ttyS%u", i);
		add_tty(sys, name, "4");
	}
	CHECK_INT(consoles_find(sys, "", specs, ARRAY_SIZE(specs)), 4);
	remove_sys(sys);
}
