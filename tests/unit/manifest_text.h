/* SPDX-License-Identifier: Apache-2.0 */
/* manifest_text - a manifest that is right, for tests of it and of what stands on it. */
#ifndef PALETTE_TEST_MANIFEST_TEXT_H
#define PALETTE_TEST_MANIFEST_TEXT_H

#define HEX64 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

#define MANIFEST_KEYS                                                                              \
	"# a comment\n"                                                                            \
	"version = 2026.11.23-1a2b3c4   # and one behind a value\n"                                \
	"medium-id = 0123456789abcdef\n"                                                           \
	"os-root-hash = " HEX64 "\n"                                                               \
	"os-salt = " HEX64 "\n"                                                                    \
	"os-data-blocks = 90112\n"
#define MANIFEST_OS_LINE "file = " HEX64 " 372244480 palette/os.img\n"
#define MANIFEST_FILES                                                                             \
	"file = " HEX64 " 12170000 boot/vmlinuz\n"                                                 \
	"file = " HEX64 " 6500000 boot/initrd.img\n"                                               \
	"file = " HEX64 " 512 palette/boot.img\n"                                                  \
	"file = " HEX64 " 33000 palette/core.img\n"                                                \
	"file = " HEX64 " 1000000 palette/efi/BOOTX64.EFI\n"                                       \
	"file = " HEX64 " 2500000 palette/efi/grubx64.efi\n"                                       \
	"file = " HEX64 " 850000 palette/efi/mmx64.efi\n"                                          \
	"file = " HEX64 " 3000 palette/disk-grub.cfg\n"
#define MANIFEST_TEXT MANIFEST_KEYS MANIFEST_OS_LINE MANIFEST_FILES

#endif
