/* SPDX-License-Identifier: Apache-2.0
 * Apps: one OCI runtime call each, all in parallel. The runtime's container
 * process becomes our child (we are its subreaper) when the runtime ends, so its
 * exit status comes to us; the runtime's pid file says which child it is. */
#define _GNU_SOURCE
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* The highest oom_kill count of the app's cgroup files; both memory.oom_control (v1)
 * and memory.events (v2) have a line "oom_kill N". No file yet counts as 0. */
static int64_t oom_kills(const struct app *app)
{
	char text[2048];
	int64_t most = 0;
	for (size_t i = 0; i < app->noom; i++) {
		if (read_file(app->oom[i], text, sizeof text) < 0)
			continue;
		for (char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
			if (!strncmp(line, "oom_kill ", 9)) {
				int64_t n = strtoll(line + 9, NULL, 10);
				most = n > most ? n : most;
			}
	}
	return most;
}

static void record(struct app *app, int code, int sig, const char *cause)
{
	char text[512];
	int n = snprintf(text, sizeof text,
			 "{\"app\":\"%s\",\"code\":%d,\"signal\":%d,\"cause\":\"%s\",\"startedAt\":%lld,\"finishedAt\":%lld}\n",
			 app->name, code, sig, cause, (long long)app->started_ns, (long long)now_ns());
	if (app->exit && write_file(app->exit, text, (size_t)n) < 0)
		report_errno("write", app->exit);
	n = snprintf(text, sizeof text, "%d", code);
	if (app->status && write_file(app->status, text, (size_t)n) < 0)
		report_errno("write", app->status);
}

/* The first failure decides the pod's code and ends the other apps. In a requested
 * stop the first app that did not end cleanly decides. */
static void account(struct pod *pod, int code)
{
	if (code == 0)
		return;
	if (pod->code == 0 && (!pod->stopping || pod->requested))
		pod->code = code;
	pod_stop(pod, SIGTERM);
}

static void app_ended(struct pod *pod, struct app *app, int status)
{
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	int code = sig ? 128 + sig : WEXITSTATUS(status);
	const char *cause = sig ? "signal" : "exited";
	if (code == 128 + SIGKILL && oom_kills(app) > app->oom_before)
		cause = "oom"; /* also when a shell passes on its child's fate */
	else if (sig == SIGKILL && app->killed)
		cause = "killed";
	else if (sig && sig == app->sent && pod->stopping) {
		cause = "stopped";
		code = 0;
	}
	app->state = APP_ENDED;
	record(app, code, sig, cause);
	account(pod, code);
}

static void app_failed(struct pod *pod, struct app *app)
{
	app->state = APP_ENDED;
	record(app, EXIT_SETUP, 0, "failed");
	pod->code = EXIT_SETUP;
	pod_stop(pod, SIGTERM);
}

/* One message of the runtime's log: runc writes `... msg="text with \"quotes\""`,
 * crun `text` or `TIME: text`. */
static char *message_of(char *line)
{
	char *msg = strstr(line, " msg=\"");
	if (!msg) {
		char *colon = strstr(line, "Z: ");
		return colon && *line >= '0' && *line <= '9' && colon - line < 40 ? colon + 3 : line;
	}
	char *from = msg + 6, *to = line;
	for (; *from && *from != '"'; from++) {
		if (*from == '\\' && from[1])
			from++;
		*to++ = *from;
	}
	*to = 0;
	return line;
}

/* Why the runtime failed, in its own words: from its log, else from its standard error. */
static void runtime_words(struct pod *pod, struct app *app, char *words, size_t cap)
{
	char text[4096];
	ssize_t n = pod->runtime_log ? read_file(pod->runtime_log, text, sizeof text) : -1;
	struct stream *err = &app->streams[1];
	if (n <= 0 && err->fd >= 0 && (n = read(err->fd, text, sizeof text - 1)) > 0)
		text[n] = 0;
	words[0] = 0;
	char *save = NULL, *first = NULL;
	for (char *line = n > 0 ? strtok_r(text, "\n", &save) : NULL; line; line = strtok_r(NULL, "\n", &save)) {
		bool warning = strstr(line, "level=warning") || strstr(line, "level=info");
		if (!warning && !first)
			first = message_of(line);
	}
	snprintf(words, cap, "%s", first ? first : "no message");
}

static void runtime_failed(struct pod *pod, struct app *app, int status)
{
	char words[1500];
	if (pod->killed) /* we killed it */
		;
	else if (WIFSIGNALED(status))
		pod_failure(pod, "app %s: %s was ended by signal %d", app->name, pod->runtime, WTERMSIG(status));
	else {
		runtime_words(pod, app, words, sizeof words);
		pod_failure(pod, "app %s: %s: %s", app->name, pod->runtime, words);
	}
	/* Whatever else is in the pipes are the runtime's own words again. */
	stream_close(&app->streams[0]);
	stream_close(&app->streams[1]);
	app_failed(pod, app);
}

static void become_ready(struct pod *pod)
{
	for (size_t i = 0; i < pod->napps; i++)
		if (pod->apps[i].started_ns == 0)
			return;
	if (pod->is_ready || !pod->ready || pod->failed)
		return;
	pod->is_ready = true;
	if ((unlink(pod->ready) < 0 && errno != ENOENT) || symlink("ready", pod->ready) < 0)
		report_errno("create symlink", pod->ready);
}

static pid_t read_pid(const char *path)
{
	char text[32], *end;
	if (read_file(path, text, sizeof text) <= 0)
		return 0;
	long pid = strtol(text, &end, 10);
	return pid > 1 && pid < 1 << 22 && (!*end || *end == '\n') ? (pid_t)pid : 0;
}

static void runtime_ended(struct pod *pod, struct app *app, int status)
{
	app->runtime = 0;
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		runtime_failed(pod, app, status);
		return;
	}
	app->pid = read_pid(app->pidfile);
	if (!app->pid) {
		pod_failure(pod, "app %s: %s left no valid %s", app->name, pod->runtime, app->pidfile);
		app_failed(pod, app);
		return;
	}
	siginfo_t info;
	if (waitid(P_PID, (id_t)app->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0) {
		pod_failure(pod, "app %s: %s names a process that is not ours", app->name, app->pidfile);
		app->pid = 0;
		app_failed(pod, app);
		return;
	}
	app->started_ns = now_ns();
	app->state = APP_RUNNING;
	become_ready(pod);
	if (pod->killed)
		app_signal(app, SIGKILL);
	else if (pod->stopping)
		app_signal(app, app->sent);
}

static _Noreturn void exec_runtime(struct pod *pod, struct app *app, char **argv, int in, const int *out)
{
	signals_child_defaults();
	/* A runtime caught half-way must not outlive the pod, nor get the terminal's Ctrl-C. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || setsid() < 0)
		_exit(126);
	if ((in >= 0 && dup2(in, 0) < 0) || dup2(out[0], 1) < 0 || dup2(out[1], 2) < 0)
		_exit(126);
	execv(pod->runtime, argv);
	(void)app;
	char why[256];
	int n = snprintf(why, sizeof why, "%s\n", strerror(errno));
	_exit(write(2, why, (size_t)n) < 0 ? 126 : 127);
}

/* With a user namespace crun gives its standard streams to the app's user, with the rights
 * of the host's root: the app would own the file we were given, and may hold on to it. So
 * it gets a pipe, and a process that knows nothing else fills it. */
static int feed_stdin(struct pod *pod, struct app *app)
{
	int pipes[2];
	pid_t parent = getpid();
	if (pipe2(pipes, O_CLOEXEC) < 0)
		return pod_failure_errno(pod, "pipe", app->name);
	pid_t pid = fork();
	if (pid == 0) {
		char buf[READ_CAP];
		ssize_t n = 0, done = 0;
		signals_child_defaults();
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent || dup2(pipes[1], 1) < 0 || close_range(2, ~0U, 0) < 0)
			_exit(1);
		while (done >= 0 && ((n = read(0, buf, sizeof buf)) > 0 || (n < 0 && errno == EINTR)))
			for (ssize_t off = 0; off < n && done >= 0; off += done)
				done = write(1, buf + off, (size_t)(n - off));
		_exit(n < 0 || done < 0);
	}
	close(pipes[1]);
	if (pid < 0) {
		close(pipes[0]);
		return pod_failure_errno(pod, "fork for the input of app", app->name);
	}
	return pipes[0];
}

/* Opens what the runtime gets as standard input, output and error, and our ends. */
static int open_stdio(struct pod *pod, struct app *app, int *in, int *out)
{
	int pipes[2];
	*in = -1;
	if (strcmp(app->stdin_mode, "inherit") || app->terminal) {
		*in = open(pod->null, O_RDONLY | O_CLOEXEC);
		if (*in < 0)
			return pod_failure_errno(pod, "open", pod->null);
	} else if (pod->ids && (*in = feed_stdin(pod, app)) < 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		if (i == 0 && app->terminal) { /* output comes from the pty */
			out[0] = open(pod->null, O_WRONLY | O_CLOEXEC);
			if (out[0] < 0)
				return pod_failure_errno(pod, "open", pod->null);
			continue;
		}
		if (pipe2(pipes, O_CLOEXEC) < 0)
			return pod_failure_errno(pod, "pipe", app->name);
		out[i] = pipes[1];
		/* So that the pod's root may open /dev/stdout again, as in pods without a user namespace. */
		if (pod->ids && fchown(out[i], (uid_t)pod->first_id, (gid_t)pod->first_id) < 0)
			return pod_failure_errno(pod, "chown the output of app", app->name);
		if (stream_open(pod, app, i, pipes[0]) < 0)
			return pod_failure_errno(pod, "prepare the output of app", app->name);
	}
	return 0;
}

/* crun takes what precedes a colon for a kind of log, so a path with one needs the kind; runc knows no kinds. */
static char *log_argument(const struct pod *pod, char *buffer, size_t size)
{
	const char *name = strrchr(pod->runtime, '/');
	if (!name || strncmp(name, "/crun", 5) != 0 || !strchr(pod->runtime_log, ':'))
		return (char *)pod->runtime_log;
	snprintf(buffer, size, "file:%s", pod->runtime_log);
	return buffer;
}

static int app_start(struct pod *pod, struct app *app)
{
	char console[64], log[4200];
	char *argv[16];
	int n = 0, in = -1, out[2] = {-1, -1}, result = -1;
	app->log = (struct log){.path = pod->log_max ? app->logpath : NULL, .fd = -1};
	app->streams[0].fd = app->streams[1].fd = -1;
	app->oom_before = oom_kills(app);
	if (unlink(app->pidfile) < 0 && errno != ENOENT)
		return pod_failure_errno(pod, "remove", app->pidfile);
	argv[n++] = (char *)pod->runtime;
	argv[n++] = "--root";
	argv[n++] = (char *)pod->runtime_root;
	if (pod->runtime_log) {
		argv[n++] = "--log";
		argv[n++] = log_argument(pod, log, sizeof log);
	}
	argv[n++] = "run";
	argv[n++] = "--detach";
	argv[n++] = "--bundle";
	argv[n++] = (char *)app->bundle;
	argv[n++] = "--pid-file";
	argv[n++] = (char *)app->pidfile;
	if (app->terminal) {
		if (tty_listen(pod, app, console, sizeof console) < 0)
			return -1;
		argv[n++] = "--console-socket";
		argv[n++] = console;
	}
	argv[n++] = (char *)app->id;
	argv[n] = NULL;
	if (open_stdio(pod, app, &in, out) == 0) {
		pid_t pid = fork();
		if (pid == 0)
			exec_runtime(pod, app, argv, in, out);
		if (pid < 0)
			pod_failure_errno(pod, "fork for app", app->name);
		else {
			app->runtime = pid;
			app->state = APP_STARTING;
			result = 0;
		}
	}
	for (int i = 0; i < 2; i++)
		if (out[i] >= 0)
			close(out[i]);
	if (in >= 0)
		close(in);
	return result;
}

void apps_start(struct pod *pod)
{
	for (size_t i = 0; i < pod->napps; i++)
		if (pod->failed || app_start(pod, &pod->apps[i]) < 0)
			app_failed(pod, &pod->apps[i]);
}

bool apps_ended(const struct pod *pod)
{
	for (size_t i = 0; i < pod->napps; i++)
		if (pod->apps[i].state != APP_ENDED)
			return false;
	return true;
}

static void child_ended(struct pod *pod, pid_t pid, int status)
{
	for (size_t i = 0; i < pod->napps; i++)
		if (pod->apps[i].state == APP_RUNNING && pod->apps[i].pid == pid) {
			app_ended(pod, &pod->apps[i], status);
			return;
		}
	if (pid == pod->sandbox) {
		pod->sandbox = 0;
		if (!pod->killed && !apps_ended(pod)) {
			report("the pod's sandbox was ended from outside");
			pod_stop(pod, SIGKILL);
		}
	}
	/* Else: a process of a runtime, or an app whose runtime failed. */
}

/* While a runtime runs, an app that already ended is a zombie of unknown name: it must
 * keep until the pid file tells whose it is, so only known pids are waited for. Then
 * all are: the sandbox cannot end before every zombie of its namespace is reaped. */
void apps_reap(struct pod *pod)
{
	bool starting = false;
	int status;
	pid_t pid;
	for (size_t i = 0; i < pod->napps; i++) {
		struct app *app = &pod->apps[i];
		if (app->state == APP_STARTING && waitpid(app->runtime, &status, WNOHANG) == app->runtime)
			runtime_ended(pod, app, status);
		starting |= app->state == APP_STARTING;
	}
	if (!starting) {
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			child_ended(pod, pid, status);
		return;
	}
	for (size_t i = 0; i < pod->napps; i++)
		if (pod->apps[i].state == APP_RUNNING && (pid = waitpid(pod->apps[i].pid, &status, WNOHANG)) > 0)
			child_ended(pod, pid, status);
	if (pod->sandbox && waitpid(pod->sandbox, &status, WNOHANG) > 0)
		child_ended(pod, pod->sandbox, status);
}
