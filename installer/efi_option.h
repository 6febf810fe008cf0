/* SPDX-License-Identifier: Apache-2.0 */
/*
 * efi_option - the bytes of a UEFI boot entry (EFI_LOAD_OPTION, UEFI 2.10 section 3.1.3) and of the
 * boot order. Pure.
 */
#ifndef PALETTE_EFI_OPTION_H
#define PALETTE_EFI_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EFI_OPTION_NAME	     "Palette Edge"
#define EFI_OPTION_PATH	     "\\EFI\\palette\\shimx64.efi"
#define EFI_OPTION_BYTES_MAX 512
#define EFI_ORDER_MAX	     256

struct efi_place {
	uint32_t partition; /* number, from 1 */
	uint64_t start_lba, size_lba;
	uint8_t uuid[16]; /* PARTUUID in the order of its text */
};

/* An active entry named EFI_OPTION_NAME that starts EFI_OPTION_PATH. Returns its length. */
size_t efi_option_encode(const struct efi_place *place, uint8_t buf[EFI_OPTION_BYTES_MAX]);

/* Is it an entry that some installation of ours made? By its name and its file. */
bool efi_option_is_ours(const uint8_t *option, size_t bytes);

/*
 * Puts @id first in @order, without it and without those of @gone elsewhere. @order has room for one
 * more than @n. Returns the new length.
 */
size_t efi_order_put_first(uint16_t *order, size_t n, uint16_t id, const uint16_t *gone,
			   size_t n_gone);

#endif
