/* SPDX-License-Identifier: Apache-2.0 */
#include "ethtool.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "lib/cleanup.h"
#include "netlink.h"

/* Words of each of the three link mode masks; the kernel of today needs 4. */
#define MASK_WORDS_MAX 32

static int ask(int fd, const char *name, void *command)
{
	struct ifreq request = { .ifr_data = command };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return ioctl(fd, SIOCETHTOOL, &request);
}

static unsigned speed_of(int fd, const char *name)
{
	struct {
		struct ethtool_link_settings link;
		__u32 masks[3 * MASK_WORDS_MAX];
	} settings = { .link.cmd = ETHTOOL_GLINKSETTINGS };

	/* The first call tells how many words the masks have, as a negative number. */
	if (ask(fd, name, &settings) < 0 || settings.link.link_mode_masks_nwords >= 0 ||
	    settings.link.link_mode_masks_nwords < -MASK_WORDS_MAX)
		return 0;
	settings.link.cmd = ETHTOOL_GLINKSETTINGS;
	settings.link.link_mode_masks_nwords = (__s8)-settings.link.link_mode_masks_nwords;
	if (ask(fd, name, &settings) < 0 || settings.link.speed == (__u32)SPEED_UNKNOWN)
		return 0;
	return settings.link.speed;
}

void ethtool_read(struct link *link)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	autoclose int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || !link->ethernet)
		return;
	if (ask(fd, link->name, &info) == 0)
		snprintf(link->driver, sizeof(link->driver), "%s", info.driver);
	link->speed_mbit = speed_of(fd, link->name);
}

int ethtool_blink(const char *name, unsigned seconds, struct fail *why)
{
	struct ethtool_value command = { .cmd = ETHTOOL_PHYS_ID, .data = seconds };
	autoclose int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return fail_errno(why, errno, "open a socket");
	if (ask(fd, name, &command) == 0)
		return 0;
	if (errno == EOPNOTSUPP)
		return fail_with(why, EOPNOTSUPP, "the driver of %s has no light to blink", name);
	return fail_errno(why, errno, "blink the light of %s", name);
}
