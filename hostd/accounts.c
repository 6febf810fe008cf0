/* SPDX-License-Identifier: Apache-2.0 */
/* Looking accounts up. */
#include "accounts.h"

#include <grp.h>
#include <pwd.h>
#include <shadow.h>
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"
#include "refuse.h"

#define ENTRY_BYTES 16384 /* a group of some hundred members */

static void fill(const struct passwd *pw, struct account *ret)
{
	if (!ret)
		return;
	memset(ret, 0, sizeof(*ret));
	snprintf(ret->user, sizeof(ret->user), "%s", pw->pw_name);
	snprintf(ret->home, sizeof(ret->home), "%s", pw->pw_dir);
	ret->uid = pw->pw_uid;
	ret->gid = pw->pw_gid;
}

/* By name, or by uid where @user is NULL. */
static bool find(const struct site *site, const char *user, uid_t uid, struct account *ret)
{
	autofclose FILE *f = fopen(site_path(site, "/etc/passwd").s, "re");
	char buf[ENTRY_BYTES];
	struct passwd entry, *pw;

	while (f && fgetpwent_r(f, &entry, buf, sizeof(buf), &pw) == 0) {
		if (user ? strcmp(pw->pw_name, user) != 0 : pw->pw_uid != uid)
			continue;
		fill(pw, ret);
		return true;
	}
	return false;
}

bool account_find(const struct site *site, const char *user, struct account *ret)
{
	return find(site, user, 0, ret);
}

bool account_find_uid(const struct site *site, uid_t uid, struct account *ret)
{
	return find(site, NULL, uid, ret);
}

static bool is_group(const struct site *site, const char *name)
{
	autofclose FILE *f = fopen(site_path(site, "/etc/group").s, "re");
	char buf[ENTRY_BYTES];
	struct group entry, *gr;

	while (f && fgetgrent_r(f, &entry, buf, sizeof(buf), &gr) == 0)
		if (strcmp(gr->gr_name, name) == 0)
			return true;
	return false;
}

int account_check_free(const struct site *site, const char *user, struct fail *why)
{
	if (account_is_unfinished(site, user))
		return 0;
	if (account_find(site, user, NULL))
		return refuse(why, FIELD_USER, user, "exists already; take another name");
	/* useradd makes a group of the account's name. */
	if (is_group(site, user))
		return refuse(why, FIELD_USER, user,
			      "is the name of a group of the system; take another name");
	return 0;
}

/* Calls @each for every name in the administrators' group until it returns true. */
static bool each_member(const struct site *site, bool (*each)(const char *user, void *arg),
			void *arg)
{
	autofclose FILE *f = fopen(site_path(site, "/etc/group").s, "re");
	char buf[ENTRY_BYTES];
	struct group entry, *gr;

	while (f && fgetgrent_r(f, &entry, buf, sizeof(buf), &gr) == 0) {
		if (strcmp(gr->gr_name, SITE_ADMIN_GROUP) != 0)
			continue;
		for (char **name = gr->gr_mem; *name; name++)
			if (each(*name, arg))
				return true;
	}
	return false;
}

static bool is_same(const char *user, void *arg)
{
	return strcmp(user, arg) == 0;
}

bool account_is_admin(const struct site *site, const char *user)
{
	return *user && each_member(site, is_same, (char *)user) && account_find(site, user, NULL);
}

struct admins {
	const struct site *site;
	struct account *ret;
	size_t n;
};

static bool add_admin(const char *user, void *arg)
{
	struct admins *admins = arg;

	if (account_find(admins->site, user, admins->ret ? &admins->ret[admins->n] : NULL))
		admins->n++;
	return admins->n == ACCOUNTS_MAX;
}

size_t account_admins(const struct site *site, struct account ret[ACCOUNTS_MAX])
{
	struct admins admins = { .site = site, .ret = ret };

	each_member(site, add_admin, &admins);
	for (size_t i = 0; ret && i < admins.n; i++)
		ret[i].locked = account_is_locked(site, ret[i].user);
	return admins.n;
}

bool account_is_locked(const struct site *site, const char *user)
{
	autofclose FILE *f = fopen(site_path(site, "/etc/shadow").s, "re");
	char buf[ENTRY_BYTES];
	struct spwd entry, *sp;

	while (f && fgetspent_r(f, &entry, buf, sizeof(buf), &sp) == 0)
		if (strcmp(sp->sp_namp, user) == 0)
			return !sp->sp_pwdp || strchr("!*", sp->sp_pwdp[0]) != NULL;
	return true;
}
