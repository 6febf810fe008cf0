/* SPDX-License-Identifier: Apache-2.0 */
#include "verity.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/cleanup.h"

#define SECTORS_A_BLOCK (VERITY_BLOCK_BYTES / 512)
#define TABLE_BYTES	512

/* What DM_TABLE_LOAD takes: the header, one target, its line. */
struct request {
	struct dm_ioctl dm;
	struct dm_target_spec target;
	char table[TABLE_BYTES];
};

static void request_init(struct request *request, const char *name, unsigned flags)
{
	*request = (struct request){
		.dm = {
			.version = { DM_VERSION_MAJOR, 0, 0 },
			.data_size = sizeof(*request),
			.data_start = sizeof(request->dm),
			.flags = flags,
		},
	};
	snprintf(request->dm.name, sizeof(request->dm.name), "%s", name);
}

static int load_table(int control, const char *device, const char *name,
		      const struct image_conf *image, struct fail *why)
{
	struct request request;

	request_init(&request, name, DM_READONLY_FLAG);
	request.dm.target_count = 1;
	request.target.length = image->data_blocks * SECTORS_A_BLOCK;
	snprintf(request.target.target_type, sizeof(request.target.target_type), "verity");
	if (verity_table(device, image, request.table, sizeof(request.table)) < 0)
		return fail_with(why, EINVAL, "the verity table for %s is too long", device);
	if (ioctl(control, DM_TABLE_LOAD, &request) == 0)
		return 0;
	if (errno == E2BIG)
		return fail_with(why, E2BIG, "%s is smaller than the system image of %ju blocks",
				 device, (uintmax_t)image->data_blocks);
	return fail_errno(why, errno, "map %s with verity (%ju blocks, root hash %.16s...)", device,
			  (uintmax_t)image->data_blocks, image->root_hash);
}

int verity_open(const char *device, const char *name, const struct image_conf *image,
		char *ret_path, size_t size, struct fail *why)
{
	autoclose int control = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
	struct request request;
	unsigned node;
	int r;

	if (control < 0)
		return fail_errno(why, errno, "open /dev/mapper/control");
	request_init(&request, name, 0);
	if (ioctl(control, DM_DEV_CREATE, &request) < 0)
		return fail_errno(why, errno, "make the mapped device %s", name);
	node = minor(request.dm.dev);
	r = load_table(control, device, name, image, why);
	if (r == 0) {
		request_init(&request, name, 0);
		/* Without the suspend flag this call activates the table. */
		if (ioctl(control, DM_DEV_SUSPEND, &request) < 0)
			r = fail_errno(why, errno, "activate the mapped device %s", name);
	}
	if (r < 0) {
		request_init(&request, name, 0);
		(void)ioctl(control, DM_DEV_REMOVE, &request);
		return r;
	}
	snprintf(ret_path, size, "/dev/dm-%u", node);
	return 0;
}
