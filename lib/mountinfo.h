/* SPDX-License-Identifier: Apache-2.0 */
/* mountinfo - how the kernel writes the names in /proc/self/mountinfo, mounts and swaps. Pure. */
#ifndef PALETTE_MOUNTINFO_H
#define PALETTE_MOUNTINFO_H

/* Undoes "\040" for a blank and the like, in place. */
void mountinfo_unescape(char *text);

#endif
