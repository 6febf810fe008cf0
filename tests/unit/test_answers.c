/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "installer/answers.h"
#include "lib/cleanup.h"
#include "lib/size.h"

#define KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDDJvPNhRyhBqjD5y1mVTtA4Yk1oxMTIrRgCHTh8r1Pd a@b"

static int add(struct answers *answers, enum answers_source source, const char *text,
	       struct fail *why)
{
	return answers_add(answers, source, "the test", text, strlen(text), why);
}

TEST(a_later_place_wins_key_by_key)
{
	struct answers answers = { 0 };

	CHECK_INT(add(&answers, ANSWERS_OF_MEDIUM, "disk = /dev/sda\naction = reboot\n", NULL), 0);
	CHECK_INT(add(&answers, ANSWERS_OF_SEED, "# the seed\ndisk = serial=X\n", NULL), 0);
	CHECK_INT(answers_add_cmdline(&answers,
				      "quiet palette.role=install palette.action=poweroff", NULL),
		  0);
	CHECK_STR(answers_get(&answers, "disk"), "serial=X");
	CHECK_STR(answers_get(&answers, "action"), "poweroff");
	CHECK_INT(answers.n, 2);
	CHECK_INT(answers.lines[1].source, ANSWERS_OF_KERNEL);
	CHECK_STR(answers.origins[ANSWERS_OF_KERNEL], "kernel arguments");
	answers_done(&answers);
}

TEST(a_list_of_a_later_place_replaces_that_of_an_earlier_one)
{
	struct answers answers = { 0 };
	autofree char *text = NULL;

	CHECK_INT(add(&answers, ANSWERS_OF_MEDIUM,
		      "account.ssh-key = " KEY "1\naccount.ssh-key = " KEY "2\n", NULL),
		  0);
	CHECK_INT(answers.n, 2);
	CHECK_INT(add(&answers, ANSWERS_OF_SEED, "account.ssh-key = " KEY "3\n", NULL), 0);
	text = answers_settings(&answers);
	CHECK_STR(text, "account.ssh-key = " KEY "3\n");
	answers_done(&answers);
}

TEST(the_settings_of_the_host_are_those_of_its_settings_file)
{
	struct answers answers = { 0 };
	autofree char *text = NULL;

	CHECK_INT(add(&answers, ANSWERS_OF_FILE,
		      "hostname = edge-1\nunattended = yes\nadapter.ens192.mode = dhcp\n", NULL),
		  0);
	CHECK_INT(answers_check(&answers, NULL), 0);
	text = answers_settings(&answers);
	CHECK_STR(text, "hostname = edge-1\nadapter.ens192.mode = dhcp\n");
	CHECK(answers_yes(&answers, "unattended"));
	CHECK(!answers_yes(&answers, "overwrite"));
	answers_done(&answers);
}

