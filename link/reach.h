/* SPDX-License-Identifier: Apache-2.0 */
/* reach - can this host connect to another one's sync port? Tried again and again. */
#ifndef PALETTE_LINK_REACH_H
#define PALETTE_LINK_REACH_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#define REACH_GRACE_MS 20000 /* after the link was made: the other's engine is starting */
#define REACH_EVERY_MS 10000
#define REACH_GOOD_MS  60000 /* a firewall may be closed later */
#define REACH_WAIT_MS  3000

struct reach {
	int fd; /* of an attempt under way; 0 none */
	sd_event_source *io;
	uint64_t begun_ms, next_ms;
	bool good;
	char error[100]; /* of the last attempt; "" none failed yet */
};

/* An attempt, where it is time for one. The struct must stay where it is while one is under way. */
void reach_tick(struct reach *reach, sd_event *event, const char *address, unsigned port,
		uint64_t now_ms);
/* Tries anew: the other one was silent or changed. */
void reach_reset(struct reach *reach);
void reach_done(struct reach *reach);

#endif
