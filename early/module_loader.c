/* SPDX-License-Identifier: Apache-2.0 */
#include "module_loader.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/size.h"
#include "module_extra.h"

#define WORKERS		 16
#define NICENESS	 10
#define NICENESS_STORAGE 5
#define STACK_BYTES	 (128 * KIB)

struct request {
	struct request *next;
	char text[];
};

struct loader {
	struct modules *modules;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t wake;
	struct request *requests; /* all ever made, in order: none is made twice */
	struct request **last;
	struct request *next; /* the first not yet taken */
	unsigned n_busy;
	bool alone;  /* one changes the index: nobody else may use it */
	char *extra; /* the archive of modules that was offered; NULL: none, or it was taken */
	bool listed; /* all devices that were there have been asked for */
	bool idle;   /* and MODULES_BUSY_PATH is gone */
};

/*
 * A PCI storage controller's driver (base class 01) comes before those of all else: on one processor a
 * CD waits for its own driver, not for the USB keyboard's.
 */
static int niceness_of(const char *alias)
{
	return strncmp(alias, "pci:", 4) == 0 && strstr(alias, "bc01") ? NICENESS_STORAGE
								       : NICENESS;
}

static void make_busy(struct loader *loader)
{
	if (loader->idle)
		modules_mark_busy();
	loader->idle = false;
}

/*
 * Called and left with the lock held, while all other workers wait: when all is started that the initrd
 * has, and a storage controller still has no driver, looks for one in the archive.
 */
static bool try_extra(struct loader *loader)
{
	char aliases[MODULE_EXTRA_MAX][MODULE_ALIAS_BYTES];
	size_t n = loader->extra ? module_extra_wanted("/sys", aliases) : 0;
	autofree char *archive = NULL;
	struct fail why = { 0 };

	if (n == 0)
		return false;
	archive = take_ptr(loader->extra);
	log_info("drivers: the initrd has none for %s", aliases[0]);
	make_busy(loader);
	loader->alone = true;
	loader->n_busy++;
	pthread_mutex_unlock(&loader->lock);
	if (module_extra_unpack(loader->modules, archive, &why) < 0)
		log_warn("%s", why.msg);
	for (size_t i = 0; i < n; i++)
		modules_load_for(loader->modules, aliases[i]);
	pthread_mutex_lock(&loader->lock);
	loader->alone = false;
	loader->n_busy--;
	pthread_cond_broadcast(&loader->wake);
	return true;
}

/* Called with the lock held: nothing is asked for and nothing is being loaded. */
static void rest(struct loader *loader)
{
	if (loader->idle)
		return;
	loader->idle = true;
	log_info("drivers: all started");
	(void)unlink(MODULES_BUSY_PATH);
}

static void *worker(void *arg)
{
	struct loader *loader = arg;

	pthread_mutex_lock(&loader->lock);
	for (;;) {
		struct request *request = loader->alone ? NULL : loader->next;

		if (!request) {
			if (loader->n_busy == 0 && loader->listed) {
				if (try_extra(loader))
					continue;
				rest(loader);
			}
			pthread_cond_wait(&loader->wake, &loader->lock);
			continue;
		}
		loader->next = request->next;
		loader->n_busy++;
		pthread_mutex_unlock(&loader->lock);
		/* Linux gives each thread a niceness of its own. */
		(void)setpriority(PRIO_PROCESS, 0, niceness_of(request->text));
		modules_load_for(loader->modules, request->text);
		pthread_mutex_lock(&loader->lock);
		loader->n_busy--;
	}
	return NULL;
}

static void start_workers(struct loader *loader)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	for (unsigned i = 0; i < WORKERS; i++) {
		int r = pthread_create(&thread, &attr, worker, loader);

		if (r != 0)
			log_warn("start a thread that loads modules: %s", strerror(r));
	}
	pthread_attr_destroy(&attr);
}

static bool was_asked(const struct loader *loader, const char *text)
{
	for (const struct request *r = loader->requests; r; r = r->next) {
		if (strcmp(r->text, text) == 0)
			return true;
	}
	return false;
}

static void take_request(struct loader *loader, const char *text, size_t bytes)
{
	struct request *request;

	pthread_mutex_lock(&loader->lock);
	if (strcmp(text, MODULES_LISTED) == 0) {
		loader->listed = true;
		pthread_cond_signal(&loader->wake);
	} else if (text[0] == MODULES_EXTRA[0]) {
		free(loader->extra);
		loader->extra = xstrdup(text + 1);
		pthread_cond_signal(&loader->wake);
	} else if (!was_asked(loader, text)) {
		request = xcalloc(1, sizeof(*request) + bytes + 1);
		memcpy(request->text, text, bytes);
		*loader->last = request;
		loader->last = &request->next;
		make_busy(loader);
		if (!loader->next)
			loader->next = request;
		pthread_cond_signal(&loader->wake);
	}
	pthread_mutex_unlock(&loader->lock);
}

void module_loader_run(struct modules *modules, int fd)
{
	struct loader loader = { .modules = modules };
	char text[2048];
	ssize_t n;

	(void)prctl(PR_SET_NAME, "palette-modules");
	/* Whoever waits for a device sleeps; once it is there, the boot goes on before other drivers. */
	(void)setpriority(PRIO_PROCESS, 0, NICENESS);
	loader.last = &loader.requests;
	pthread_mutex_init(&loader.lock, NULL);
	pthread_cond_init(&loader.wake, NULL);
	modules_read_aliases(modules);
	start_workers(&loader);
	while ((n = recv(fd, text, sizeof(text) - 1, 0)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		text[n] = '\0';
		take_request(&loader, text, (size_t)n);
	}
	_exit(0);
}
