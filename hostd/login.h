/* SPDX-License-Identifier: Apache-2.0 */
/* login - passwords: checking one by PAM, making a hash of one, its strength. Runs in jobs. */
#ifndef PALETTE_LOGIN_H
#define PALETTE_LOGIN_H

#include "account_check.h"
#include "site.h"

#define BAD_LOGIN  EKEYREJECTED
#define HASH_BYTES 400

/*
 * Whether @password opens the administrator's account @user: -BAD_LOGIN where not, after the work of
 * one hash also for users that do not exist, are locked or are no administrators.
 */
int login_check(const struct site *site, const char *user, const char *password, struct fail *why);

/* A yescrypt hash with a fresh salt. */
int login_hash(const char *password, char hash[HASH_BYTES], struct fail *why);

/* The dictionary and similarity checks of pwquality; @old is NULL for a first password. */
int login_quality(const struct site *site, const char *user, const char *password, const char *old,
		  const struct password_policy *policy, struct fail *why);

#endif
