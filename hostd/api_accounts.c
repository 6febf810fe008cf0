/* SPDX-License-Identifier: Apache-2.0 */
/* internal.palette.Host1.Accounts: administrators, passwords, SSH keys. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accounts.h"
#include "api.h"
#include "lib/cleanup.h"
#include "lib/utf8.h"
#include "login.h"
#include "preset.h"
#include "refuse.h"
#include "request.h"

#define SSH_KEYS_TEXT_MAX (64 * 1024)

/* For creating an account, and for changing a password. */
struct account_data {
	struct site site;
	struct password_policy policy;
	char user[USER_NAME_MAX + 1];
	char password[PASSWORD_BYTES_MAX + 2];
	char old[PASSWORD_BYTES_MAX + 2];
};

static void free_account(void *data)
{
	if (data)
		explicit_bzero(data, sizeof(struct account_data));
	free(data);
}

static struct account_data *new_account_data(struct request *request, const char *user,
					     const char *password, const char *old)
{
	struct account_data *data = request_data(request, sizeof(*data));

	if (!data)
		return NULL;
	request->free_data = free_account;
	data->site = request->h->site;
	data->policy = request->h->policy.password;
	snprintf(data->user, sizeof(data->user), "%s", user);
	snprintf(data->password, sizeof(data->password), "%s", password);
	snprintf(data->old, sizeof(data->old), "%s", old);
	return data;
}

