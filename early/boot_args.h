/* SPDX-License-Identifier: Apache-2.0 */
/* boot_args - what GRUB tells us: the kernel arguments of docs/FORMATS.md. Pure. */
#ifndef PALETTE_BOOT_ARGS_H
#define PALETTE_BOOT_ARGS_H

#include <stdbool.h>

#include "lib/fail.h"

enum role {
	ROLE_INSTALL,
	ROLE_RUN,
	ROLE_RECOVERY,
	ROLE_RESET,
	ROLE_LIVE,
};

struct boot_args {
	enum role role;
	char medium[17]; /* 16 hex digits; install, live */
	char iso_uuid
		[40]; /* likewise: the medium is a file on this file system; empty: it is a device */
	char iso_path[256]; /* begins with '/' */
	char slot;	    /* 'a' or 'b'; run, reset, recovery */
	char system[40];    /* PARTUUIDs, lower case; likewise */
	char data[40];
	char esp[40];
	bool verify; /* palette.verify=1: install begins with verifying the medium */
	bool debug;  /* palette.debug=1: a shell after a failure */
};

/* -EINVAL names the argument that is missing or wrong. @ret is set on success only. */
int boot_args_parse(const char *cmdline, struct boot_args *ret, struct fail *why);

const char *role_name(enum role role);

#endif
