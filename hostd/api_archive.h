/* SPDX-License-Identifier: Apache-2.0 */
/* api_archive - the methods of Logs about the archive. */
#ifndef PALETTE_API_ARCHIVE_H
#define PALETTE_API_ARCHIVE_H

#include "hostd.h"

int method_archive(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_archive_status(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_open_archive(sd_bus_message *m, void *userdata, sd_bus_error *error);

#endif
