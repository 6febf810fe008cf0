/* SPDX-License-Identifier: Apache-2.0 */
/* module_loader - the process that loads modules for devices. */
#ifndef PALETTE_MODULE_LOADER_H
#define PALETTE_MODULE_LOADER_H

#include "modules.h"

/* Reads names and modaliases from @fd, one a packet, and loads what they need until @fd ends. */
void module_loader_run(struct modules *modules, int fd) __attribute__((noreturn));

#endif
