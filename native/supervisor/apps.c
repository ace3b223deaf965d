/* SPDX-License-Identifier: Apache-2.0
 * Apps: one OCI runtime call for each step of an app (pre-start handler, the app,
 * post-stop handler), all apps in parallel. The runtime's container process becomes
 * our child (we are its subreaper) when the runtime ends, so its exit status comes
 * to us; the runtime's pid file says which child it is. */
#define _GNU_SOURCE
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
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

static void record(struct app *app, int code, int sig, const char *cause, int64_t ooms)
{
	char text[512];
	int n = snprintf(text, sizeof text,
			 "{\"app\":\"%s\",\"code\":%d,\"signal\":%d,\"cause\":\"%s\",\"startedAt\":%lld,\"finishedAt\":%lld,\"oomKills\":%lld}\n",
			 app->name, code, sig, cause, (long long)app->started_ns, (long long)now_ns(), (long long)ooms);
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

static int step_start(struct pod *pod, struct app *app, enum step step);

/* The app is over, or never was; what is left to do is its post-stop handler. */
static void app_over(struct pod *pod, struct app *app)
{
	notify_close(pod, app);
	app->state = APP_ENDED;
	if (step_due(pod, app) && step_start(pod, app, STEP_POST_STOP) < 0)
		app->state = APP_ENDED;
}

static void app_failed(struct pod *pod, struct app *app)
{
	record(app, EXIT_SETUP, 0, "failed", 0);
	pod->code = EXIT_SETUP;
	pod_stop(pod, SIGTERM);
	app_over(pod, app);
}

/* Words for how a handler ended. */
static const char *fate(int code, int sig, char *text, size_t cap)
{
	snprintf(text, cap, sig ? "was ended by signal %d" : "ended with exit code %d", sig ? sig : code);
	return text;
}

static void pre_start_ended(struct pod *pod, struct app *app, int code, int sig)
{
	char text[64];
	const char *cause = "failed";
	if (code == 0 && !pod->stopping) {
		step_clear(app);
		if (step_start(pod, app, STEP_APP) < 0)
			app_failed(pod, app);
		return;
	}
	if (pod->stopping && (code == 0 || sig == app->sent)) {
		cause = "stopped";
		code = 0;
	} else if (sig == SIGKILL && app->killed)
		cause = "killed";
	else
		report("app %s: its pre-start handler %s, so the app was not started", app->name, fate(code, sig, text, sizeof text));
	record(app, code, sig, cause, 0);
	account(pod, code);
	app_over(pod, app);
}

static void post_stop_ended(struct app *app, int code, int sig)
{
	char text[64];
	if (code && !app->killed)
		report("app %s: its post-stop handler %s", app->name, fate(code, sig, text, sizeof text));
	step_clear(app);
	app->state = APP_ENDED;
}

/* The kernel tells nobody but its own log. Whatever the app's fate: that a worker of it was
 * killed explains much that its exit status does not. */
static void report_ooms(const struct app *app, int64_t ooms, bool itself)
{
	const char *note = app->oom_note ? app->oom_note : "";
	if (itself)
		report("app %s: out of memory: killed by the kernel%s%s%s", app->name, *note ? " (" : "", note, *note ? ")" : "");
	else if (ooms > 0)
		report("app %s: out of memory: the kernel killed %lld of its processes%s%s%s", app->name, (long long)ooms,
		       *note ? " (" : "", note, *note ? ")" : "");
}

static void step_ended(struct pod *pod, struct app *app, int status)
{
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	int code = sig ? 128 + sig : WEXITSTATUS(status);
	if (app->step == STEP_PRE_START) {
		pre_start_ended(pod, app, code, sig);
		return;
	}
	if (app->step == STEP_POST_STOP) {
		post_stop_ended(app, code, sig);
		return;
	}
	const char *cause = sig ? "signal" : "exited";
	int64_t ooms = oom_kills(app) - app->oom_before;
	if (sig == SIGKILL && app->killed)
		cause = "killed"; /* also when a child of it had been out of memory before */
	else if (code == 128 + SIGKILL && ooms > 0)
		cause = "oom"; /* also when a shell passes on its child's fate */
	else if (sig && sig == app->sent && pod->stopping) {
		cause = "stopped";
		code = 0;
	}
	report_ooms(app, ooms, !strcmp(cause, "oom"));
	notify_close(pod, app);
	if (code == 0 && app->notify && !app->was_ready && !pod->stopping) {
		report("app %s: it ended before it said that it is ready (READY=1)", app->name);
		pod_stop(pod, SIGTERM); /* which cannot be ready any more */
	}
	record(app, code, sig, cause, ooms > 0 ? ooms : 0);
	account(pod, code);
	app_over(pod, app);
}

/* A step that did not start. A post-stop handler's failure is no failure of the app, which has had its end. */
static void step_failed(struct pod *pod, struct app *app)
{
	if (app->step == STEP_POST_STOP)
		app->state = APP_ENDED;
	else
		app_failed(pod, app);
}

__attribute__((format(printf, 3, 4))) static void step_failure(struct pod *pod, struct app *app, const char *format, ...)
{
	char text[1700];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (app->step == STEP_POST_STOP)
		report("app %s: its post-stop handler was not started: %s", app->name, text);
	else
		pod_failure(pod, "app %s: %s%s", app->name, app->step == STEP_PRE_START ? "pre-start handler: " : "", text);
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
	struct stream *err = &app->streams[2 * app->step + 1];
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

static int step_failure_errno(struct pod *pod, struct app *app, const char *verb, const char *object)
{
	step_failure(pod, app, "%s %s: %s", verb, object, strerror(errno));
	return -1;
}

static void runtime_failed(struct pod *pod, struct app *app, int status)
{
	char words[1500];
	if (app->killed) /* by us */
		;
	else if (pod->enter && app->streams[2 * app->step + 1].fd < 0 && WIFEXITED(status) && !pod->target)
		pod->failed = true; /* it said why on our standard error, which it has */
	else if (WIFSIGNALED(status))
		step_failure(pod, app, "%s was ended by signal %d", pod->runtime, WTERMSIG(status));
	else {
		runtime_words(pod, app, words, sizeof words);
		step_failure(pod, app, "%s%s%s", pod->target ? "" : pod->runtime, pod->target ? "" : ": ", words);
	}
	/* Whatever else is in the pipes are the runtime's own words again. */
	stream_close(&app->streams[2 * app->step]);
	stream_close(&app->streams[2 * app->step + 1]);
	step_failed(pod, app);
}

void become_ready(struct pod *pod)
{
	for (size_t i = 0; i < pod->napps; i++)
		if (pod->apps[i].started_ns == 0 || (pod->apps[i].notify && !pod->apps[i].was_ready))
			return;
	if (pod->is_ready || pod->failed || pod->enter)
		return;
	pod->is_ready = true;
	if (!pod->stopping)
		notify_ready(pod);
	if (!pod->ready)
		return;
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
	const char *pidfile = app->steps[app->step].pidfile;
	app->runtime = 0;
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		runtime_failed(pod, app, status);
		return;
	}
	app->pid = read_pid(pidfile);
	if (!app->pid) {
		step_failure(pod, app, "%s left no valid %s", pod->runtime, pidfile);
		step_failed(pod, app);
		return;
	}
	siginfo_t info;
	if (waitid(P_PID, (id_t)app->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0) {
		step_failure(pod, app, "%s names a process that is not ours", pidfile);
		app->pid = 0;
		step_failed(pod, app);
		return;
	}
	app->state = APP_RUNNING;
	if (app->step == STEP_APP) {
		app->started_ns = now_ns();
		become_ready(pod);
	}
	if (app->killed)
		app_signal(app, SIGKILL);
	else if ((pod->stopping && app->step != STEP_POST_STOP) || (pod->enter && app->sent))
		app_signal(app, app->sent);
}

static _Noreturn void exec_runtime(struct pod *pod, const struct app *app, char **argv, const char *console, int in, const int *out)
{
	signals_child_defaults();
	/* A runtime caught half-way must not outlive the pod, nor get the terminal's Ctrl-C. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || setsid() < 0)
		_exit(126);
	if ((in >= 0 && dup2(in, 0) < 0) || (out[0] >= 0 && dup2(out[0], 1) < 0) || (out[1] >= 0 && dup2(out[1], 2) < 0))
		_exit(126);
	if (pod->enter && pod->target)
		enter_freely(pod, &app->steps[app->step], console);
	if (app->step == STEP_APP && listen_pass(app) < 0)
		_exit(126);
	execv(pod->runtime, argv);
	char why[256];
	int n = snprintf(why, sizeof why, "%s\n", strerror(errno));
	_exit(write(2, why, (size_t)n) < 0 ? 126 : 127);
}

/* Whether the apps may have one of our own standard streams as it is. A file or terminal of
 * the host could be opened anew through /proc/PID/fd, by any app of the pod and for writing,
 * whatever it was opened for here. */
static bool is_harmless(int fd)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return true; /* closed: nothing to pass on */
	return S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) || (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3));
}

