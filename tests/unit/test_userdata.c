/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "installer/userdata.h"
#include "lib/cleanup.h"

static int parse(const char *text, struct userdata *ret, struct fail *why)
{
	struct fail not_read = { 0 };

	return userdata_parse(text, strlen(text), ret, &not_read, why);
}

struct want {
	const char *key, *value;
	unsigned line;
	const char *path; /* NULL: not looked at */
};

static void check_pairs(const char *text, const struct want *want, size_t n)
{
	struct userdata data = { 0 };
	struct fail why = { 0 };

	if (parse(text, &data, &why) < 0)
		fail_msg("%s", why.msg);
	CHECK_INT(data.n, n);
	for (size_t i = 0; i < n; i++) {
		CHECK_STR(data.pairs[i].key, want[i].key);
		CHECK_STR(data.pairs[i].value, want[i].value);
		CHECK_INT(data.pairs[i].line, want[i].line);
		if (want[i].path)
			CHECK_STR(data.pairs[i].path, want[i].path);
	}
	userdata_done(&data);
}

TEST(the_documented_subset_becomes_answers)
{
	static const char text[] = "#cloud-config\n"
				   "hostname: edge-42\n"
				   "users:\n"
				   "  - name: alice\n"
				   "    passwd: $6$abcdefgh$0123456789012345\n"
				   "    lock_passwd: false\n"
				   "    groups: [adm, sudo]\n"
				   "    ssh_authorized_keys:\n"
				   "      - ssh-ed25519 AAAA a@b\n"
				   "      - |\n"
				   "        ssh-ed25519 BBBB c@d\n"
				   "install:\n"
				   "  device: /dev/disk/by-id/virtio-X\n"
				   "  auto: true\n"
				   "  reboot: false\n"
				   "  poweroff: true\n"
				   "stylus:\n"
				   "  managementMode: local\n"
				   "  localUI: { port: 5081 }\n"
				   "  site:\n"
				   "    ntpServers: [ntp1.example, ntp2.example]\n"
				   "    caCerts:\n"
				   "      - \"pem\"\n"
				   "    network:\n"
				   "      httpProxy: http://proxy:3128\n"
				   "      noProxy:\n"
				   "      nameserver: 192.0.2.1,192.0.2.2\n"
				   "      interfaces:\n"
				   "        ens192:\n"
				   "          type: static\n"
				   "          ipAddress: 192.0.2.10\n"
				   "          mask: 255.255.255.0\n"
				   "          gateway: 192.0.2.1\n"
				   "palette:\n"
				   "  overwrite: yes\n";
	static const struct want want[] = {
		{ "hostname", "edge-42", 2, NULL },
		{ "account.user", "alice", 4, NULL },
		{ "account.password-hash", "$6$abcdefgh$0123456789012345", 5, NULL },
		{ "account.ssh-key", "ssh-ed25519 AAAA a@b", 9, NULL },
		{ "account.ssh-key", "ssh-ed25519 BBBB c@d", 10, NULL },
		{ "disk", "/dev/disk/by-id/virtio-X", 13, NULL },
		{ "unattended", "yes", 14, NULL },
		{ "action", "poweroff", 16, NULL },
		{ "localui-port", "5081", 19, NULL },
		{ "ntp.servers", "ntp1.example ntp2.example", 21, NULL },
		{ "proxy.ca", "cGVt", 23, NULL },
		{ "proxy.http", "http://proxy:3128", 25, NULL },
		{ "dns.primary", "192.0.2.1", 27, NULL },
		{ "dns.alternate", "192.0.2.2", 27, NULL },
		{ "adapter.ens192.mode", "static", 30, NULL },
		{ "adapter.ens192.address", "192.0.2.10", 31, NULL },
		{ "adapter.ens192.netmask", "255.255.255.0", 32, NULL },
		{ "adapter.ens192.gateway", "192.0.2.1", 33, NULL },
		{ "overwrite", "yes", 35, NULL },
	};

	check_pairs(text, want, ARRAY_SIZE(want));
}

