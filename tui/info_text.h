/* SPDX-License-Identifier: Apache-2.0 */
/* info_text - Device Info: as a page, as text to print, as JSON. Pure. */
#ifndef PALETTE_TUI_INFO_TEXT_H
#define PALETTE_TUI_INFO_TEXT_H

#include "host.h"

#define INFO_TEXT_BYTES (64 * 1024)

struct device {
	struct host_public facts;
	struct host_info info;
	struct host_adapters adapters;
};

/*
 * For a screen of @columns and, where that is possible, no more than @rows lines; @rows 0: of any
 * length. Returns @buf.
 */
const char *info_text(const struct device *device, size_t columns, size_t rows, char *buf,
		      size_t size);

/* One object, indented, with a newline at the end. Returns @buf. */
const char *info_json(const struct device *device, char *buf, size_t size);

/* "https://192.0.2.5:5080" of an address with prefix. Returns @buf. */
const char *info_url(const char *address, uint32_t port, char *buf, size_t size);

#endif
