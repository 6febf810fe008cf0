/* SPDX-License-Identifier: Apache-2.0 */
/* dmi - the texts that firmware has of its machine. Pure. */
#ifndef PALETTE_DMI_H
#define PALETTE_DMI_H

#include <stdbool.h>

/* Whether @text is what makers leave in where nobody filled it in, and so says nothing; "" too. */
bool dmi_is_filler(const char *text);

#endif