TEST(a_mistake_is_named_with_its_place_and_changes_nothing)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "action = reboot\nnonsense\n",
		  "the test, line 2: \"nonsense\" is not \"key = value\"" },
		{ "colour = red", "the test, line 1: nothing is called \"colour\"" },
		{ "action = explode",
		  "the test, line 1: action: \"explode\" is none of nothing, reboot and poweroff" },
		{ "disk = sda", "the test, line 1: disk: \"sda\" is no path and none of serial=" },
		{ "disk = /dev/disk/by-uuid/1",
		  "the test, line 1: disk: \"/dev/disk/by-uuid/1\" names a file system" },
		{ "disk = /dev/sda\ndisk = /dev/sdb", "the test, line 2: disk is there twice" },
		{ "unattended = maybe",
		  "the test, line 1: unattended: \"maybe\" is neither yes nor no" },
		{ "system-size = 4000", "the test, line 1: system-size: \"4000\" is no multiple" },
		{ "system-size = 4GB",
		  "the test, line 1: system-size: \"4GB\" is no multiple of 1M: say it in M or G" },
		{ "console = /dev/ttyS0",
		  "the test, line 1: console: \"/dev/ttyS0\" is no console such as" },
		{ "leftovers = burn", "the test, line 1: leftovers: \"burn\" is neither keep nor" },
		{ "hostname = -x", "the test, line 1: hostname: host name: \"-x\"" },
		{ "account.password-hash = $1$abcdefgh$abcdefghijklmnopqrstuv",
		  "the test, line 1: account.password-hash: password: its hash is none of" },
		{ "adapter.ens192.colour = red",
		  "the test, line 1: nothing is called \"adapter.ens192.colour\"" },
		{ "action = reboot\r\n", "the test, line 1: it ends in CR LF" },
		{ "\xef\xbb\xbf"
		  "action = reboot\n",
		  "the test: it begins with a byte order mark" },
		{ "action = \xff\n", "the test, line 1: it is no text" },
		{ "#cloud-config\nhostname: edge\n", "the test: it is user-data (#cloud-config), "
						     "and \"key = value\" lines belong here" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct answers answers = { 0 };
		struct fail why = { 0 };

		CHECK_INT(add(&answers, ANSWERS_OF_MEDIUM, "on-failure = reboot\n", NULL), 0);
		CHECK_INT(add(&answers, ANSWERS_OF_SEED, cases[i].text, &why), -EINVAL);
		if (strncmp(why.msg, cases[i].says, strlen(cases[i].says)) != 0)
			fail_msg("%s", why.msg);
		CHECK_INT(answers.n, 1);
		CHECK_STR(answers.origins[ANSWERS_OF_SEED], "");
		answers_done(&answers);
	}
}

TEST(bytes_that_are_no_text_are_told_from_it)
{
	struct answers answers = { 0 };
	size_t bytes = 10 * MIB;
	autofree char *garbage = calloc(1, bytes);
	struct fail why = { 0 };

	CHECK_INT(answers_add(&answers, ANSWERS_OF_SEED, "it", "action = reboot\ndisk\0= /dev/sda",
			      30, &why),
		  -EINVAL);
	CHECK_STR(why.msg, "it, line 2: a NUL byte; this is no text file");
	/* The first of the two is what is told, with its own line. */
	CHECK_INT(answers_add(&answers, ANSWERS_OF_SEED, "it", "disk\0= /dev/sda\n\naction\r\n", 25,
			      &why),
		  -EINVAL);
	CHECK_STR(why.msg, "it, line 1: a NUL byte; this is no text file");
	CHECK_INT(answers_add(&answers, ANSWERS_OF_SEED, "it", garbage, bytes, &why), -EINVAL);
	CHECK_STR(why.msg, "it: 10485760 bytes are no answers; at most 262144 are read");
	CHECK_INT(answers.n, 0);
}

