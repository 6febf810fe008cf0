/* SPDX-License-Identifier: Apache-2.0 */
#include "identity.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hostd/encode.h"
#include "lib/cleanup.h"
#include "lib/file.h"

#define FILE_MAX     16384
#define SERIAL_BYTES 16
#define HASH_BYTES   32

DEFINE_CLEANUP(gnutls_x509_privkey_t, gnutls_x509_privkey_deinit)
DEFINE_CLEANUP(gnutls_x509_crt_t, gnutls_x509_crt_deinit)

void identity_random_hex(char *buf, unsigned bytes)
{
	unsigned char raw[64];

	/* GnuTLS ends with an error only where the kernel has no randomness: then nothing is safe. */
	if (bytes > sizeof(raw) || gnutls_rnd(GNUTLS_RND_KEY, raw, bytes) < 0)
		abort();
	hex_encode(raw, bytes, buf);
	explicit_bzero(raw, sizeof(raw));
}

const char *identity_hash(const gnutls_datum_t *certificate, char buf[TOKEN_ID_BYTES])
{
	unsigned char hash[HASH_BYTES];

	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, certificate->data, certificate->size, hash) < 0)
		abort();
	return hex_encode(hash, sizeof(hash), buf);
}

/* Nobody looks at name and dates: the other side knows the certificate by its hash. */
static int fill_certificate(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key)
{
	static const char name[] = "palette-link";
	unsigned char serial[SERIAL_BYTES];
	int r = gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial));

	serial[0] = (serial[0] & 0x7f) | 1;
	if (r >= 0)
		r = gnutls_x509_crt_set_version(crt, 3);
	if (r >= 0)
		r = gnutls_x509_crt_set_serial(crt, serial, sizeof(serial));
	if (r >= 0)
		r = gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, name,
						  sizeof(name) - 1);
	if (r >= 0)
		r = gnutls_x509_crt_set_activation_time(crt, 0);
	if (r >= 0)
		r = gnutls_x509_crt_set_expiration_time(crt, (time_t)-1);
	if (r >= 0)
		r = gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE);
	if (r >= 0)
		r = gnutls_x509_crt_set_key(crt, key);
	if (r >= 0)
		r = gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0);
	return r;
}

/* One file with both: a power cut leaves a pair or none. */
static int write_pair(const char *path, gnutls_x509_crt_t crt, gnutls_x509_privkey_t key,
		      struct fail *why)
{
	gnutls_datum_t pem_key = { 0 }, pem_crt = { 0 };
	int r = gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN,
						  &pem_key);
	char *both = NULL;

	if (r >= 0)
		r = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem_crt);
	if (r < 0) {
		r = fail_with(why, EIO, "write the link key as text: %s", gnutls_strerror(r));
	} else {
		both = malloc(pem_key.size + pem_crt.size);
		if (!both) {
			r = fail_errno(why, ENOMEM, "write %s", path);
		} else {
			memcpy(both, pem_key.data, pem_key.size);
			memcpy(both + pem_key.size, pem_crt.data, pem_crt.size);
			r = file_write_atomic(path, both, pem_key.size + pem_crt.size, 0600, why);
			explicit_bzero(both, pem_key.size + pem_crt.size);
		}
	}
	free(both);
	if (pem_key.data)
		explicit_bzero(pem_key.data, pem_key.size);
	gnutls_free(pem_key.data);
	gnutls_free(pem_crt.data);
	return r;
}

static int make_pair(const char *path, struct fail *why)
{
	autoclean(gnutls_x509_privkey_t) key = NULL;
	autoclean(gnutls_x509_crt_t) crt = NULL;
	int r = gnutls_x509_privkey_init(&key);

	if (r >= 0)
		r = gnutls_x509_privkey_generate(
			key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	if (r >= 0)
		r = gnutls_x509_crt_init(&crt);
	if (r >= 0)
		r = fill_certificate(crt, key);
	if (r < 0)
		return fail_with(why, EIO, "make the key of the links: %s", gnutls_strerror(r));
	return write_pair(path, crt, key, why);
}

static int read_pair(struct identity *ret, const char *path, struct fail *why)
{
	gnutls_datum_t data, certificate;
	autofree char *text = NULL;
	size_t bytes;
	int r = file_read(path, FILE_MAX, &text, &bytes, why);

	if (r < 0)
		return r;
	data = (gnutls_datum_t){ (unsigned char *)text, (unsigned)bytes };
	r = gnutls_certificate_allocate_credentials(&ret->credentials);
	/* Also checks that the two fit together. */
	if (r >= 0)
		r = gnutls_certificate_set_x509_key_mem2(ret->credentials, &data, &data,
							 GNUTLS_X509_FMT_PEM, NULL, 0);
	explicit_bzero(text, bytes);
	if (r >= 0)
		r = gnutls_certificate_get_crt_raw(ret->credentials, 0, 0, &certificate);
	if (r < 0) {
		identity_done(ret);
		return fail_with(why, EBADMSG, "%s holds no key and certificate: %s", path,
				 gnutls_strerror(r));
	}
	(void)identity_hash(&certificate, ret->id);
	return 0;
}

int identity_load(struct identity *ret, const char *path, bool *ret_made, struct fail *why)
{
	int r = read_pair(ret, path, why);

	*ret_made = false;
	if (r != -ENOENT && r != -EBADMSG)
		return r;
	*ret_made = true;
	r = make_pair(path, why);
	return r < 0 ? r : read_pair(ret, path, why);
}

void identity_done(struct identity *identity)
{
	if (identity->credentials)
		gnutls_certificate_free_credentials(identity->credentials);
	identity->credentials = NULL;
}
