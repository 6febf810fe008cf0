/* SPDX-License-Identifier: Apache-2.0 */
/* child - what every child of PID 1 does first. */
#ifndef PALETTE_CHILD_H
#define PALETTE_CHILD_H

/*
 * Undoes PID 1's signal mask: a child that keeps SIGTERM blocked holds up every power-off until it is
 * killed.
 */
void child_setup(void);

#endif
