/* SPDX-License-Identifier: Apache-2.0
 * Event handlers: what runs before and after an app, as containers of their own in
 * the app's root file system, namespaces and cgroup (ADR 0016). A pre-start handler
 * has all the time it wants, a post-stop handler handler-ms. */
#define _GNU_SOURCE
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
	BATCH = 64,     /* processes killed at once */
	CLEAR_MS = 1000 /* what a cgroup whose members multiply may hold up the other apps */
};

/* No app name has a dot, so no app's container is called as a handler's. */
static int container(struct container *step, const struct app *app, const char *bundle, const char *name)
{
	char *id = NULL, *pidfile = NULL;
	if (!bundle)
		return 0;
	if (asprintf(&id, "%s.%s", app->id, name) < 0 || asprintf(&pidfile, "%s/pid", bundle) < 0)
		return -1;
	*step = (struct container){id, bundle, pidfile};
	return 0;
}

int steps_prepare(struct app *app)
{
	app->steps[STEP_APP] = (struct container){app->id, app->bundle, app->pidfile};
	if (container(&app->steps[STEP_PRE_START], app, app->pre_start, "pre-start") < 0)
		return -1;
	return container(&app->steps[STEP_POST_STOP], app, app->post_stop, "post-stop");
}

/* Lists up to BATCH members of the cgroup; -1 when it cannot be read. */
static int members(const char *procs, pid_t *pids)
{
	char text[BATCH * 12];
	int n = 0;
	if (read_file(procs, text, sizeof text) < 0)
		return -1;
	for (char *line = text, *end; n < BATCH && (end = strchr(line, '\n')); line = end + 1) {
		long pid = strtol(line, NULL, 10);
		if (pid > 1 && pid != getpid())
			pids[n++] = (pid_t)pid;
	}
	return n;
}

static bool is_among(pid_t pid, const pid_t *pids, int n)
{
	for (int i = 0; i < n; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

/* A pid that is still listed after its descriptor was opened is the process the descriptor names. */
static int kill_members(const char *procs)
{
	pid_t first[BATCH], second[BATCH];
	int fds[BATCH], n = members(procs, first);
	for (int i = 0; i < n; i++)
		fds[i] = (int)syscall(SYS_pidfd_open, first[i], 0);
	int m = n > 0 ? members(procs, second) : 0;
	for (int i = 0; i < n; i++) {
		if (fds[i] < 0)
			continue;
		if (is_among(first[i], second, m))
			syscall(SYS_pidfd_send_signal, fds[i], SIGKILL, NULL, 0);
		close(fds[i]);
	}
	return n;
}

/* cgroup.kill (v2, Linux 5.14) leaves no time for forking. */
static void kill_cgroup(const char *procs)
{
	char path[PATH_MAX];
	const char *slash = strrchr(procs, '/');
	snprintf(path, sizeof path, "%.*s/cgroup.kill", (int)(slash - procs), procs);
	int fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0) {
		if (write(fd, "1", 1) < 0)
			report_errno("write", path);
		close(fd);
	}
}

/* Daemons of one step would take part in the next, and runc 1.2 refuses a cgroup with
 * processes in it. Members that are dead but not reaped do not count. */
void step_clear(const struct app *app)
{
	struct timespec pause = {0, 500000};
	if (!app->procs)
		return;
	int64_t end = monotonic_ms() + CLEAR_MS;
	kill_cgroup(app->procs);
	do {
		int killed = kill_members(app->procs);
		if (killed <= 0)
			return;
		if (killed == BATCH)
			continue; /* there are more */
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < 16000000)
			pause.tv_nsec *= 2;
	} while (monotonic_ms() < end);
	report("app %s: its cgroup still has processes in it", app->name);
}

bool step_due(struct pod *pod, struct app *app)
{
	if (!app->post_stop || !app->begun || app->step == STEP_POST_STOP)
		return false;
	if (pod->killed || !pod->sandbox) {
		report("app %s: its post-stop handler does not run, because the pod was killed", app->name);
		return false;
	}
	step_clear(app);
	app->killed = false;
	app->deadline_ms = monotonic_ms() + pod->handler_ms;
	return true;
}

static bool has_deadline(const struct app *app)
{
	return app->step == STEP_POST_STOP && app->state != APP_ENDED && !app->killed;
}

int steps_timeout(const struct pod *pod)
{
	int64_t next = INT64_MAX;
	if (pod->stopping && !pod->killed && !pod->overdue)
		next = pod->deadline_ms;
	for (size_t i = 0; i < pod->napps; i++)
		if (has_deadline(&pod->apps[i]) && pod->apps[i].deadline_ms < next)
			next = pod->apps[i].deadline_ms;
	if (next == INT64_MAX)
		return -1;
	int64_t left = next - monotonic_ms();
	return left < 0 ? 0 : (int)left;
}

void steps_deadlines(struct pod *pod)
{
	int64_t now = monotonic_ms();
	if (pod->stopping && !pod->killed && !pod->overdue && now >= pod->deadline_ms)
		pod_overdue(pod);
	for (size_t i = 0; i < pod->napps; i++) {
		struct app *app = &pod->apps[i];
		if (!has_deadline(app) || now < app->deadline_ms)
			continue;
		report("app %s: its post-stop handler took longer than %lld ms and was killed", app->name, (long long)pod->handler_ms);
		app->killed = true;
		app_signal(app, SIGKILL);
		if (app->runtime)
			kill(app->runtime, SIGKILL);
	}
}
