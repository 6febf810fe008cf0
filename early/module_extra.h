/* SPDX-License-Identifier: Apache-2.0 */
/* module_extra - modules that the initrd does not have, from the installation medium. */
#ifndef PALETTE_MODULE_EXTRA_H
#define PALETTE_MODULE_EXTRA_H

#include "modules.h"

/*
 * Unpacks @archive (palette/drivers.img, docs/FORMATS.md) over the root, writes MODULES_EXTRA_PATH and
 * reads the index of @modules anew. Nobody else may use it meanwhile.
 */
int module_extra_unpack(struct modules *modules, const char *archive, struct fail *why);

#endif
