/* SPDX-License-Identifier: Apache-2.0 */
/* protect - a service that holds keys or that passwords pass through. */
#ifndef PALETTE_PROTECT_H
#define PALETTE_PROTECT_H

/* From now on it leaves no core file, and no other process of its user looks into its memory. */
void protect_memory(void);

#endif