TEST(nothing_at_all_is_no_answer_and_no_mistake)
{
	static const char *const texts[] = {
		"",
		"#cloud-config\n",
		"#cloud-config\n---\n",
		"users:\n",
		"install: {}\n",
		"users:\n- {}\n",
		"users:\n- groups: sudo, adm\n",
		"stylus: {site: {network: {interfaces: {ens1: }}}}\n"
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct userdata data = { 0 };

		CHECK_INT(parse(texts[i], &data, NULL), 0);
		CHECK_INT(data.n, 0);
		userdata_done(&data);
	}
}

TEST(what_several_paths_say_alike_is_one_answer)
{
	static const char text[] = "hostname: edge-42\n"
				   "users:\n"
				   "  - passwd: $6$abcdefgh$0123456789012345\n"
				   "stylus:\n"
				   "  site:\n"
				   "    hostName: edge-42\n"
				   "    users:\n"
				   "      - passwd: |\n"
				   "          $6$abcdefgh$0123456789012345\n"
				   "    network:\n"
				   "      nameserver: 192.0.2.1\n"
				   "      interfaces:\n"
				   "        ens192: { nameserver: 192.0.2.1 }\n"
				   "        ens224: { nameserver: 192.0.2.2 }\n"
				   "        ens256: { nameserver: \"192.0.2.2, 192.0.2.1\" }\n";
	static const struct want want[] = {
		{ "hostname", "edge-42", 1, "hostname" },
		{ "account.password-hash", "$6$abcdefgh$0123456789012345", 3, "users/0/passwd" },
		{ "dns.primary", "192.0.2.1", 11, "stylus/site/network/nameserver" },
		{ "dns.alternate", "192.0.2.2", 14,
		  "stylus/site/network/interfaces/ens224/nameserver" },
	};

	check_pairs(text, want, ARRAY_SIZE(want));
}

TEST(keys_of_ours_that_may_be_repeated_take_a_list)
{
	static const char text[] =
		"palette:\n"
		"  account.ssh-key: [ssh-ed25519 AAAA a@b, ssh-ed25519 BBBB c@d]\n"
		"  proxy.ca:\n"
		"    - cGVt\n";
	static const struct want want[] = {
		{ "account.ssh-key", "ssh-ed25519 AAAA a@b", 2, NULL },
		{ "account.ssh-key", "ssh-ed25519 BBBB c@d", 2, NULL },
		{ "proxy.ca", "cGVt", 4, NULL },
	};

	check_pairs(text, want, ARRAY_SIZE(want));
}

TEST(what_two_paths_say_differently_is_refused_with_both)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "hostname: a\nstylus: {site: {hostName: b}}\n",
		  "line 2: stylus/site/hostName and hostname (line 1) differ: both set hostname" },
		{ "users:\n- passwd: $6$one\n  hashed_passwd: $6$two\n",
		  "line 3: users/0/hashed_passwd and users/0/passwd (line 2) differ: both set "
		  "account.password-hash" },
		{ "install: {reboot: true, poweroff: true}\n",
		  "line 1: install/poweroff and install/reboot (line 1) differ: both set action" },
		{ "palette: {ntp.servers: a}\nstylus: {site: {ntpServers: [b]}}\n",
		  "line 2: stylus/site/ntpServers/0 and palette/ntp.servers (line 1) differ" },
		{ "stylus:\n  site:\n    network:\n      nameserver: 192.0.2.1\n      interfaces:\n"
		  "        e1: {nameserver: 192.0.2.2}\n        e2: {nameserver: 192.0.2.3}\n",
		  "line 7: stylus/site/network/interfaces/e2/nameserver: \"192.0.2.3\" is one name "
		  "server too many: two can be set, those of stylus/site/network/nameserver and "
		  "stylus/site/network/interfaces/e1/nameserver" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct userdata data = { 0 };
		struct fail why = { 0 };

		CHECK_INT(parse(cases[i].text, &data, &why), -EINVAL);
		if (strncmp(why.msg, cases[i].says, strlen(cases[i].says)) != 0)
			fail_msg("%s", why.msg);
		CHECK_INT(data.n, 0);
	}
}

