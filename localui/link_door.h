/* SPDX-License-Identifier: Apache-2.0 */
/* link_door - connections of linked hosts go to palette-linkd. */
#ifndef PALETTE_LOCALUI_LINK_DOOR_H
#define PALETTE_LOCALUI_LINK_DOOR_H

struct server;

/*
 * Gives palette-linkd a copy of @fd, whose first bytes were only looked at. Never waits: where it does
 * not take it, the connection is lost, and whoever made it tries again. @fd stays the caller's.
 */
void link_door_send(struct server *s, int fd);
void link_door_stop(struct server *s);

#endif
