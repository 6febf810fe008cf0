/* SPDX-License-Identifier: Apache-2.0 */
/*
 * files - the page's files. Only what was there at the start exists: a path is looked up in that
 * list and never put together from what a client sent.
 */
#ifndef PALETTE_LOCALUI_FILES_H
#define PALETTE_LOCALUI_FILES_H

#include "exchange.h"

/* Reads the list below @directory; it may be empty (no page: the API works without). */
int files_load(struct files **ret, const char *directory, const char *api, struct fail *why);
void files_free(struct files *files);

/* Answers a request outside of the API. */
void files_answer(struct exchange *x, const char *method, const char *url);
/* GET /v1/openapi.json. */
void files_openapi(struct exchange *x);

/* "text/css" for "a.css". Pure. */
const char *files_type(const char *path);
/* Names with a digest of their content in them never change: below /assets/. Pure. */
bool files_immutable(const char *path);

#endif
