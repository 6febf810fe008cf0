/* SPDX-License-Identifier: Apache-2.0 */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "lib/file.h"

#define FILES_MAX 1000
#define FILE_MAX  (16 << 20)
#define API_MAX	  (1 << 20)

struct file {
	char *url;  /* "/assets/index-1a2b.js" */
	char *path; /* where it is */
	char etag[20];
	bool zipped; /* path + ".gz" is there too */
};

struct files {
	struct file *rows;
	size_t n;
	struct MHD_Response *api; /* openapi.json; NULL: not there */
};

/* nftw() takes no argument. */
static struct files *loading;
static size_t root_bytes;
static struct fail *load_why;

const char *files_type(const char *path)
{
	static const struct {
		const char *ending, *type;
	} types[] = {
		{ ".html", "text/html; charset=utf-8" },
		{ ".js", "text/javascript; charset=utf-8" },
		{ ".css", "text/css; charset=utf-8" },
		{ ".svg", "image/svg+xml" },
		{ ".png", "image/png" },
		{ ".ico", "image/x-icon" },
		{ ".woff2", "font/woff2" },
		{ ".json", "application/json" },
		{ ".webmanifest", "application/manifest+json" },
		{ ".txt", "text/plain; charset=utf-8" },
	};
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < ARRAY_SIZE(types); i++)
		if (strcmp(dot, types[i].ending) == 0)
			return types[i].type;
	return "application/octet-stream";
}

bool files_immutable(const char *path)
{
	return strncmp(path, "/assets/", 8) == 0;
}

static int make_etag(const char *path, char etag[20])
{
	autofree char *data = NULL;
	uint8_t digest[32];
	struct sha256_ctx ctx;
	size_t bytes;
	uint64_t head;
	int r = file_read(path, FILE_MAX, &data, &bytes, load_why);

	if (r < 0)
		return r;
	sha256_init(&ctx);
	sha256_update(&ctx, bytes, (const uint8_t *)data);
	sha256_digest(&ctx, sizeof(digest), digest);
	memcpy(&head, digest, sizeof(head));
	snprintf(etag, 20, "\"%016jx\"", (uintmax_t)head);
	return 0;
}

static int add_file(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	struct files *files = loading;
	char zipped[4096];
	struct file *row;
	size_t n = strlen(path);

	(void)where;
	if (kind != FTW_F || !S_ISREG(st->st_mode) || (n > 3 && strcmp(path + n - 3, ".gz") == 0))
		return 0;
	if (files->n == FILES_MAX)
		return fail_with(load_why, E2BIG, "more than %d files below the page's directory",
				 FILES_MAX);
	row = &files->rows[files->n];
	row->path = strdup(path);
	row->url = strdup(path + root_bytes);
	files->n++;
	if (!row->path || !row->url)
		return fail_errno(load_why, ENOMEM, "list the page's files");
	snprintf(zipped, sizeof(zipped), "%s.gz", path);
	row->zipped = access(zipped, R_OK) == 0;
	return make_etag(path, row->etag);
}

static int load_api(struct files *files, const char *path, struct fail *why)
{
	autofree char *text = NULL;
	size_t bytes;
	int r = file_read(path, API_MAX, &text, &bytes, why);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	files->api = MHD_create_response_from_buffer_copy(bytes, text);
	if (!files->api)
		return fail_errno(why, ENOMEM, "read %s", path);
	(void)MHD_add_response_header(files->api, "Content-Type", "application/json");
	headers_common(files->api);
	return 0;
}

int files_load(struct files **ret, const char *directory, const char *api, struct fail *why)
{
	struct files *files = calloc(1, sizeof(*files));
	int r = 0;

	if (files)
		files->rows = calloc(FILES_MAX, sizeof(files->rows[0]));
	if (!files || !files->rows) {
		free(files);
		return fail_errno(why, ENOMEM, "list the page's files");
	}
	loading = files;
	load_why = why;
	root_bytes = strlen(directory);
	if (access(directory, F_OK) == 0)
		r = nftw(directory, add_file, 16, FTW_PHYS);
	if (r == 0)
		r = load_api(files, api, why);
	loading = NULL;
	load_why = NULL;
	if (r < 0) {
		files_free(files);
		return r;
	}
	*ret = files;
	return 0;
}

void files_free(struct files *files)
{
	if (!files)
		return;
	for (size_t i = 0; i < files->n; i++) {
		free(files->rows[i].url);
		free(files->rows[i].path);
	}
	if (files->api)
		MHD_destroy_response(files->api);
	free(files->rows);
	free(files);
}

static const struct file *find(const struct files *files, const char *url)
{
	for (size_t i = 0; i < files->n; i++)
		if (strcmp(files->rows[i].url, url) == 0)
			return &files->rows[i];
	return NULL;
}

static void set_headers(struct MHD_Response *response, const struct file *file)
{
	(void)MHD_add_response_header(response, "ETag", file->etag);
	(void)MHD_add_response_header(response, "Vary", "Accept-Encoding");
	(void)MHD_add_response_header(
		response, "Cache-Control",
		files_immutable(file->url) ? "public, max-age=31536000, immutable" : "no-cache");
}

static struct MHD_Response *open_file(const struct file *file, bool zipped)
{
	struct MHD_Response *response;
	char path[4096];
	autoclose int fd = -1;
	struct stat st;

	snprintf(path, sizeof(path), "%s%s", file->path, zipped ? ".gz" : "");
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return NULL;
	response = MHD_create_response_from_fd64((uint64_t)st.st_size, fd);
	if (response)
		(void)take_fd(&fd);
	return response;
}

static void send_file(struct exchange *x, const struct file *file)
{
	bool zipped = file->zipped && http_accepts(exchange_header(x, "Accept-Encoding"), "gzip");
	struct MHD_Response *response;

	if (http_etag_matches(exchange_header(x, "If-None-Match"), file->etag)) {
		response = MHD_create_response_from_buffer_static(0, "");
		if (!response) {
			fail_memory(x);
			return;
		}
		set_headers(response, file);
		answer(x, 304, response);
		return;
	}
	response = open_file(file, zipped);
	if (!response) {
		fail_not_found(x);
		return;
	}
	set_headers(response, file);
	(void)MHD_add_response_header(response, "Content-Type", files_type(file->path));
	if (zipped)
		(void)MHD_add_response_header(response, "Content-Encoding", "gzip");
	answer(x, 200, response);
}

void files_answer(struct exchange *x, const char *method, const char *url)
{
	const struct file *file = find(x->server->files, url);
	const char *last = strrchr(url, '/');

	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
		fail_answer(x,
			    (struct refusal){ .status = 405,
					      .code = "MethodNotAllowed",
					      .allow = "GET, HEAD" },
			    "This path takes GET, HEAD");
		return;
	}
	/* The page has paths of its own ("/content"); what looks like a file is one, or is not there. */
	if (!file && (!last || !strchr(last, '.')))
		file = find(x->server->files, "/index.html");
	if (file)
		send_file(x, file);
	else
		fail_not_found(x);
}

void files_openapi(struct exchange *x)
{
	if (x->server->files->api)
		answer_shared(x, 200, x->server->files->api);
	else
		fail_not_found(x);
}
