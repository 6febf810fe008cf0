/* SPDX-License-Identifier: Apache-2.0 */
/* limits - what one client, and all of them together, may take. The only place for such numbers. */
#ifndef PALETTE_LOCALUI_LIMITS_H
#define PALETTE_LOCALUI_LIMITS_H

#include <stdint.h>

#include "hostd/content_check.h"

#define LIMIT_CONNECTIONS	      512
#define LIMIT_CONNECTIONS_PER_ADDRESS 100 /* an IPv6 network of 64 bits counts as one address */
#define LIMIT_LISTEN_BACKLOG	      128

/* From the connection to the first byte, and all of a plain HTTP request that is redirected. */
#define LIMIT_FIRST_BYTE_MS 5000
/* TLS handshake and the whole head of a request; also the pause between two requests. */
#define LIMIT_HEAD_SECONDS 20
/* A JSON body from its first to its last byte, and sending the answer. */
#define LIMIT_BODY_SECONDS   30
#define LIMIT_ANSWER_SECONDS 300
/* Nothing at all was sent or received: uploads and downloads. */
#define LIMIT_IDLE_SECONDS 60

/* Head of a request, and MHD's buffers for one connection. */
#define LIMIT_CONNECTION_BYTES 32768
#define LIMIT_PLAIN_HEAD_BYTES 2048

#define LIMIT_BODY_BYTES   16384	 /* JSON; routes with more say so */
#define LIMIT_KEYS_BYTES   (256 * 1024)	 /* SSH keys */
#define LIMIT_CONFIG_BYTES (1024 * 1024) /* the proxy with its certificates */
#define LIMIT_ALL_BODIES   (16 * 1024 * 1024)
#define LIMIT_JSON_DEPTH   8

#define LIMIT_UPLOADS	   8 /* at the same time */
#define LIMIT_UPLOAD_BYTES ((uint64_t)1 << 44)
#define LIMIT_STREAMS	   256 /* events, followed logs */
#define LIMIT_STREAM_BYTES 16384

/* An answer of hostd: short questions, and those that look far (traceroute, ARP probes). */
#define LIMIT_CALL_SECONDS	25
#define LIMIT_LONG_CALL_SECONDS 90
/* A reset, which hostd itself gives up, and takes back, after 300 s. */
#define LIMIT_RESET_SECONDS 360
/* The digest of the largest upload; hostd itself stops earlier, by the size of the file. */
#define LIMIT_VERIFY_SECONDS                                                                       \
	((unsigned)(LIMIT_UPLOAD_BYTES / CONTENT_READ_RATE) + CONTENT_READ_LEAST_SECONDS + 300)

#endif