TEST(what_is_not_understood_is_named_with_its_line)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "hostname: a\nruncmd:\n  - reboot\n", "not understood: runcmd (line 2)" },
		{ "stages:\n  initramfs:\n  - name: x\n", "not understood: stages (line 1)" },
		{ "install:\n  device: auto\n", "line 2: install/device: \"auto\" names no disk" },
		{ "install:\n  reboot: maybe\n",
		  "line 2: install/reboot: \"maybe\" is neither true nor false" },
		{ "users:\n- ubuntu\n", "line 2: users/0: it is no mapping" },
		{ "stylus: {site: {users: [default]}}\n",
		  "not understood: stylus/site/users/0 (line 1)" },
		{ "users:\n- name: a\n- name: b\n", "line 3: users/1/name: one account can be" },
		{ "users:\n- name: a\n  lock_passwd: true\n",
		  "line 3: users/0/lock_passwd: \"true\" cannot be had; taken is false" },
		{ "users:\n- name: a\n- default\n- name: b\n",
		  "line 4: users/2/name: one account can be" },
		{ "users:\n- default\n- name: a\n  shell: /bin/zsh\n",
		  "line 4: users/1/shell: \"/bin/zsh\" cannot be had; taken is /bin/bash" },
		{ "stylus: {enableMultiNode: False}\n",
		  "line 1: stylus/enableMultiNode: \"false\" cannot be had; taken is true" },
		{ "users:\n- groups: docker\n",
		  "line 2: users/0/groups: \"docker\" cannot be had" },
		{ "users:\n- groups: sudo, docker\n",
		  "line 2: users/0/groups: \"docker\" cannot be had" },
		{ "runcmd: []\n", "not understood: runcmd (line 1)" },
		{ "hostname: a\nwrite_files:\n", "not understood: write_files (line 2)" },
		{ "install:\n  grub: {}\n", "not understood: install/grub (line 2)" },
		{ "palette: {hostname: [a]}\n", "not understood: palette/hostname/0 (line 1)" },
		{ "palette: {account.ssh-key: []}\n",
		  "line 1: palette/account.ssh-key has no value" },
		{ "palette:\n  overwrite:\n", "line 2: palette/overwrite has no value" },
		{ "users: !!set\n  a: b\n", "line 1: a tag, " },
		{ "ssh_authorized_keys: !x [a]\n", "line 1: a tag, !x, is not understood" },
		{ "stylus:\n  managementMode: central\n", "line 2: stylus/managementMode" },
		{ "hostname: &x a\nssh_authorized_keys: [*x]\n", "line 2: an alias, *x, is not" },
		{ "hostname: !!binary aGk=\n", "line 1: a tag, " },
		{ "hostname: a\n---\nhostname: b\n", "line 2: a second document begins" },
		{ "just words\n", "line 1: no \"name: value\"" },
		{ "? [a]\n: b\n", "line 1: a name must be a word" },
		{ "a: [\n", "line 2: did not find expected node content" },
		{ "\t- x: y", "line 1: found character that cannot start any token" },
		{ "a/b: c\n", "line 1: \"a/b\" is no name of anything" },
		{ "hostname: \"a\\0b\"\n", "line 1: hostname: a NUL byte in its value" },
		{ "a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: "
		  "1}}}}}}}}}}}}}}}}",
		  "line 1: more than 16 levels" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct userdata data = { 0 };
		struct fail why = { 0 };

		CHECK_INT(parse(cases[i].text, &data, &why), -EINVAL);
		if (strncmp(why.msg, cases[i].says, strlen(cases[i].says)) != 0)
			fail_msg("%s: %s", cases[i].text, why.msg);
		CHECK_INT(data.n, 0);
	}
}

