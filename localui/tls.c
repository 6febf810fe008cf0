/* SPDX-License-Identifier: Apache-2.0 */
#include "tls.h"

#include <errno.h>
#include <gnutls/x509.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/file.h"

#define FILE_MAX 65536

static struct tls *serving;

void tls_free(struct tls *tls)
{
	while (tls) {
		struct tls *before = tls->before;

		for (unsigned i = 0; i < tls->n_chain; i++)
			gnutls_pcert_deinit(&tls->chain[i]);
		if (tls->key)
			gnutls_privkey_deinit(tls->key);
		free(tls);
		tls = before;
	}
}

static int read_chain(struct tls *tls, const char *path, struct fail *why)
{
	autofree char *text = NULL;
	gnutls_datum_t data;
	size_t bytes;
	int r = file_read(path, FILE_MAX, &text, &bytes, why);

	if (r < 0)
		return r;
	data = (gnutls_datum_t){ (unsigned char *)text, (unsigned)bytes };
	tls->n_chain = TLS_CHAIN_MAX;
	r = gnutls_pcert_list_import_x509_raw(tls->chain, &tls->n_chain, &data, GNUTLS_X509_FMT_PEM,
					      0);
	if (r < 0) {
		tls->n_chain = 0;
		return fail_with(why, EINVAL, "%s holds no usable certificate: %s", path,
				 gnutls_strerror(r));
	}
	return 0;
}

static int read_key(struct tls *tls, const char *path, struct fail *why)
{
	autofree char *text = NULL;
	gnutls_datum_t data;
	size_t bytes;
	int r = file_read(path, FILE_MAX, &text, &bytes, why);

	if (r < 0)
		return r;
	data = (gnutls_datum_t){ (unsigned char *)text, (unsigned)bytes };
	r = gnutls_privkey_init(&tls->key);
	if (r >= 0)
		r = gnutls_privkey_import_x509_raw(tls->key, &data, GNUTLS_X509_FMT_PEM, NULL, 0);
	explicit_bzero(text, bytes);
	return r < 0 ? fail_with(why, EINVAL, "%s holds no usable private key: %s", path,
				 gnutls_strerror(r))
		     : 0;
}

/* Signs with the one and verifies with the other: also true of keys in hardware. */
static bool fit_together(const struct tls *tls)
{
	static const char text[] = "palette-localui";
	gnutls_datum_t data = { (unsigned char *)text, sizeof(text) - 1 }, signature = { 0 };
	gnutls_pubkey_t public = tls->chain[0].pubkey;
	gnutls_sign_algorithm_t algorithm = gnutls_pk_to_sign(
		gnutls_privkey_get_pk_algorithm(tls->key, NULL), GNUTLS_DIG_SHA256);
	bool fits;

	if (gnutls_privkey_sign_data2(tls->key, algorithm, 0, &data, &signature) < 0)
		return false;
	fits = gnutls_pubkey_verify_data2(public, algorithm, 0, &data, &signature) >= 0;
	gnutls_free(signature.data);
	return fits;
}

int tls_load(struct tls **tls, const char *certificate, const char *key, struct fail *why)
{
	struct tls *fresh = calloc(1, sizeof(*fresh));
	uint8_t digest[32] = { 0 };
	size_t n = sizeof(digest);
	int r;

	if (!fresh)
		return fail_errno(why, ENOMEM, "read %s", certificate);
	r = read_chain(fresh, certificate, why);
	if (r == 0)
		r = read_key(fresh, key, why);
	if (r == 0 && !fit_together(fresh))
		r = fail_with(why, EINVAL, "%s is not the key of %s", key, certificate);
	if (r == 0 && gnutls_fingerprint(GNUTLS_DIG_SHA256, &fresh->chain[0].cert, digest, &n) < 0)
		r = fail_with(why, EINVAL, "%s has no fingerprint", certificate);
	if (r < 0) {
		tls_free(fresh);
		return r;
	}
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(fresh->fingerprint + 3 * i, 4, i + 1 < sizeof(digest) ? "%02X:" : "%02X",
			 digest[i]);
	fresh->before = *tls;
	*tls = fresh;
	return 0;
}

void tls_serve(struct tls *tls)
{
	serving = tls;
}

int tls_retrieve(gnutls_session_t session, const gnutls_datum_t *authorities, int n_authorities,
		 const gnutls_pk_algorithm_t *algorithms, int n_algorithms, gnutls_pcert_st **chain,
		 unsigned int *n_chain, gnutls_privkey_t *key)
{
	(void)session;
	(void)authorities;
	(void)n_authorities;
	(void)algorithms;
	(void)n_algorithms;
	*chain = serving->chain;
	*n_chain = serving->n_chain;
	*key = serving->key;
	return 0;
}
