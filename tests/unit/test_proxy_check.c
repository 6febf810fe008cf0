/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "hostd/encode.h"
#include "hostd/proxy_check.h"
#include "hostd/refuse.h"
#include "lib/cleanup.h"
#include "test.h"

#define PEM                                                                                        \
	"-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUFakeFakeFakeFakeFakeFakeFakeAAAA\n"      \
	"-----END CERTIFICATE-----\n"

static int check(const char *http, const char *https, const char *no_proxy, struct fail *why)
{
	struct proxy_settings proxy = { 0 };
	int r = proxy_check(http, https, no_proxy, NULL, 0, &proxy, why);

	proxy_done(&proxy);
	return r;
}

static int check_ca(const char *ca, struct fail *why)
{
	struct proxy_settings proxy = { 0 };
	int r = proxy_check("", "", "", &ca, 1, &proxy, why);

	proxy_done(&proxy);
	return r;
}

TEST(an_endpoint_is_scheme_host_and_port)
{
	static const struct {
		const char *endpoint;
		int want;
	} cases[] = {
		{ "", 0 },
		{ "http://proxy.example.org:3128", 0 },
		{ "http://proxy:3128/", 0 },
		{ "HTTPS://192.0.2.1:8080", 0 },
		{ "http://[2001:db8::1]:3128", 0 },
		{ "http://alice:s%40crt@proxy:3128", 0 },
		{ "proxy:3128", -REFUSED },
		{ "socks5://proxy:1080", -REFUSED },
		{ "http://proxy", -REFUSED },
		{ "http://:3128", -REFUSED },
		{ "http://", -REFUSED },
		{ "http://proxy:0", -REFUSED },
		{ "http://proxy:65536", -REFUSED },
		{ "http://proxy:80x", -REFUSED },
		{ "http://proxy:3128/path", -REFUSED },
		{ "http://1.2.3:3128", -REFUSED },
		{ "http://256.1.1.1:3128", -REFUSED },
		{ "http://2001:db8::1:3128", -REFUSED },
		{ "http://pro xy:3128", -REFUSED },
		{ "http://pro'xy:3128", -REFUSED },
		{ "http://a:$(reboot)@proxy:3128", -REFUSED },
		{ "http://proxy:3128\nX=1", -REFUSED },
		{ "http://k\xc3\xb6ln:3128", -REFUSED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fail why = { 0 };
		int r = check(cases[i].endpoint, "", "", &why);

		if (r != cases[i].want)
			fail_msg("\"%s\": %d %s", cases[i].endpoint, r, why.msg);
		CHECK_INT(check("", cases[i].endpoint, "", NULL), cases[i].want);
	}
}

TEST(credentials_of_an_endpoint_are_not_shown)
{
	struct fail why = { 0 };

	CHECK_INT(check("http://alice:secret@proxy:0", "", "", &why), -REFUSED);
	CHECK(strstr(why.msg, "secret") == NULL);
	CHECK(strstr(why.msg, "http://***@proxy:0") != NULL);
}

TEST(no_proxy_items_are_hosts_domains_addresses_and_cidrs)
{
	static const char *const good[] = { "localhost",  ".example.org", "*.example.org",
					    "10.0.0.0/8", "192.0.2.1",	  "2001:db8::/32",
					    "::1",	  "host:8080" };
	static const char *const bad[] = { "10.0.0.0/33", "1.2.3",	    "256.0.0.1", "a/b",
					   "-x",	  "http://x",	    "x'y",	 "host:0",
					   "*",		  "2001:db8::/129", "x;y",	 "x\x01y" };

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		CHECK_INT(check("", "", good[i], NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct fail why = { 0 };

		if (check("", "", bad[i], &why) != -REFUSED)
			fail_msg("\"%s\" was taken", bad[i]);
		CHECK(strncmp(why.msg, "No Proxy: ", 10) == 0);
	}
}

TEST(certificates_are_base64_of_pem_or_pem)
{
	autofree char *coded = base64_encode((const unsigned char *)PEM, strlen(PEM));
	struct fail why = { 0 };

	CHECK_INT(check_ca(PEM, NULL), 0);
	CHECK_INT(check_ca(coded, NULL), 0);
	CHECK_INT(check_ca("", NULL), 0);
	CHECK_INT(check_ca("not base64!", &why), -REFUSED);
	CHECK_STR(why.msg, "CA Certificates: is neither base64 nor PEM");
	CHECK_INT(check_ca("aGVsbG8=", NULL), -REFUSED);
	CHECK_INT(check_ca("-----BEGIN CERTIFICATE-----\nMII", NULL), -REFUSED);
	CHECK_INT(check_ca("-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n", NULL),
		  -REFUSED);
	CHECK_INT(check_ca(PEM "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n",
			   NULL),
		  -REFUSED);
}

TEST(a_record_reads_back_as_it_was)
{
	static const char *const ca[] = { PEM };
	struct proxy_settings proxy = { 0 }, back = { 0 };
	autofree char *record = NULL;

	CHECK_INT(proxy_check("http://p:1", "http://q:2", "a, b", ca, 1, &proxy, NULL), 0);
	record = proxy_record(&proxy);
	CHECK_INT(proxy_read(record, &back, NULL), 0);
	CHECK_STR(back.http, "http://p:1");
	CHECK_STR(back.https, "http://q:2");
	CHECK_STR(back.no_proxy, "a,b");
	CHECK_INT(back.n_ca, 1);
	CHECK_STR(back.ca[0], PEM);
	proxy_done(&proxy);
	proxy_done(&back);
}

TEST(percent_signs_are_doubled_for_systemd_alone)
{
	struct proxy_settings proxy = { .http = "http://a%40b:c@p:1" };
	autofree char *system = proxy_file_text(&proxy, PROXY_FILE_SYSTEM);
	autofree char *profile = proxy_file_text(&proxy, PROXY_FILE_PROFILE);

	CHECK(strstr(system, "[Manager]\nDefaultEnvironment= \"http_proxy=http://a%%40b:c@p:1\"") !=
	      NULL);
	CHECK(strstr(profile, "export http_proxy='http://a%40b:c@p:1'\n") != NULL);
	CHECK(strstr(profile, "export NO_PROXY='localhost,127.0.0.1,::1'\n") != NULL);
}
