/* SPDX-License-Identifier: Apache-2.0 */
/* view - the status screen as 24 lines of text. Pure. */
#ifndef PALETTE_STATUS_VIEW_H
#define PALETTE_STATUS_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#define VIEW_ROWS	24
#define VIEW_COLUMNS	80
#define VIEW_ADAPTERS	16
#define VIEW_ADDRESSES	4
#define VIEW_TEXT_BYTES (VIEW_ROWS * (VIEW_COLUMNS + 1) + 1)

struct view_adapter {
	char name[16];
	char mac[18];
	bool link;
	char addresses[VIEW_ADDRESSES][52]; /* "10.0.2.15/24" */
	size_t n_addresses;
};

struct view {
	char host_name[65];
	char version[64];
	char slot; /* '\0': not started from one */
	bool account_exists;
	struct view_adapter adapters[VIEW_ADAPTERS];
	size_t n_adapters;
};

/* At most VIEW_ROWS lines of at most VIEW_COLUMNS letters, each ended by \n. */
void view_print(const struct view *view, char text[static VIEW_TEXT_BYTES]);

#endif
