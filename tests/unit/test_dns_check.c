/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "hostd/dns_check.h"
#include "hostd/refuse.h"
#include "lib/cleanup.h"
#include "test.h"

TEST(name_servers_are_ipv4_addresses_of_hosts)
{
	struct dns_settings dns;
	struct fail why = { 0 };

	CHECK_INT(dns_check("192.0.2.1", "192.0.2.2", "", &dns, NULL), 0);
	CHECK_INT(dns.primary, 0xc0000201);
	CHECK_INT(dns_check("1.2.3", "", "", &dns, &why), -REFUSED);
	CHECK(strncmp(why.msg, "primary name server: \"1.2.3\" ", 29) == 0);
	CHECK_INT(dns_check("192.0.2.1", "::1", "", &dns, &why), -REFUSED);
	CHECK(strncmp(why.msg, "alternate name server: \"::1\" ", 29) == 0);
	CHECK_INT(dns_check("192.0.2.1", "192.0.2.1", "", &dns, NULL), -REFUSED);
	CHECK_INT(dns_check("", "192.0.2.1", "", &dns, &why), -REFUSED);
	CHECK_INT(dns_check("224.0.0.1", "", "", &dns, NULL), -REFUSED);
	CHECK_INT(dns_check("", "", "", &dns, NULL), 0);
	CHECK(dns_is_empty(&dns));
}

TEST(search_domains_are_checked_and_put_into_lower_case)
{
	struct dns_settings dns;

	CHECK_INT(dns_check("", "", " Example.org, lab.Example.org. ", &dns, NULL), 0);
	CHECK_STR(dns.search, "example.org lab.example.org");
	CHECK_INT(dns_check("", "", "exa mple..org", &dns, NULL), -REFUSED);
	CHECK_INT(dns_check("", "", "-x.org", &dns, NULL), -REFUSED);
	CHECK_INT(dns_check("", "", "x-.org", &dns, NULL), -REFUSED);
	CHECK_INT(dns_check("", "", "k\xc3\xb6ln.de", &dns, NULL), -REFUSED);
	CHECK_INT(dns_check("", "", "a\nDNS=6.6.6.6", &dns, NULL), -REFUSED);
	CHECK_INT(dns_check("", "", "a b c d e f g", &dns, NULL), -REFUSED);
}

TEST(own_servers_get_every_name_routed_to_them)
{
	struct dns_settings dns, back;
	char text[1024];

	CHECK_INT(dns_check("192.0.2.1", "192.0.2.2", "example.org", &dns, NULL), 0);
	dns_config(&dns, text, sizeof(text));
	CHECK(strstr(text, "[Resolve]\nDNS=192.0.2.1 192.0.2.2\nDomains=example.org ~.\n") != NULL);
	dns_config_read(text, &back);
	CHECK_INT(back.primary, dns.primary);
	CHECK_INT(back.alternate, dns.alternate);
	CHECK_STR(back.search, "example.org");
}

TEST(a_search_domain_alone_leaves_the_servers_of_dhcp)
{
	struct dns_settings dns, back;
	char text[1024];

	CHECK_INT(dns_check("", "", "example.org", &dns, NULL), 0);
	dns_config(&dns, text, sizeof(text));
	CHECK(strstr(text, "DNS=\nDomains=example.org\n") != NULL);
	dns_config_read(text, &back);
	CHECK_INT(back.primary, 0);
	CHECK_STR(back.search, "example.org");
}

TEST(time_servers_are_names_or_addresses)
{
	static const char *const good[] = { "0.pool.ntp.org", "192.0.2.5", " time " };
	static const char *const bad[] = { "1.2.3", "256.1.1.1", "ntp server",
					   "-x",    "a;b",	 "k\xc3\xb6" };
	struct ntp_settings ntp, back;
	char text[4096];

	CHECK_INT(ntp_check(good, ARRAY_SIZE(good), &ntp, NULL), 0);
	ntp_config(&ntp, text, sizeof(text));
	CHECK(strstr(text, "[Time]\nNTP=0.pool.ntp.org 192.0.2.5 time\n") != NULL);
	ntp_config_read(text, &back);
	CHECK_INT(back.n, 3);
	CHECK_STR(back.servers[2], "time");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct fail why = { 0 };

		CHECK_INT(ntp_check(&bad[i], 1, &ntp, &why), -REFUSED);
		CHECK(strncmp(why.msg, "NTP server: ", 12) == 0);
	}
}