TEST(all_that_is_not_understood_is_told_at_once)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "runcmd:\n  - a\n  - b\nusers:\n- name: x\n  sudo: y\n  gecos: z\nchpasswd: "
		  "{expire: "
		  "false}\n",
		  "not understood: runcmd (line 1), users/0/sudo (line 6), users/0/gecos (line 7), "
		  "chpasswd (line 8)" },
		{ "a: 1\nb: 1\nc: 1\nd: 1\ne: 1\nf: 1\ng: 1\nh: 1\ni: 1\nj: [1]\nk:\n",
		  "not understood: a (line 1), b (line 2), c (line 3), d (line 4), e (line 5), f "
		  "(line "
		  "6), g (line 7), h (line 8), ... and 3 more" },
		{ "runcmd: [a]\ninstall:\n  reboot: maybe\n  auto: maybe\nwrite_files: [b]\n",
		  "line 3: install/reboot: \"maybe\" is neither true nor false; not understood: "
		  "runcmd (line 1), write_files (line 5)" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct userdata data = { 0 };
		struct fail why = { 0 };

		CHECK_INT(parse(cases[i].text, &data, &why), -EINVAL);
		CHECK_STR(why.msg, cases[i].says);
		CHECK_INT(data.n, 0);
	}
}

TEST(what_others_write_and_is_so_anyway_is_accepted)
{
	static const char text[] = "users:\n"
				   "  - default\n"
				   "  - name: alice\n"
				   "    shell: /bin/bash\n"
				   "    lock_passwd: No\n"
				   "stylus:\n"
				   "  enableMultiNode: True\n"
				   "  site:\n"
				   "    users:\n"
				   "      - hashed_passwd: $6$abcdefgh$0123456789012345\n"
				   "install:\n"
				   "  auto: on\n"
				   "  reboot: OFF\n"
				   "  poweroff: yes\n";
	static const struct want want[] = {
		{ "account.user", "alice", 3, "users/1/name" },
		{ "account.password-hash", "$6$abcdefgh$0123456789012345", 10,
		  "stylus/site/users/0/hashed_passwd" },
		{ "unattended", "yes", 12, NULL },
		{ "action", "poweroff", 14, NULL },
	};
	struct userdata data = { 0 };
	struct fail not_read = { 0 };

	check_pairs(text, want, ARRAY_SIZE(want));
	CHECK_INT(userdata_parse(text, strlen(text), &data, &not_read, NULL), 0);
	CHECK_STR(not_read.msg, "not read: \"default\" of users (line 2)");
	userdata_done(&data);
}

TEST(an_interface_with_an_address_is_static_where_no_type_is_said)
{
	static const char text[] = "stylus:\n"
				   "  site:\n"
				   "    network:\n"
				   "      interfaces:\n"
				   "        e1: {ipAddress: 192.0.2.10/24}\n"
				   "        e2: {ipAddress: 192.0.2.11/24, type: dhcp}\n"
				   "palette: {adapter.e3.address: 192.0.2.12/24}\n";
	static const struct want want[] = {
		{ "adapter.e1.address", "192.0.2.10/24", 5, NULL },
		{ "adapter.e2.address", "192.0.2.11/24", 6, NULL },
		{ "adapter.e2.mode", "dhcp", 6, NULL },
		{ "adapter.e3.address", "192.0.2.12/24", 7, NULL },
		{ "adapter.e1.mode", "static", 5, NULL },
	};

	check_pairs(text, want, ARRAY_SIZE(want));
}

TEST(of_meta_data_the_name_is_taken_and_the_rest_is_named)
{
	static const char text[] = "instance-id: i-1\n"
				   "local-hostname: edge-7\n"
				   "public-keys: [a, b]\n"
				   "network-interfaces: |\n"
				   "  auto eth0\n"
				   "dsmode:\n";
	struct userdata data = { 0 };
	struct fail not_read = { 0 }, why = { 0 };

	CHECK_INT(userdata_parse_meta(text, strlen(text), &data, &not_read, &why), 0);
	CHECK_INT(data.n, 1);
	CHECK_STR(data.pairs[0].key, "hostname");
	CHECK_STR(data.pairs[0].value, "edge-7");
	CHECK_STR(not_read.msg, "not read: public-keys (line 3), network-interfaces (line 4)");
	userdata_done(&data);
	not_read = (struct fail){ 0 };
	CHECK_INT(userdata_parse_meta("instance-id: x\n", 15, &data, &not_read, &why), 0);
	CHECK_INT(data.n + (size_t)not_read.code, 0);
	CHECK_INT(userdata_parse_meta("a: [", 4, &data, &not_read, &why), -EINVAL);
}
