/* SPDX-License-Identifier: Apache-2.0 */
#include "efi_option.h"

#include <assert.h>
#include <string.h>

#define LOAD_OPTION_ACTIVE 1
#define NODE_MEDIA	   4
#define NODE_HARD_DRIVE	   1
#define NODE_FILE_PATH	   4
#define HARD_DRIVE_BYTES   42
#define FORMAT_GPT	   2
#define SIGNATURE_GUID	   2

struct writer {
	uint8_t *at;
};

static void put(struct writer *out, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		*out->at++ = (uint8_t)(value >> (8 * i));
}

/* ASCII as UTF-16, with its NUL. */
static void put_text(struct writer *out, const char *text)
{
	do
		put(out, (uint8_t)*text, 2);
	while (*text++);
}

static size_t text_bytes(const char *text)
{
	return 2 * (strlen(text) + 1);
}

/* The first three fields of a GUID are little-endian in memory, its text is not. */
static void put_guid(struct writer *out, const uint8_t uuid[16])
{
	static const uint8_t order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };

	for (size_t i = 0; i < 16; i++)
		put(out, uuid[order[i]], 1);
}

size_t efi_option_encode(const struct efi_place *place, uint8_t buf[EFI_OPTION_BYTES_MAX])
{
	struct writer out = { .at = buf };
	size_t file_bytes = 4 + text_bytes(EFI_OPTION_PATH);

	put(&out, LOAD_OPTION_ACTIVE, 4);
	put(&out, HARD_DRIVE_BYTES + file_bytes + 4, 2);
	put_text(&out, EFI_OPTION_NAME);

	put(&out, NODE_MEDIA, 1);
	put(&out, NODE_HARD_DRIVE, 1);
	put(&out, HARD_DRIVE_BYTES, 2);
	put(&out, place->partition, 4);
	put(&out, place->start_lba, 8);
	put(&out, place->size_lba, 8);
	put_guid(&out, place->uuid);
	put(&out, FORMAT_GPT, 1);
	put(&out, SIGNATURE_GUID, 1);

	put(&out, NODE_MEDIA, 1);
	put(&out, NODE_FILE_PATH, 1);
	put(&out, file_bytes, 2);
	put_text(&out, EFI_OPTION_PATH);

	put(&out, 0x0004ff7f, 4); /* end of the device path */
	assert((size_t)(out.at - buf) <= EFI_OPTION_BYTES_MAX);
	return (size_t)(out.at - buf);
}

/* Does @data begin with @text in UTF-16, NUL included? */
static bool starts_with(const uint8_t *data, size_t bytes, const char *text)
{
	if (bytes < text_bytes(text))
		return false;
	for (size_t i = 0; i <= strlen(text); i++) {
		if (data[2 * i] != (uint8_t)text[i] || data[2 * i + 1] != 0)
			return false;
	}
	return true;
}

bool efi_option_is_ours(const uint8_t *option, size_t bytes)
{
	if (bytes < 6 || !starts_with(option + 6, bytes - 6, EFI_OPTION_NAME))
		return false;
	for (size_t at = 6 + text_bytes(EFI_OPTION_NAME); at < bytes; at++) {
		if (starts_with(option + at, bytes - at, EFI_OPTION_PATH))
			return true;
	}
	return false;
}

static bool contains(const uint16_t *ids, size_t n, uint16_t id)
{
	for (size_t i = 0; i < n; i++) {
		if (ids[i] == id)
			return true;
	}
	return false;
}

size_t efi_order_put_first(uint16_t *order, size_t n, uint16_t id, const uint16_t *gone,
			   size_t n_gone)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (order[i] != id && !contains(gone, n_gone, order[i]))
			order[kept++] = order[i];
	}
	memmove(order + 1, order, kept * sizeof(*order));
	order[0] = id;
	return kept + 1;
}