TEST(a_refused_text_still_says_what_to_do_about_it)
{
	static const struct {
		enum answers_source source;
		const char *text;
		bool unattended;
		const char *on_failure;
	} cases[] = {
		{ ANSWERS_OF_SEED, "nonsense\nunattended = yes\non-failure = reboot\n", true,
		  "reboot" },
		{ ANSWERS_OF_SEED, "\xef\xbb\xbfunattended=yes\r\non-failure = poweroff\r\n", false,
		  "poweroff" },
		{ ANSWERS_OF_SEED, "unattended = maybe\non-failure = explode\n", false, NULL },
		{ ANSWERS_OF_SEED, "# unattended = yes\nunattended\n = yes\nunattended =\n", false,
		  NULL },
		{ ANSWERS_OF_SEED,
		  "install:\n  auto: true\npalette: {x\n  on-failure: \"reboot\"\n", true,
		  "reboot" },
		{ ANSWERS_OF_KERNEL,
		  "quiet palette.unattended=yes palette.x palette.on-failure=reboot", true,
		  "reboot" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct answers answers = { 0 };
		const char *value;

		answers_add_orders(&answers, cases[i].source, "it", cases[i].text,
				   strlen(cases[i].text));
		CHECK_INT(answers_yes(&answers, "unattended"), cases[i].unattended);
		value = answers_get(&answers, "on-failure");
		CHECK_STR(value ? value : "", cases[i].on_failure ? cases[i].on_failure : "");
		CHECK(answers.n <= 2);
		answers_done(&answers);
	}
}

TEST(what_hangs_together_is_checked_when_all_places_were_read)
{
	struct answers answers = { 0 };
	struct fail why = { 0 };

	CHECK_INT(add(&answers, ANSWERS_OF_SEED, "account.user = alice\n", NULL), 0);
	CHECK_INT(answers_check(&answers, &why), -ENODATA);
	CHECK_STR(why.msg, "the answers for the installed host: user name: account.user and "
			   "account.password-hash belong together");
	/* No other place mends this by adding: it is told first. */
	CHECK_INT(add(&answers, ANSWERS_OF_FILE,
		      "dns.primary = 192.0.2.1\ndns.alternate = 192.0.2.1\n", NULL),
		  0);
	CHECK_INT(answers_check(&answers, &why), -EINVAL);
	CHECK_STR(why.msg, "the answers for the installed host: alternate name server: "
			   "\"192.0.2.1\" is the primary one already");
	answers_done(&answers);
}

TEST(what_an_unattended_run_would_ask_for_is_named_together)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "disk = largest\n", NULL },
		{ "unattended = yes\ndisk = largest\naction = reboot\n", NULL },
		{ "unattended = yes\n",
		  "unattended = yes needs disk and action too, here or at another place" },
		{ "unattended = yes\ndisk = largest\n",
		  "unattended = yes needs action too, here or at another place" },
		{ "unattended = yes\naction = reboot\n",
		  "unattended = yes needs disk too, here or at another place" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct answers answers = { 0 };
		struct fail why = { 0 };

		CHECK_INT(add(&answers, ANSWERS_OF_SEED, cases[i].text, NULL), 0);
		CHECK_INT(answers_check_unattended(&answers, &why), cases[i].says ? -ENODATA : 0);
		CHECK_STR(why.msg, cases[i].says ? cases[i].says : "");
		answers_done(&answers);
	}
}

/* Not of keys whose value may have "#" in it: a pattern for model, a comment of an SSH key. */
TEST(a_comment_behind_a_value_is_refused_with_it)
{
	static const char *const lines[] = {
		"disk = /dev/sda",
		"disk = /dev/disk/by-id/ata-X",
		"disk = serial=S4X",
		"disk = transport=nvme",
		"disk = smallest",
		"disk = size>=1T",
		"action = reboot",
		"leftovers = keep",
		"unattended = yes",
		"on-failure = reboot",
		"progress = json",
		"system-size = 4G",
		"console = tty0",
		"hostname = edge",
		"account.user = alice",
		"account.password-hash = $6$abcdefgh$0123456789012345",
		"adapter.e0.mode = dhcp",
		"adapter.e0.address = 192.0.2.1",
		"adapter.e0.netmask = 24",
		"adapter.e0.gateway = 192.0.2.1",
		"adapter.e0.vlan = 7",
		"adapter.e0.mtu = 1500",
		"dns.primary = 192.0.2.1",
		"dns.search = example",
		"ntp.servers = ntp.example",
		"proxy.http = http://proxy:3128",
		"proxy.no-proxy = localhost",
		"localui-port = 5081",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		autofree char *text = NULL;
		struct answers answers = { 0 };

		CHECK(asprintf(&text, "%s  # a comment\n", lines[i]) > 0);
		if (add(&answers, ANSWERS_OF_SEED, text, NULL) == 0)
			fail_msg("%s", text);
		CHECK_INT(add(&answers, ANSWERS_OF_SEED, lines[i], NULL), 0);
		answers_done(&answers);
	}
}

