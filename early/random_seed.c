/* SPDX-License-Identifier: Apache-2.0 */
#include "random_seed.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/file.h"

#define SEED_BYTES	 512
#define SEED_BYTES_LEAST 32

/* As the kernel's header has it, with room for the bytes. */
struct entropy {
	struct rand_pool_info info;
	unsigned char bytes[SEED_BYTES];
};

_Static_assert(sizeof(struct rand_pool_info) == 2 * sizeof(int), "bytes follow the two counts");

static int take_seed(const char *path, struct entropy *ret, struct fail *why)
{
	autoclose int fd = open(path, O_RDWR | O_CLOEXEC);
	static const char used[SEED_BYTES];
	ssize_t n;
	int r;

	if (fd < 0)
		return errno == ENOENT ? 0 : fail_errno(why, errno, "open %s", path);
	n = read(fd, ret->bytes, sizeof(ret->bytes));
	if (n < SEED_BYTES_LEAST)
		return 0;
	/* Gone from the disk before it counts. */
	r = file_write_all(fd, used, (size_t)n, 0);
	if (r == 0 && (ftruncate(fd, 0) < 0 || fsync(fd) < 0))
		r = -errno;
	if (r < 0)
		return fail_errno(why, -r, "use up the random seed %s", path);
	ret->info.buf_size = (int)n;
	ret->info.entropy_count = (int)n * 8;
	return 1;
}

static int give(struct entropy *entropy, bool credit, struct fail *why)
{
	autoclose int fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);

	if (!credit)
		entropy->info.entropy_count = 0;
	if (fd < 0 || ioctl(fd, RNDADDENTROPY, entropy) < 0)
		return fail_errno(why, errno, "give the random seed to the kernel");
	return 0;
}

int random_seed_load(const char *path, bool credit, struct fail *why)
{
	struct entropy entropy = { 0 };
	unsigned char fresh[SEED_BYTES];
	int r = take_seed(path, &entropy, why);

	if (r > 0)
		r = give(&entropy, credit, why);
	explicit_bzero(&entropy, sizeof(entropy));
	if (r < 0)
		return r;
	/* Not before the kernel has enough: a seed of nothing would be credited at the next boot. */
	if (getrandom(fresh, sizeof(fresh), GRND_NONBLOCK) != sizeof(fresh))
		return 0;
	r = file_write_atomic(path, fresh, sizeof(fresh), 0600, why);
	explicit_bzero(fresh, sizeof(fresh));
	return r;
}
