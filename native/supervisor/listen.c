/* SPDX-License-Identifier: Apache-2.0
 * Socket activation: sockets that the service manager opened for an app, sd_listen_fds(3). */
#define _GNU_SOURCE
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool listen_valid(const struct app *app)
{
	for (size_t i = 0; i < app->nlisten; i++)
		if (app->listen[i] < 3 || (i && app->listen[i] <= app->listen[i - 1]) || fcntl(app->listen[i], F_GETFD) < 0)
			return false;
	return true;
}

/* In the child that becomes the runtime: from 3 on and open, as the protocol has it. They are in
 * ascending order, so none is overwritten before it has been moved. */
int listen_pass(const struct app *app)
{
	for (size_t i = 0; i < app->nlisten; i++) {
		int to = 3 + (int)i;
		if (app->listen[i] == to ? fcntl(to, F_SETFD, 0) < 0 : dup2(app->listen[i], to) < 0)
			return -1;
	}
	return 0;
}

/* They are the app's from now on: when it closes one nobody else has it but the manager. */
void listen_close(struct app *app)
{
	for (size_t i = 0; i < app->nlisten; i++)
		close(app->listen[i]);
	app->nlisten = 0;
}

/* Inside the pod: "listen COMMAND [ARGUMENT]..." becomes the app. Runtimes say LISTEN_PID=1, but
 * PID 1 of a pod is its sandbox, and which PID the app has nobody knows before it. */
int listen_exec(char **argv)
{
	char pid[16];
	snprintf(pid, sizeof pid, "%d", getpid());
	if (setenv("LISTEN_PID", pid, 1) == 0)
		execv(argv[0], argv);
	int error = errno;
	report_errno("execute", argv[0]);
	return error == ENOENT ? 127 : 126;
}