/* In the place of such a stream the app gets a pipe, and a process that knows nothing else
 * fills it. With a user namespace always: crun then gives its standard streams to the app's
 * user, with the rights of the host's root, and the app would own what we were given. */
static int feed_stdin(struct pod *pod, struct app *app)
{
	int pipes[2];
	pid_t parent = getpid();
	if (pipe2(pipes, O_CLOEXEC) < 0)
		return step_failure_errno(pod, app, "pipe", "for it");
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
		return step_failure_errno(pod, app, "fork", "for its input");
	}
	return pipes[0];
}

/* Opens what the runtime gets as standard input, output and error, and our ends. */
static int open_stdio(struct pod *pod, struct app *app, bool terminal, int *in, int *out)
{
	int pipes[2];
	*in = -1;
	if (strcmp(app->stdin_mode, "inherit") || terminal || app->step != STEP_APP) {
		*in = open(pod->null, O_RDONLY | O_CLOEXEC);
		if (*in < 0)
			return step_failure_errno(pod, app, "open", pod->null);
	} else if ((pod->ids || !is_harmless(STDIN_FILENO)) && (*in = feed_stdin(pod, app)) < 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		if (pod->enter && !terminal && is_harmless(i + 1)) /* to its caller, without a detour */
			continue;
		if (i == 0 && terminal) { /* output comes from the pty */
			out[0] = open(pod->null, O_WRONLY | O_CLOEXEC);
			if (out[0] < 0)
				return step_failure_errno(pod, app, "open", pod->null);
			continue;
		}
		if (pipe2(pipes, O_CLOEXEC) < 0)
			return step_failure_errno(pod, app, "pipe", "for it");
		out[i] = pipes[1];
		/* So that the pod's root may open /dev/stdout again, as in pods without a user namespace. */
		if (pod->ids && fchown(out[i], (uid_t)pod->first_id, (gid_t)pod->first_id) < 0)
			return step_failure_errno(pod, app, "chown", "its output");
		if (stream_open(pod, app, 2 * (int)app->step + i, pipes[0]) < 0)
			return step_failure_errno(pod, app, "prepare", "its output");
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

static int step_start(struct pod *pod, struct app *app, enum step step)
{
	char console[64], log[4200], passed[16];
	char *argv[18];
	const struct container *container = &app->steps[step];
	int n = 0, in = -1, out[2] = {-1, -1}, result = -1;
	bool terminal = app->terminal && step == STEP_APP;
	app->step = step;
	app->pid = 0;
	app->oom_before = oom_kills(app);
	if (unlink(container->pidfile) < 0 && errno != ENOENT)
		return step_failure_errno(pod, app, "remove", container->pidfile);
	argv[n++] = (char *)pod->runtime;
	argv[n++] = "--root";
	argv[n++] = (char *)pod->runtime_root;
	if (pod->runtime_log) {
		argv[n++] = "--log";
		argv[n++] = log_argument(pod, log, sizeof log);
	}
	argv[n++] = pod->enter ? "exec" : "run";
	argv[n++] = "--detach";
	argv[n++] = pod->enter ? "--process" : "--bundle";
	argv[n++] = pod->enter ? (char *)pod->enter : (char *)container->bundle;
	argv[n++] = "--pid-file";
	argv[n++] = (char *)container->pidfile;
	if (terminal) {
		if (tty_listen(pod, app, console, sizeof console) < 0)
			return -1;
		argv[n++] = "--console-socket";
		argv[n++] = console;
	}
	if (step == STEP_APP && app->nlisten) {
		snprintf(passed, sizeof passed, "%d", (int)app->nlisten);
		argv[n++] = "--preserve-fds";
		argv[n++] = passed;
	}
	argv[n++] = (char *)container->id;
	argv[n] = NULL;
	if (step == STEP_APP && app->notify && notify_open(app) < 0)
		return step_failure_errno(pod, app, "make its socket in", app->notify);
	if (open_stdio(pod, app, terminal, &in, out) == 0) {
		pid_t pid = fork();
		if (pid == 0)
			exec_runtime(pod, app, argv, terminal ? console : NULL, in, out);
		if (pid < 0)
			step_failure_errno(pod, app, "fork", "for it");
		else {
			app->runtime = pid;
			app->state = APP_STARTING;
			app->begun = true;
			result = 0;
			if (step == STEP_APP)
				listen_close(app);
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
	for (size_t i = 0; i < pod->napps; i++) {
		struct app *app = &pod->apps[i];
		app->log = (struct log){.path = pod->log_max ? app->logpath : NULL, .fd = -1};
		app->notify_fd = -1;
		for (int j = 0; j < STREAMS; j++)
			app->streams[j].fd = -1;
		if (pod->failed || step_start(pod, app, app->pre_start ? STEP_PRE_START : STEP_APP) < 0)
			app_failed(pod, app);
	}
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
			step_ended(pod, &pod->apps[i], status);
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

/* Whether a runtime still runs. */
static bool runtimes_reap(struct pod *pod)
{
	bool starting = false;
	int status;
	for (size_t i = 0; i < pod->napps; i++) {
		struct app *app = &pod->apps[i];
		if (app->state == APP_STARTING && waitpid(app->runtime, &status, WNOHANG) == app->runtime)
			runtime_ended(pod, app, status);
		starting |= app->state == APP_STARTING;
	}
	return starting;
}

/* While a runtime runs, an app that already ended is a zombie of unknown name: it must
 * keep until the pid file tells whose it is, so only known pids are waited for. Then
 * all are: the sandbox cannot end before every zombie of its namespace is reaped. */
void apps_reap(struct pod *pod)
{
	int status;
	pid_t pid;
	while (!runtimes_reap(pod)) {
		if ((pid = waitpid(-1, &status, WNOHANG)) <= 0)
			return;
		child_ended(pod, pid, status); /* which may start the app's next step */
	}
	for (size_t i = 0; i < pod->napps; i++)
		if (pod->apps[i].state == APP_RUNNING && (pid = waitpid(pod->apps[i].pid, &status, WNOHANG)) > 0)
			child_ended(pod, pid, status);
	if (pod->sandbox && waitpid(pod->sandbox, &status, WNOHANG) > 0)
		child_ended(pod, pod->sandbox, status);
}
