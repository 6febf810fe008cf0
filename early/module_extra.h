/* SPDX-License-Identifier: Apache-2.0 */
/* module_extra - modules that the initrd does not have, from the installation medium. */
#ifndef PALETTE_MODULE_EXTRA_H
#define PALETTE_MODULE_EXTRA_H

#include "modules.h"

#define MODULE_ALIAS_BYTES 128 /* of a PCI function's modalias; it has 54 letters */
#define MODULE_EXTRA_MAX   32  /* more controllers wait for the next look */

/*
 * The modaliases of the PCI functions below @sys ("/sys") that may have disks, i.e. storage controllers
 * (class 01) and Fibre Channel (class 0c04), and have no driver; how many.
 */
size_t module_extra_wanted(const char *sys, char ret[MODULE_EXTRA_MAX][MODULE_ALIAS_BYTES]);

/*
 * Unpacks @archive (palette/drivers.img, docs/FORMATS.md) over the root, writes MODULES_EXTRA_PATH and
 * reads the index of @modules anew. Nobody else may use it meanwhile.
 */
int module_extra_unpack(struct modules *modules, const char *archive, struct fail *why);

#endif
