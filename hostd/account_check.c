/* SPDX-License-Identifier: Apache-2.0 */
#include "account_check.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "encode.h"
#include "lib/cleanup.h"
#include "lib/utf8.h"
#include "refuse.h"

/*
 * Names that other systems of this kind or Debian's packages use for accounts of their own: one of
 * them must not become a person, even where the package is not on this image.
 */
static const char *const reserved[] = {
	"root",
	"kairos",
	"admin",
	"administrator",
	"daemon",
	"bin",
	"sys",
	"sync",
	"games",
	"man",
	"lp",
	"mail",
	"news",
	"uucp",
	"proxy",
	"www-data",
	"backup",
	"list",
	"irc",
	"gnats",
	"nobody",
	"nogroup",
	"messagebus",
	"sshd",
	"_apt",
	"polkitd",
	"syslog",
	"tss",
	"uuidd",
	"tcpdump",
	"_chrony",
	"ntp",
	"sudo",
	"adm",
	"wheel",
	"palette-admin",
	"halt",
	"reboot",
	"shutdown",
	"operator",
	"palette-localui",
	"syncthing",
};

static const char *const reserved_prefixes[] = { "systemd-", "palette-" };

static bool is_reserved(const char *user)
{
	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++)
		if (strcmp(user, reserved[i]) == 0)
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(reserved_prefixes); i++)
		if (strncmp(user, reserved_prefixes[i], strlen(reserved_prefixes[i])) == 0)
			return true;
	return false;
}

int account_check_user(const char *user, struct fail *why)
{
	static const char *const first = "abcdefghijklmnopqrstuvwxyz_";
	static const char *const rest = "abcdefghijklmnopqrstuvwxyz0123456789_-";

	if (!*user)
		return refuse(why, FIELD_USER, NULL, "is empty");
	if (utf8_length(user) > USER_NAME_MAX)
		return refuse(why, FIELD_USER, user, "has %zu characters, at most %d are allowed",
			      utf8_length(user), USER_NAME_MAX);
	if (!strchr(first, *user))
		return refuse(why, FIELD_USER, user, "must start with one of a-z and _");
	if (user[strspn(user, rest)])
		return refuse(why, FIELD_USER, user, "may have a-z, 0-9, _ and - only");
	if (is_reserved(user))
		return refuse(why, FIELD_USER, user, "is a name of the system; take another one");
	return 0;
}

static bool contains_no_case(const char *text, const char *part)
{
	size_t n = strlen(part);

	for (; *text; text++)
		if (strncasecmp(text, part, n) == 0)
			return true;
	return false;
}

static bool has_user_name(const char *password, const char *user)
{
	char backwards[USER_NAME_MAX + 1] = "";
	size_t n = strlen(user);

	/* A name of one or two letters is in every other password: only the whole one counts. */
	if (n == 0 || n > USER_NAME_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		backwards[i] = user[n - 1 - i];
	if (n < 3)
		return strcasecmp(password, user) == 0 || strcasecmp(password, backwards) == 0;
	return contains_no_case(password, user) || contains_no_case(password, backwards);
}

static unsigned classes_of(const char *password)
{
	bool lower = false, upper = false, digit = false, other = false;

	for (const unsigned char *p = (const unsigned char *)password; *p; p++) {
		lower |= islower(*p) != 0;
		upper |= isupper(*p) != 0;
		digit |= isdigit(*p) != 0;
		other |= !isalnum(*p);
	}
	return (unsigned)lower + upper + digit + other;
}

static unsigned longest_run(const char *password)
{
	unsigned longest = 0, run = 0;

	for (const char *p = password; *p; p++) {
		run = p > password && *p == p[-1] ? run + 1 : 1;
		if (run > longest)
			longest = run;
	}
	return longest;
}

int account_check_password(const char *user, const char *password,
			   const struct password_policy *policy, struct fail *why)
{
	size_t length = utf8_length(password);

	if (length < policy->min_length)
		return refuse(why, FIELD_PASSWORD, NULL,
			      "has %zu characters, at least %u are needed", length,
			      policy->min_length);
	if (strlen(password) > PASSWORD_BYTES_MAX)
		return refuse(why, FIELD_PASSWORD, NULL, "has %zu bytes, at most %d are allowed",
			      strlen(password), PASSWORD_BYTES_MAX);
	if (!utf8_is_plain(password))
		return refuse(why, FIELD_PASSWORD, NULL,
			      "has a control character, which a console cannot type");
	if (policy->refuse_user_name && has_user_name(password, user))
		return refuse(why, FIELD_PASSWORD, NULL,
			      "has the user name in it, forwards or backwards");
	if (classes_of(password) < policy->min_classes)
		return refuse(why, FIELD_PASSWORD, NULL,
			      "has %u of a-z, A-Z, 0-9 and other characters, %u are needed",
			      classes_of(password), policy->min_classes);
	if (policy->max_repeat && longest_run(password) > policy->max_repeat)
		return refuse(why, FIELD_PASSWORD, NULL,
			      "has one character %u times in a row, at most %u are allowed",
			      longest_run(password), policy->max_repeat);
	return 0;
}

int account_check_hash(const char *hash, struct fail *why)
{
	static const char *const kinds[] = { "$y$", "$gy$", "$7$", "$6$", "$2b$", "$2y$" };
	bool known = false;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		known |= strncmp(hash, kinds[i], strlen(kinds[i])) == 0;
	if (!known)
		return refuse(why, FIELD_PASSWORD, NULL,
			      "its hash is none of yescrypt, scrypt, SHA-512 and bcrypt "
			      "($y$, $gy$, $7$, $6$, $2b$)");
	if (strlen(hash) < 20 || strlen(hash) > 384)
		return refuse(why, FIELD_PASSWORD, NULL,
			      "its hash has %zu characters, which is no hash", strlen(hash));
	for (const char *p = hash; *p; p++)
		if (!isgraph((unsigned char)*p) || strchr(":*!;\\", *p))
			return refuse(why, FIELD_PASSWORD, NULL,
				      "its hash has a character that no hash has");
	return 0;
}

int account_check_ssh_key(const char *line, struct fail *why)
{
	static const char *const types[] = {
		"ssh-ed25519",
		"ssh-rsa",
		"ecdsa-sha2-nistp256",
		"ecdsa-sha2-nistp384",
		"ecdsa-sha2-nistp521",
		"sk-ssh-ed25519@openssh.com",
		"sk-ecdsa-sha2-nistp256@openssh.com",
	};
	size_t type_bytes = strcspn(line, " ");
	autofree unsigned char *blob = NULL;
	const char *data;
	size_t n = 0;

	if (strlen(line) > 8192 || !utf8_is_plain(line))
		return refuse(why, FIELD_SSH_KEY, line, "is no line of authorized_keys");
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (strlen(types[i]) != type_bytes || strncmp(line, types[i], type_bytes) != 0)
			continue;
		data = line + type_bytes + strspn(line + type_bytes, " ");
		blob = base64_decode(data, strcspn(data, " "), &n);
		/* The blob starts with its own type: 4 bytes of length, then the name. */
		if (!blob || n < 4 + type_bytes || blob[3] != type_bytes ||
		    memcmp(blob + 4, types[i], type_bytes) != 0)
			return refuse(why, FIELD_SSH_KEY, line,
				      "is damaged: its base64 part is not a key of that type");
		return 0;
	}
	return refuse(why, FIELD_SSH_KEY, line, "must start with a key type such as ssh-ed25519");
}
