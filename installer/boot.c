/* SPDX-License-Identifier: Apache-2.0 */
#include "boot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "boot_code.h"
#include "lib/cleanup.h"
#include "lib/memory.h"

static uint64_t core_sector(const struct plan *plan)
{
	return plan->parts[PLAN_BIOS].start_bytes / BOOT_SECTOR_BYTES;
}

static int write_and_compare(struct target *target, const uint8_t *data, size_t bytes,
			     uint64_t offset, const char *what, struct fail *why)
{
	autofree uint8_t *got = xmalloc(bytes);
	int r;

	r = target_write(target, data, bytes, offset, why);
	if (r == 0)
		r = target_flush(target, why);
	if (r < 0)
		return r;
	target_forget(target);
	r = target_read(target, got, bytes, offset, why);
	if (r < 0)
		return r;
	if (memcmp(got, data, bytes) != 0)
		return fail_with(why, EBADMSG, "%s on %s is not what was written", what,
				 target->path);
	return 0;
}

int boot_write_core(const struct plan *plan, const struct medium *medium, struct target *target,
		    struct fail *why)
{
	autofree uint8_t *core = NULL;
	size_t bytes;
	int r;

	r = medium_load(medium, MANIFEST_CORE, &core, &bytes, why);
	if (r == 0)
		r = boot_code_patch_core(core, bytes, core_sector(plan), why);
	if (r == 0)
		r = write_and_compare(target, core, bytes, plan->parts[PLAN_BIOS].start_bytes,
				      "GRUB's core image", why);
	return r;
}

int boot_write_sector(const struct plan *plan, const struct medium *medium, struct target *target,
		      struct fail *why)
{
	autofree uint8_t *boot = NULL;
	uint8_t sector[BOOT_SECTOR_BYTES];
	size_t bytes;
	int r;

	r = medium_load(medium, MANIFEST_BOOT, &boot, &bytes, why);
	if (r == 0)
		r = target_read(target, sector, sizeof(sector), 0, why);
	if (r == 0)
		r = boot_code_patch_sector(boot, bytes, core_sector(plan), plan->active, sector,
					   why);
	if (r == 0)
		r = write_and_compare(target, sector, sizeof(sector), 0, "the boot sector", why);
	return r;
}