TEST(a_kernel_argument_that_is_no_answer_is_refused_and_those_of_the_boot_are_not_ours)
{
	struct answers answers = { 0 };
	struct fail why = { 0 };

	CHECK_INT(answers_add_cmdline(&answers,
				      "palette.role=install palette.medium=0123456789abcdef "
				      "palette.debug=1 quiet console=tty0",
				      NULL),
		  0);
	CHECK_INT(answers.n, 0);
	CHECK_INT(answers_add_cmdline(&answers, "palette.diks=/dev/sda", &why), -EINVAL);
	CHECK_STR(why.msg, "kernel argument palette.diks: nothing is called \"diks\"");
	CHECK_INT(answers_add_cmdline(&answers, "palette.unattended", &why), -EINVAL);
	CHECK_STR(why.msg,
		  "kernel argument palette.unattended: it needs a value, palette.KEY=VALUE");
	CHECK_INT(answers_add_cmdline(&answers, "palette.disk=\"model=A B*, largest\"", NULL), 0);
	CHECK_STR(answers_get(&answers, "disk"), "model=A B*, largest");
	answers_done(&answers);
}

TEST(sizes_and_actions_come_out_as_numbers)
{
	struct plan_sizes sizes = plan_sizes_default;
	enum answers_action action = ANSWERS_REBOOT;
	struct answers answers = { 0 };

	CHECK_INT(add(&answers, ANSWERS_OF_SEED, "system-size = 6G\non-failure = poweroff\n", NULL),
		  0);
	answers_get_sizes(&answers, &sizes);
	CHECK_INT(sizes.system_bytes, 6 * GIB);
	CHECK_INT(sizes.esp_bytes, plan_sizes_default.esp_bytes);
	CHECK(!answers_get_action(&answers, "action", &action));
	CHECK_INT(action, ANSWERS_REBOOT);
	CHECK(answers_get_action(&answers, "on-failure", &action));
	CHECK_INT(action, ANSWERS_POWEROFF);
	answers_done(&answers);
}

TEST(secrets_are_not_shown)
{
	struct answers answers = { 0 };
	char text[200];

	CHECK_INT(add(&answers, ANSWERS_OF_SEED,
		      "account.password-hash = $6$abcdefgh$0123456789012345\nhostname = e\n", NULL),
		  0);
	CHECK_STR(answers_show(&answers.lines[0], text, sizeof(text)),
		  "account.password-hash = (set)");
	CHECK_STR(answers_show(&answers.lines[1], text, sizeof(text)), "hostname = e");
	answers_done(&answers);
	CHECK_INT(add(&answers, ANSWERS_OF_SEED,
		      "proxy.http = http://me:secret@proxy.example:3128\n"
		      "proxy.no-proxy = localhost,.example\n",
		      NULL),
		  0);
	CHECK_STR(answers_show(&answers.lines[0], text, sizeof(text)),
		  "proxy.http = http://***@proxy.example:3128");
	CHECK_STR(answers_show(&answers.lines[1], text, sizeof(text)),
		  "proxy.no-proxy = localhost,.example");
	answers_done(&answers);
}

TEST(what_is_not_understood_is_shown_only_where_it_cannot_be_a_secret)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "$6$abcdefgh$012345", "the test, line 1: it is not \"key = value\"" },
		{ "account.password-hash $6$abcdefgh$012345",
		  "the test, line 1: \"account.password-hash ...\" is not \"key = value\"" },
		{ "password: hunter2",
		  "the test, line 1: \"password ...\" is not \"key = value\"" },
		{ "http://me:secret@proxy.example/?a=b",
		  "the test, line 1: what stands before \"=\" is the name of nothing" },
		{ "secret words = b", "the test, line 1: what stands before \"=\" is the name of "
				      "nothing" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct answers answers = { 0 };
		struct fail why = { 0 };

		CHECK_INT(add(&answers, ANSWERS_OF_SEED, cases[i].text, &why), -EINVAL);
		CHECK_STR(why.msg, cases[i].says);
	}
}
