/* SPDX-License-Identifier: Apache-2.0 */
#include "early/reset_keep.h"
#include "lib/cleanup.h"
#include "test.h"

TEST(accounts_identity_network_and_audit_log_are_kept_and_nothing_beside_them)
{
	static const struct {
		const char *path;
		enum reset_keep want;
	} rows[] = {
		{ "etc", KEEP_BELOW },
		{ "etc/shadow", KEEP_ALL },
		{ "etc/shadow-", KEEP_NOTHING },
		{ "etc/passwd/below", KEEP_ALL },
		{ "etc/machine-id", KEEP_ALL },
		{ "etc/palette/network/ens192.conf", KEEP_ALL },
		{ "etc/palette2", KEEP_NOTHING },
		{ "etc/ssh", KEEP_BELOW },
		{ "etc/ssh/ssh_host_ed25519_key", KEEP_ALL },
		{ "etc/ssh/sshd_config.d", KEEP_NOTHING },
		{ "etc/systemd", KEEP_BELOW },
		{ "etc/systemd/system", KEEP_NOTHING },
		{ "etc/systemd/network/10-palette-ens192.network", KEEP_ALL },
		{ "etc/systemd/system.conf.d", KEEP_BELOW },
		{ "etc/systemd/system.conf.d/10-palette-proxy.conf", KEEP_ALL },
		{ "etc/systemd/system.conf.d/mine.conf", KEEP_NOTHING },
		{ "home", KEEP_BELOW },
		{ "home/alice", KEEP_BELOW },
		{ "home/alice/.ssh", KEEP_ALL },
		{ "home/alice/.ssh/authorized_keys", KEEP_ALL },
		{ "home/alice/x/.ssh", KEEP_NOTHING },
		{ "home/.hidden", KEEP_NOTHING },
		{ "root/.ssh", KEEP_NOTHING },
		{ "usr-local", KEEP_BELOW },
		{ "usr-local/bin", KEEP_NOTHING },
		{ "usr-local/share/ca-certificates/palette-proxy-1.crt", KEEP_ALL },
		{ "var", KEEP_BELOW },
		{ "var/log/journal", KEEP_NOTHING },
		{ "var/log/palette-audit.log", KEEP_ALL },
		{ "var/log/palette-audit.log.2", KEEP_ALL },
		{ "var/lib/palette/link", KEEP_NOTHING },
		{ "srv", KEEP_NOTHING },
		{ ".etc-work", KEEP_NOTHING },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (reset_keep(rows[i].path) != rows[i].want)
			fail_msg("%s: %d, not %d", rows[i].path, reset_keep(rows[i].path),
				 rows[i].want);
}

TEST(who_asked_is_read_from_the_request)
{
	static const char request[] =
		"{\"time\":1,\"actor\":\"alice\",\"from\":\"a \\\"quoted\\\" place\"}\n";
	char buf[32], small[4];

	CHECK_STR(reset_request_text(request, "actor", buf, sizeof(buf)), "alice");
	CHECK_STR(reset_request_text(request, "from", buf, sizeof(buf)), "");
	CHECK_STR(reset_request_text(request, "object", buf, sizeof(buf)), "");
	CHECK_STR(reset_request_text("{\"actor\":\"cut", "actor", buf, sizeof(buf)), "");
	CHECK_STR(reset_request_text("", "actor", buf, sizeof(buf)), "");
	CHECK_STR(reset_request_text(request, "actor", small, sizeof(small)), "");
}
