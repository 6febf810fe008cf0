/* SPDX-License-Identifier: Apache-2.0 */
/*
 * account_check - which user names and passwords are taken. Pure.
 *
 * The dictionary and the other measures of pwquality are in quality.c; whether a name exists is in
 * accounts.c.
 */
#ifndef PALETTE_ACCOUNT_CHECK_H
#define PALETTE_ACCOUNT_CHECK_H

#include <stdbool.h>

#include "lib/fail.h"

#define USER_NAME_MAX	   32
#define PASSWORD_BYTES_MAX 255 /* PAM takes up to 511, some consoles and clients less */

struct password_policy {
	unsigned min_length;	/* characters, not bytes */
	unsigned min_classes;	/* of lower case, upper case, digits, others; 0: any */
	unsigned max_repeat;	/* the same character in a row; 0: any */
	bool refuse_user_name;	/* the user name, forwards or backwards, in any case, inside it */
	bool refuse_dictionary; /* pwquality's dictionary (quality.c) */
};

#define PASSWORD_POLICY_DEFAULT                                                                    \
	{ .min_length = 8, .refuse_user_name = true, .refuse_dictionary = true }

/* [a-z_][a-z0-9_-]{0,31}, and no name that means something else to the system or to people. */
int account_check_user(const char *user, struct fail *why);

/* Never shows the password. */
int account_check_password(const char *user, const char *password,
			   const struct password_policy *policy, struct fail *why);

/* The crypt(5) hashes a settings file may hold: yescrypt, gost-yescrypt, scrypt, SHA-512, bcrypt. */
int account_check_hash(const char *hash, struct fail *why);

/* One line of authorized_keys: a key type OpenSSH takes, its base64 and a comment; no options. */
int account_check_ssh_key(const char *line, struct fail *why);

#endif