static int method_list(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	autobusmessage sd_bus_message *reply = NULL;
	struct account accounts[ACCOUNTS_MAX];
	struct hostd *h = userdata;
	struct caller caller;
	size_t n;
	int r = caller_admit_read(h, m, &caller);

	(void)error;
	if (r != 0)
		return r;
	n = account_admins(&h->site, accounts);
	r = sd_bus_message_new_method_return(m, &reply);
	if (r >= 0)
		r = sd_bus_message_open_container(reply, 'a', "a{sv}");
	for (size_t i = 0; r >= 0 && i < n; i++)
		r = sd_bus_message_append(reply, "a{sv}", 3, "user", "s", accounts[i].user, "uid",
					  "u", (uint32_t)accounts[i].uid, "locked", "b",
					  (int)accounts[i].locked);
	if (r >= 0)
		r = sd_bus_message_close_container(reply);
	return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static int method_password_rules(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	policy_rule rules[POLICY_RULES_MAX];
	struct hostd *h = userdata;
	struct caller caller;
	int r = caller_admit_read(h, m, &caller);

	(void)error;
	if (r != 0)
		return r;
	return api_send_strings(m, rules[0], sizeof(rules[0]),
				policy_rules(&h->policy.password, rules));
}

static int work_create(void *arg, struct fail *why)
{
	struct account_data *data = arg;
	char hash[HASH_BYTES] = "";
	int r;

	if (account_admins(&data->site, NULL) > 0)
		return fail_with(why, EXISTS, "there is an administrator already; log in");
	r = login_quality(&data->site, data->user, data->password, NULL, &data->policy, why);
	if (r == 0)
		r = login_hash(data->password, hash, why);
	if (r == 0)
		r = account_create_first(&data->site, data->user, hash, why);
	explicit_bzero(hash, sizeof(hash));
	return preset_settle(&data->site, "account", r);
}

static void after_create(struct request *request, int result)
{
	if (result == 0)
		hostd_emit(request->h, HOSTD_HOST, "Changed");
}

static int method_create_first(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	const char *token, *user, *password;
	struct hostd *h = userdata;
	struct fail why = { 0 };
	struct request *request;
	int r = sd_bus_message_read(m, "sss", &token, &user, &password);

	(void)error;
	if (r < 0)
		return r;
	request = request_new(h, m, token, "create-account", user, NULL, &r);
	if (!request)
		return r;
	request->after = after_create;
	if (account_admins(&h->site, NULL) > 0)
		r = fail_with(&why, EXISTS, "there is an administrator already; log in");
	else
		r = account_check_user(user, &why);
	if (r == 0)
		r = account_check_free(&h->site, user, &why);
	if (r == 0)
		r = account_check_password(user, password, &h->policy.password, &why);
	if (r == 0 && !new_account_data(request, user, password, ""))
		r = fail_errno(&why, ENOMEM, "create the account");
	return request_run(request, r, &why, JOB_ACCOUNT, work_create);
}

static int work_change(void *arg, struct fail *why)
{
	struct account_data *data = arg;
	char hash[HASH_BYTES] = "";
	int r;

	r = login_check(&data->site, data->user, data->old, why);
	if (r == -BAD_LOGIN)
		return fail_with(why, BAD_LOGIN, FIELD_OLD_PASSWORD ": is wrong");
	if (r == 0)
		r = login_quality(&data->site, data->user, data->password, data->old, &data->policy,
				  why);
	if (r == 0)
		r = login_hash(data->password, hash, why);
	if (r == 0)
		r = account_set_hash(&data->site, data->user, hash, why);
	explicit_bzero(hash, sizeof(hash));
	return r;
}

/* The session the change was made in stays; it is named by its id, for it may end meanwhile. */
static void after_change(struct request *request, int result)
{
	struct account_data *data = request->data;
	struct hostd *h = request->h;

	/* Only a wrong old password counts as a failure; a weak new one says nothing about it. */
	if (result == 0 || result == -BAD_LOGIN)
		throttle_end(&h->throttle, &h->policy.login, data->user, request->origin,
			     result == 0, hostd_now_ms());
	else
		throttle_cancel(&h->throttle, data->user, request->origin);
	if (result == 0)
		session_close_user(
			&h->sessions, data->user,
			session_find_id(&h->sessions, request->session_id, hostd_now_s()),
			hostd_session_ended, h);
}

static void cancel_change(struct request *request)
{
	const struct account_data *data = request->data;

	throttle_cancel(&request->h->throttle, data->user, request->origin);
}

/* 0: the throttle has begun an attempt. */
static int check_change(struct hostd *h, const struct caller *caller, const char *user,
			const char *old, const char *password, struct fail *why)
{
	uint64_t wait_ms;

	if (strcmp(user, caller->user) != 0 && (caller->session || caller->uid != 0))
		return fail_with(why, DENIED, "only %s and root may change that password", user);
	if (!account_is_admin(&h->site, user))
		return fail_with(why, NOT_FOUND, "there is no administrator of that name");
	if (strcmp(old, password) == 0)
		return refuse(why, FIELD_PASSWORD, NULL, "is the old one");
	if (account_check_password(user, password, &h->policy.password, why) < 0)
		return -REFUSED;
	wait_ms = throttle_begin(&h->throttle, user, caller->origin, hostd_now_ms());
	if (wait_ms == UINT64_MAX)
		return fail_with(why, BUSY,
				 "another password of this user is being checked; try again");
	if (wait_ms)
		return fail_with(why, BLOCKED, "too many wrong passwords; try again in %ju s",
				 (uintmax_t)(wait_ms + 999) / 1000);
	return 0;
}

static int method_change_password(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	const char *token, *user, *old, *password;
	struct hostd *h = userdata;
	struct fail why = { 0 };
	struct request *request;
	struct caller caller;
	int r = sd_bus_message_read(m, "ssss", &token, &user, &old, &password);

	(void)error;
	if (r < 0)
		return r;
	request = request_new(h, m, token, "change-password", user, &caller, &r);
	if (!request)
		return r;
	request->after = after_change;
	if (new_account_data(request, user, password, old))
		r = check_change(h, &caller, user, old, password, &why);
	else
		r = fail_errno(&why, ENOMEM, "change the password");
	if (r == 0)
		request->unstarted = cancel_change;
	return request_run(request, r, &why, JOB_ACCOUNT, work_change);
}

/* The caller's own keys, or for root any administrator's. */
static int find_key_owner(struct hostd *h, const struct caller *caller, const char *user,
			  struct account *ret, struct fail *why)
{
	if (strcmp(user, caller->user) != 0 && (caller->session || caller->uid != 0))
		return fail_with(why, DENIED, "only %s and root may see or change those keys",
				 user);
	if (!account_is_admin(&h->site, user) || !account_find(&h->site, user, ret))
		return fail_with(why, NOT_FOUND, "there is no administrator of that name");
	return 0;
}

static int method_get_ssh_keys(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	autobusmessage sd_bus_message *reply = NULL;
	const char *token, *user;
	struct hostd *h = userdata;
	struct fail why = { 0 };
	struct account account;
	struct caller caller;
	autofree char *text = NULL;
	char *save = NULL;
	int r = sd_bus_message_read(m, "ss", &token, &user);

	(void)error;
	if (r < 0)
		return r;
	if (caller_admit(h, m, token, &caller, &why) < 0 ||
	    find_key_owner(h, &caller, user, &account, &why) < 0 ||
	    account_get_ssh_keys(&h->site, &account, &text, &why) < 0)
		return answer_fail(m, &why);
	r = sd_bus_message_new_method_return(m, &reply);
	if (r >= 0)
		r = sd_bus_message_open_container(reply, 'a', "s");
	for (char *line = strtok_r(text, "\r\n", &save); r >= 0 && line;
	     line = strtok_r(NULL, "\r\n", &save))
		if (*line != '#' && utf8_is_plain(line))
			r = sd_bus_message_append(reply, "s", line);
	if (r >= 0)
		r = sd_bus_message_close_container(reply);
	return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

struct keys_data {
	struct site site;
	struct account account;
	size_t used;
	char text[SSH_KEYS_TEXT_MAX];
};

static int work_keys(void *arg, struct fail *why)
{
	struct keys_data *data = arg;

	return preset_settle(&data->site, "account",
			     account_set_ssh_keys(&data->site, &data->account, data->text, why));
}

static int read_keys(sd_bus_message *m, struct keys_data *data, struct fail *why)
{
	const char *key;
	int r = sd_bus_message_enter_container(m, 'a', "s");

	while (r >= 0 && (r = sd_bus_message_read(m, "s", &key)) > 0) {
		if (account_check_ssh_key(key, why) < 0)
			return -REFUSED;
		if (data->used + strlen(key) + 2 > sizeof(data->text))
			return refuse(why, FIELD_SSH_KEY, NULL,
				      "all together have more than %d bytes", SSH_KEYS_TEXT_MAX);
		data->used += (size_t)sprintf(data->text + data->used, "%s\n", key);
	}
	return r < 0 ? fail_errno(why, -r, "read the call") : 0;
}

static int method_set_ssh_keys(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	const char *token, *user;
	struct hostd *h = userdata;
	struct fail why = { 0 };
	struct request *request;
	struct keys_data *data;
	struct caller caller;
	int r = sd_bus_message_read(m, "ss", &token, &user);

	(void)error;
	if (r < 0)
		return r;
	request = request_new(h, m, token, "set-ssh-keys", user, &caller, &r);
	if (!request)
		return r;
	data = request_data(request, sizeof(*data));
	if (!data) {
		fail_errno(&why, ENOMEM, "set the SSH keys");
		return request_fail(request, &why);
	}
	data->site = h->site;
	r = find_key_owner(h, &caller, user, &data->account, &why);
	if (r == 0)
		r = read_keys(m, data, &why);
	return request_run(request, r, &why, JOB_ACCOUNT, work_keys);
}

const sd_bus_vtable hostd_accounts_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD_WITH_ARGS("List", SD_BUS_ARGS("s", session),
				SD_BUS_RESULT("aa{sv}", accounts), method_list,
				SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE),
	SD_BUS_METHOD_WITH_ARGS("PasswordRules", SD_BUS_ARGS("s", session),
				SD_BUS_RESULT("as", rules), method_password_rules,
				SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE),
	SD_BUS_METHOD_WITH_ARGS("CreateFirst", SD_BUS_ARGS("s", session, "s", user, "s", password),
				SD_BUS_NO_RESULT, method_create_first,
				SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE),
	SD_BUS_METHOD_WITH_ARGS("ChangePassword",
				SD_BUS_ARGS("s", session, "s", user, "s", old, "s", new),
				SD_BUS_NO_RESULT, method_change_password,
				SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE),
	SD_BUS_METHOD_WITH_ARGS("GetSshKeys", SD_BUS_ARGS("s", session, "s", user),
				SD_BUS_RESULT("as", keys), method_get_ssh_keys,
				SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE),
	SD_BUS_METHOD_WITH_ARGS("SetSshKeys", SD_BUS_ARGS("s", session, "s", user, "as", keys),
				SD_BUS_NO_RESULT, method_set_ssh_keys,
				SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE),
	SD_BUS_VTABLE_END,
};
