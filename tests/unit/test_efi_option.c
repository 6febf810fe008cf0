/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "installer/efi_option.h"

static const struct efi_place place = {
	.partition = 2,
	.start_lba = 0x1000,
	.size_lba = 0x100000,
	.uuid = { 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc,
		  0xdd, 0xee, 0xff },
};

TEST(an_entry_is_what_efibootmgr_would_write)
{
	static const uint8_t head[] = {
		1,   0,	  0,   0, /* active */
		94,  0,		  /* length of the device path: 42 + 48 + 4 */
		'P', 0,	  'a', 0,   'l', 0,   'e', 0,	't', 0,	  't', 0, 'e',
		0,   ' ', 0,   'E', 0,	 'd', 0,   'g', 0,   'e', 0,   0, 0,
	};
	static const uint8_t drive[] = {
		4,    1,    42,	  0,			     /* hard drive */
		2,    0,    0,	  0,			     /* partition 2 */
		0,    0x10, 0,	  0,	0,    0,    0,	  0, /* start */
		0,    0,    0x10, 0,	0,    0,    0,	  0, /* size */
		0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88,
		0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, /* its GUID, first fields little-endian */
		2,    2,				  /* GPT, GUID */
		4,    4,    56,	  0,			  /* file path */
		'\\', 0,    'E',  0,	'F',  0,    'I',  0,
	};
	static const uint8_t end[] = { 'e', 0, 'f', 0, 'i', 0, 0, 0, 0x7f, 0xff, 4, 0 };
	uint8_t buf[EFI_OPTION_BYTES_MAX];
	size_t n = efi_option_encode(&place, buf);
	size_t file_bytes = 4 + 2 * (strlen(EFI_OPTION_PATH) + 1);

	CHECK_INT(n, sizeof(head) + 42 + file_bytes + 4);
	CHECK_INT(buf[4], 42 + file_bytes + 4);
	CHECK_MEM(buf, head, 4);
	CHECK_MEM(buf + 6, head + 6, sizeof(head) - 6);
	CHECK_MEM(buf + sizeof(head), drive, 42 + 2);
	CHECK_INT(buf[sizeof(head) + 44], file_bytes);
	CHECK_MEM(buf + sizeof(head) + 46, drive + 46, sizeof(drive) - 46);
	CHECK_MEM(buf + n - sizeof(end), end, sizeof(end));
}

TEST(an_entry_of_ours_is_known_again_and_others_are_not)
{
	uint8_t buf[EFI_OPTION_BYTES_MAX];
	size_t n = efi_option_encode(&place, buf);

	CHECK(efi_option_is_ours(buf, n));
	CHECK(!efi_option_is_ours(buf, 20));
	CHECK(!efi_option_is_ours(buf, n - 30)); /* cut in the file's name */
	CHECK(!efi_option_is_ours(buf, 0));
	buf[6] = 'p';
	CHECK(!efi_option_is_ours(buf, n));
}

TEST(the_new_entry_comes_first_and_the_order_of_the_others_stays)
{
	static const uint16_t want[] = { 7, 0, 2, 4 };
	uint16_t order[8] = { 0, 1, 2, 7, 3, 4 };
	const uint16_t gone[] = { 1, 3 };

	CHECK_INT(efi_order_put_first(order, 6, 7, gone, 2), 4);
	CHECK_MEM(order, want, sizeof(want));
	CHECK_INT(efi_order_put_first(order, 0, 9, gone, 2), 1);
	CHECK_INT(order[0], 9);
	/* A number that was ours and is taken again is kept, first. */
	order[0] = 1;
	CHECK_INT(efi_order_put_first(order, 1, 1, gone, 2), 1);
	CHECK_INT(order[0], 1);
}
