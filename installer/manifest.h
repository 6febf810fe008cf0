/* SPDX-License-Identifier: Apache-2.0 */
/*
 * manifest - palette/manifest of the medium: what the image is and the digest of each of its files.
 *
 * Pure and strict: what is not understood is refused, with the line's number. See docs/FORMATS.md.
 */
#ifndef PALETTE_MANIFEST_H
#define PALETTE_MANIFEST_H

#include <stddef.h>
#include <stdint.h>

#include "lib/fail.h"

#define MANIFEST_FILES_MAX 24
#define MANIFEST_BYTES_MAX 65536
#define MANIFEST_BLOCK	   4096 /* os.img is a multiple of this */
#define SHA256_BYTES	   32

/* The files every medium has. */
#define MANIFEST_OS	  "palette/os.img"
#define MANIFEST_KERNEL	  "boot/vmlinuz"
#define MANIFEST_INITRD	  "boot/initrd.img"
#define MANIFEST_BOOT	  "palette/boot.img"
#define MANIFEST_CORE	  "palette/core.img"
#define MANIFEST_SHIM	  "palette/efi/BOOTX64.EFI"
#define MANIFEST_GRUB	  "palette/efi/grubx64.efi"
#define MANIFEST_MOK	  "palette/efi/mmx64.efi"
#define MANIFEST_GRUB_CFG "palette/disk-grub.cfg"

/* "<sha256> <offset> <path>" of each MiB of the other files, a line each; only for telling where damage is. */
#define MANIFEST_CHUNKS "palette/chunks"

/* The revocation levels of the loaders, a line each: "grubx64.efi: sbat,1; grub,5". */
#define MANIFEST_SBAT "palette/sbat"

/* A medium built without the firmware packages has none. */
#define MANIFEST_MICROCODE "palette/microcode.img"
#define MANIFEST_DRIVERS   "palette/drivers.img"

struct manifest_file {
	char path[256]; /* relative to the medium; no "..", no leading '/' */
	uint64_t bytes;
	uint8_t sha256[SHA256_BYTES];
};

struct manifest {
	char version[64];
	char medium_id[17];    /* 16 lower-case hex digits */
	char os_root_hash[65]; /* lower-case hex */
	char os_salt[65];
	uint64_t os_data_blocks;
	struct manifest_file files[MANIFEST_FILES_MAX];
	size_t n_files;
	char signed_by
		[17]; /* name of the key; empty: not signed. Not from the text: medium_open() */
};

/*
 * -EINVAL: a line that is wrong, a key or a file that is missing or there twice, an os.img whose size
 * does not fit the other figures. @ret is set on success only.
 */
int manifest_parse(const char *text, size_t bytes, struct manifest *ret, struct fail *why);

/* 64 lower-case hex digits; decimal digits up to INT64_MAX. -EINVAL quotes @text. */
int manifest_parse_digest(const char *text, uint8_t ret[SHA256_BYTES], struct fail *why);
int manifest_parse_bytes(const char *text, uint64_t *ret, struct fail *why);

/* NULL when the manifest has no such file. Borrowed from @manifest. */
const struct manifest_file *manifest_find(const struct manifest *manifest, const char *path);

#endif
