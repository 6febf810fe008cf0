/* SPDX-License-Identifier: Apache-2.0 */
#include "login.h"

#include <crypt.h>
#include <errno.h>
#include <pwquality.h>
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "accounts.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "refuse.h"

#define SERVICE_NAME "palette-hostd"

/* Costs what checking a real password costs; the result is of no use to anybody. */
static void spend_a_hash(const char *password)
{
	struct crypt_data *data = calloc(1, sizeof(*data));

	if (!data)
		return;
	(void)crypt_r(password, "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$", data);
	explicit_bzero(data, sizeof(*data));
	free(data);
}

/* Answers every question with the password and swallows what PAM says. */
static int converse(int n, const struct pam_message **messages, struct pam_response **ret,
		    void *arg)
{
	struct pam_response *answers;

	if (n <= 0 || n > PAM_MAX_NUM_MSG)
		return PAM_CONV_ERR;
	answers = calloc((size_t)n, sizeof(*answers));
	if (!answers)
		return PAM_BUF_ERR;
	for (int i = 0; i < n; i++) {
		if (messages[i]->msg_style != PAM_PROMPT_ECHO_OFF)
			continue;
		answers[i].resp = strdup(arg);
	}
	*ret = answers;
	return PAM_SUCCESS;
}

static int ask_pam(const struct site *site, const char *user, const char *password)
{
	struct pam_conv conv = { .conv = converse, .appdata_ptr = (char *)password };
	pam_handle_t *pam = NULL;
	int r;

	if (*site->root)
		r = pam_start_confdir(SERVICE_NAME, user, &conv, site_path(site, "/etc/pam.d").s,
				      &pam);
	else
		r = pam_start(SERVICE_NAME, user, &conv, &pam);
	if (r == PAM_SUCCESS)
		r = pam_authenticate(pam, PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK);
	if (r == PAM_SUCCESS)
		r = pam_acct_mgmt(pam, PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK);
	if (pam)
		pam_end(pam, r);
	return r;
}

int login_check(const struct site *site, const char *user, const char *password, struct fail *why)
{
	int r = PAM_USER_UNKNOWN;

	if (strlen(password) > PASSWORD_BYTES_MAX || !account_is_admin(site, user) ||
	    account_is_locked(site, user))
		spend_a_hash("dummy");
	else
		r = ask_pam(site, user, password);
	if (r == PAM_SUCCESS)
		return 0;
	if (r == PAM_ABORT || r == PAM_SYSTEM_ERR || r == PAM_SERVICE_ERR || r == PAM_BUF_ERR)
		return fail_with(why, EIO, "the password could not be checked: %s",
				 pam_strerror(NULL, r));
	return fail_with(why, BAD_LOGIN, "user name or password is wrong");
}

int login_hash(const char *password, char hash[HASH_BYTES], struct fail *why)
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	struct crypt_data *data;
	char *made;

	if (!crypt_gensalt_rn("$y$", 0, NULL, 0, setting, sizeof(setting)))
		return fail_errno(why, errno, "make a salt");
	data = calloc(1, sizeof(*data));
	if (!data)
		return fail_errno(why, ENOMEM, "hash the password");
	made = crypt_r(password, setting, data);
	if (made && made[0] != '*' && strlen(made) < HASH_BYTES)
		snprintf(hash, HASH_BYTES, "%s", made);
	else
		made = NULL;
	explicit_bzero(data, sizeof(*data));
	free(data);
	return made ? 0 : fail_with(why, EIO, "the password could not be hashed");
}

/*
 * The image's dictionary, or the one of the package. Without one pwquality refuses every password,
 * and nobody could ever log in.
 */
static void set_dictionary(const struct site *site, pwquality_settings_t *settings)
{
	static const char *const places[] = { "/usr/share/palette/dictionary",
					      "/var/cache/cracklib/cracklib_dict" };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		if (access(site_pathf(site, "%s.pwd", places[i]).s, R_OK) < 0)
			continue;
		(void)pwquality_set_str_value(settings, PWQ_SETTING_DICT_PATH,
					      site_path(site, places[i]).s);
		return;
	}
	log_warn("there is no dictionary: passwords are checked without");
	(void)pwquality_set_int_value(settings, PWQ_SETTING_DICT_CHECK, 0);
}

int login_quality(const struct site *site, const char *user, const char *password, const char *old,
		  const struct password_policy *policy, struct fail *why)
{
	pwquality_settings_t *settings =
		policy->refuse_dictionary ? pwquality_default_settings() : NULL;
	char text[PWQ_MAX_ERROR_MESSAGE_LEN];
	void *detail = NULL;
	int r;

	if (!settings)
		return 0;
	/* pwquality counts bytes and cannot go below 6; the length is account_check's. */
	(void)pwquality_set_int_value(settings, PWQ_SETTING_MIN_LENGTH, 6);
	(void)pwquality_set_int_value(settings, PWQ_SETTING_USER_CHECK, policy->refuse_user_name);
	set_dictionary(site, settings);
	r = pwquality_check(settings, password, old, user, &detail);
	if (r >= 0) {
		pwquality_free_settings(settings);
		return 0;
	}
	pwquality_strerror(text, sizeof(text), r, detail);
	pwquality_free_settings(settings);
	return refuse(why, FIELD_PASSWORD, NULL, "%s", text);
}
