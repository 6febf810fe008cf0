/* SPDX-License-Identifier: Apache-2.0 */
/* tls - the certificate and its key, and which protocols and ciphers are spoken. */
#ifndef PALETTE_LOCALUI_TLS_H
#define PALETTE_LOCALUI_TLS_H

#include <gnutls/gnutls.h>
#include <gnutls/abstract.h>

#include "lib/fail.h"

#define TLS_CHAIN_MAX 16

/* TLS 1.2 with AEAD and an ephemeral key exchange, and 1.3. */
#define TLS_PRIORITIES                                                                             \
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:"              \
	"-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:-MAC-ALL:+AEAD:"                 \
	"-SIGN-RSA-SHA1:-SIGN-ECDSA-SHA1:%SERVER_PRECEDENCE"

struct tls {
	gnutls_pcert_st chain[TLS_CHAIN_MAX];
	unsigned n_chain;
	gnutls_privkey_t key;
	char fingerprint[97]; /* SHA-256 of the first certificate, "AB:CD:..." */
	struct tls *before;   /* handshakes under way may still point into it */
};

/*
 * Reads both, checks that they belong together and puts the pair before what *@tls had. On failure
 * *@tls stays as it was: a server that runs goes on with what it has.
 */
int tls_load(struct tls **tls, const char *certificate, const char *key, struct fail *why);
void tls_free(struct tls *tls);

/* For MHD_OPTION_HTTPS_CERT_CALLBACK, which knows no argument: the one that serves. */
void tls_serve(struct tls *tls);
int tls_retrieve(gnutls_session_t session, const gnutls_datum_t *authorities, int n_authorities,
		 const gnutls_pk_algorithm_t *algorithms, int n_algorithms, gnutls_pcert_st **chain,
		 unsigned int *n_chain, gnutls_privkey_t *key);

#endif
