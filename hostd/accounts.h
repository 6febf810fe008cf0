/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accounts - the local accounts, and making one an administrator of the host.
 *
 * Read from the site's own passwd and group files: an administrator is who stands in the group
 * palette-admin and has an account. Changed by the shadow tools.
 */
#ifndef PALETTE_ACCOUNTS_H
#define PALETTE_ACCOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "policy.h"
#include "site.h"

#define ACCOUNTS_MAX 64

struct account {
	char user[USER_NAME_MAX + 1];
	uid_t uid;
	gid_t gid;
	char home[256];
	bool locked; /* no password opens it */
};

/* False: there is none. @ret may be NULL. Does not fill @locked. */
bool account_find(const struct site *site, const char *user, struct account *ret);
bool account_find_uid(const struct site *site, uid_t uid, struct account *ret);

/* -REFUSED: an account or a group has the name. What account_create_first() left half-made is free. */
int account_check_free(const struct site *site, const char *user, struct fail *why);

bool account_is_admin(const struct site *site, const char *user);

/* The administrators; returns how many, at most ACCOUNTS_MAX. @ret may be NULL. */
size_t account_admins(const struct site *site, struct account ret[ACCOUNTS_MAX]);

/* As root only: whether a password opens the account. */
bool account_is_locked(const struct site *site, const char *user);

/* Whether an earlier run of account_create_first() was cut before it had finished @user. */
bool account_is_unfinished(const struct site *site, const char *user);

/*
 * Makes the first administrator with @hash as password. What an earlier run left half-made is done
 * again. -EEXIST: there is an administrator; -REFUSED: the name is taken.
 */
int account_create_first(const struct site *site, const char *user, const char *hash,
			 struct fail *why);

/*
 * What a power cut left of account_create_first(): an administrator is finished, any other account that
 * it had begun is removed.
 */
int account_repair(const struct site *site, struct fail *why);

int account_set_hash(const struct site *site, const char *user, const char *hash, struct fail *why);

/* ~/.ssh/authorized_keys: one line a key. Written as the user's own, never through a symlink. */
int account_set_ssh_keys(const struct site *site, const struct account *account, const char *text,
			 struct fail *why);
int account_get_ssh_keys(const struct site *site, const struct account *account, char **ret,
			 struct fail *why);

#endif
