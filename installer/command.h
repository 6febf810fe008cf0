/* SPDX-License-Identifier: Apache-2.0 */
/* command - palette-install without screens: --list and --target. Both return an exit status. */
#ifndef PALETTE_COMMAND_H
#define PALETTE_COMMAND_H

#include "options.h"

#define EXIT_STATUS_FAILED	   1
#define EXIT_STATUS_USAGE	   2
#define EXIT_STATUS_REFUSED	   3
#define EXIT_STATUS_REBOOT	   10
#define EXIT_STATUS_POWEROFF	   11
#define EXIT_STATUS_REBOOT_NOTHING 12

int command_list(const struct options *options);
int command_target(const struct options *options);

/* --repair: prints what was written anew, and what could not be helped. */
int command_repair(const struct options *options);

/* --check-answers: a mistake is EXIT_STATUS_REFUSED. */
int command_check_answers(const struct options *options);

/* --verify: damage and what cannot be read are EXIT_STATUS_FAILED. */
int command_verify(const struct options *options);

#endif
