/* SPDX-License-Identifier: Apache-2.0 */
/* facts - what the status screen shows, read from the running system. */
#ifndef PALETTE_STATUS_FACTS_H
#define PALETTE_STATUS_FACTS_H

#include "view.h"

void facts_read(struct view *ret);

#endif
