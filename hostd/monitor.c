/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor.h"

#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>

#include "lib/log.h"
#include "names.h"
#include "netlink.h"

/* A lease is an address, a route and a link change within some ms: one signal for all. */
#define GATHER_USEC 200000

static int on_gathered(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	hostd_emit(userdata, HOSTD_NETWORK, "AdaptersChanged");
	return 0;
}

static int on_netlink(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct hostd *h = userdata;
	int enabled = SD_EVENT_OFF;

	(void)source;
	(void)events;
	if (!netlink_drain(fd))
		return 0;
	if (h->news_timer && sd_event_source_get_enabled(h->news_timer, &enabled) >= 0 &&
	    enabled != SD_EVENT_OFF)
		return 0;
	if (!h->news_timer)
		return sd_event_add_time_relative(h->event, &h->news_timer, CLOCK_MONOTONIC,
						  GATHER_USEC, 0, on_gathered, h);
	(void)sd_event_source_set_time_relative(h->news_timer, GATHER_USEC);
	return sd_event_source_set_enabled(h->news_timer, SD_EVENT_ONESHOT);
}

/* resolved replaces its resolv.conf by a rename. */
static int on_resolv_conf(sd_event_source *source, const struct inotify_event *event,
			  void *userdata)
{
	(void)source;
	if (event->len && strcmp(event->name, strrchr(RESOLV_CONF, '/') + 1) == 0)
		hostd_emit(userdata, HOSTD_NETWORK, "DnsChanged");
	return 0;
}

int monitor_start(struct hostd *h, struct fail *why)
{
	sd_event_source *source = NULL;
	int fd = netlink_watch(why);
	int r;

	if (fd < 0)
		return fd;
	r = sd_event_add_io(h->event, &source, fd, EPOLLIN, on_netlink, h);
	if (r >= 0)
		r = sd_event_source_set_io_fd_own(source, 1);
	if (r >= 0)
		r = sd_event_source_set_floating(source, 1);
	sd_event_source_unref(source);
	if (r < 0)
		return fail_errno(why, -r, "watch the network adapters");
	return 0;
}

void monitor_dns(struct hostd *h)
{
	struct site_path dir = site_path(&h->site, RESOLV_CONF);
	int r;

	*strrchr(dir.s, '/') = '\0';
	/* Without resolved there is no such directory, and nothing to watch. */
	r = sd_event_add_inotify(h->event, NULL, dir.s, IN_MOVED_TO | IN_CLOSE_WRITE,
				 on_resolv_conf, h);
	if (r < 0)
		log_warn("changes of DNS are not watched: %s: %s", dir.s, strerror(-r));
	hostd_emit(h, HOSTD_NETWORK, "DnsChanged");
}
