/* SPDX-License-Identifier: Apache-2.0 */
/* boot_args - what GRUB tells us: the kernel arguments of docs/FORMATS.md, and image.conf. Pure. */
#ifndef PALETTE_BOOT_ARGS_H
#define PALETTE_BOOT_ARGS_H

#include <stdbool.h>
#include <stdint.h>

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
	char slot;	 /* 'a' or 'b'; run */
	char system[40]; /* PARTUUIDs, lower case; run */
	char data[40];
	char esp[40];
	bool debug; /* palette.debug=1: a shell after a failure */
};

/* -EINVAL names the argument that is missing or wrong. @ret is set on success only. */
int boot_args_parse(const char *cmdline, struct boot_args *ret, struct fail *why);

const char *role_name(enum role role);

/* The OS image that belongs to this initrd. */
struct image_conf {
	char version[64];
	char root_hash[65]; /* hex */
	char salt[65];	    /* hex */
	uint64_t data_blocks;
};

/* -EINVAL names the line. Keys that are not ours are ignored. */
int image_conf_parse(const char *text, struct image_conf *ret, struct fail *why);

#endif
