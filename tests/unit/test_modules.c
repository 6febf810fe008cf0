/* SPDX-License-Identifier: Apache-2.0 */
/* The module loader as a process: PID 1 has to be able to end it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "early/modules.h"
#include "lib/file.h"
#include "test.h"

#define PATIENCE_MS 10000

/* Waits for the end of @child; its status, or -1. */
static int wait_for(pid_t child)
{
	const struct timespec moment = { .tv_nsec = 10 * 1000000L };
	int status;

	for (int ms = 0; ms < PATIENCE_MS; ms += 10) {
		if (waitpid(child, &status, WNOHANG) == child)
			return status;
		nanosleep(&moment, NULL);
	}
	return -1;
}

/* A power-off waits for every process that has not ended at SIGTERM. */
TEST(the_module_loader_ends_at_sigterm_though_pid_1_blocks_it)
{
	char dir[] = "/tmp/palette-modules-XXXXXX", path[64];
	struct modules modules;
	struct fail why = { 0 };
	sigset_t mask, old;
	int status;

	CHECK(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/modules.dep", dir);
	CHECK_INT(file_write_atomic(path, "", 0, 0600, &why), 0);
	CHECK_INT(modules_open(dir, "", &modules, &why), 0);
	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	CHECK_INT(sigprocmask(SIG_BLOCK, &mask, &old), 0);
	CHECK_INT(modules_start(&modules, &why), 0);
	CHECK_INT(kill(modules.loader, SIGTERM), 0);
	status = wait_for(modules.loader);
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	modules_stop(&modules);
	(void)unlink(path);
	(void)rmdir(dir);
	CHECK(status != -1 && WIFSIGNALED(status));
	CHECK_INT(WTERMSIG(status), SIGTERM);
}
