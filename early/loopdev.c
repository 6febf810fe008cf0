/* SPDX-License-Identifier: Apache-2.0 */
#include "loopdev.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/cleanup.h"

int loopdev_open(const char *file, unsigned block_bytes, char *ret_path, size_t size,
		 struct fail *why)
{
	struct loop_config config = {
		.block_size = block_bytes,
		.info = { .lo_flags = LO_FLAGS_READ_ONLY },
	};
	autoclose int backing = open(file, O_RDONLY | O_CLOEXEC);
	autoclose int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	autoclose int loop = -1;
	int number;

	if (backing < 0)
		return fail_errno(why, errno, "open %s", file);
	if (control < 0)
		return fail_errno(why, errno, "open /dev/loop-control");
	number = ioctl(control, LOOP_CTL_GET_FREE);
	if (number < 0)
		return fail_errno(why, errno, "find a free loop device for %s", file);
	snprintf(ret_path, size, "/dev/loop%d", number);
	loop = open(ret_path, O_RDONLY | O_CLOEXEC);
	if (loop < 0)
		return fail_errno(why, errno, "open %s", ret_path);
	config.fd = (unsigned)backing;
	if (ioctl(loop, LOOP_CONFIGURE, &config) < 0)
		return fail_errno(why, errno, "attach %s to %s", file, ret_path);
	return 0;
}
