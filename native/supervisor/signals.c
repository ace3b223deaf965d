/* SPDX-License-Identifier: Apache-2.0
 * Signals: everything that can be caught is read from a signalfd. Requests to
 * end (TERM, INT, QUIT) begin the stop of the pod; the rest goes to the apps. */
#define _GNU_SOURCE
#include "supervisor.h"

#include <errno.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Left to their default action: faults, and the job control stops of the
 * user's shell (a stopped supervisor holds the pod's output, no more). */
static const int untouched[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS, SIGABRT, SIGTSTP, SIGTTIN};
static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

static void on_fault(int sig)
{
	tty_restore();
	raise(sig); /* SA_RESETHAND: the default action follows */
}

int signals_start(struct pod *pod)
{
	sigset_t all;
	sigfillset(&all);
	for (size_t i = 0; i < sizeof untouched / sizeof *untouched; i++)
		sigdelset(&all, untouched[i]);
	sigemptyset(&pod->ignored);
	/* nohup and shells without job control ignore these on purpose. */
	static const int shell[] = {SIGHUP, SIGINT, SIGQUIT};
	for (size_t i = 0; i < sizeof shell / sizeof *shell; i++) {
		struct sigaction old;
		if (sigaction(shell[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN)
			sigaddset(&pod->ignored, shell[i]);
	}
	/* An inherited ignored SIGCHLD would reap our children behind our back. */
	struct sigaction def = {.sa_handler = SIG_DFL};
	struct sigaction fault = {.sa_handler = on_fault, .sa_flags = SA_RESETHAND | SA_NODEFER};
	if (sigaction(SIGCHLD, &def, NULL) < 0)
		return report_errno("reset", "SIGCHLD");
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		if (sigaction(faults[i], &fault, NULL) < 0)
			return report_errno("catch", "faults");
	if (sigprocmask(SIG_SETMASK, &all, NULL) < 0)
		return report_errno("block", "signals");
	pod->sigfd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	return pod->sigfd < 0 ? report_errno("signalfd", "for all signals") : 0;
}

/* Between fork and exec: an app starts with default dispositions, nothing blocked. */
void signals_child_defaults(void)
{
	/* The system call itself: libc refuses 32 and 33, which it keeps for its threads, and which
	 * children of a JVM inherit ignored. All zero is SIG_DFL; EINVAL for KILL and STOP. */
	const unsigned long def[8] = {0};
	for (int sig = 1; sig <= 64; sig++)
		syscall(SYS_rt_sigaction, sig, def, NULL, 8);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The pid cannot have been reused: it stays ours until we wait for it. */
void app_signal(struct app *app, int sig)
{
	if (app->state == APP_RUNNING && kill(app->pid, sig) < 0 && errno != ESRCH)
		report_errno("signal app", app->name);
}

void pod_stop(struct pod *pod, int sig)
{
	if (pod->stopping)
		return;
	pod->stopping = true;
	pod->deadline_ms = monotonic_ms() + pod->grace_ms;
	for (size_t i = 0; i < pod->napps; i++) {
		if (pod->apps[i].step == STEP_POST_STOP) /* has a deadline of its own */
			continue;
		pod->apps[i].sent = sig; /* one still starting gets it once it runs */
		app_signal(&pod->apps[i], sig);
		app_signal(&pod->apps[i], SIGCONT); /* a stopped app could not act on it */
	}
	notify_stopping(pod); /* last: a busy manager must not delay the rest */
}

static void app_kill(struct app *app)
{
	if (app->state == APP_RUNNING || app->state == APP_STARTING)
		app->killed = true;
	app_signal(app, SIGKILL);
	if (app->runtime)
		kill(app->runtime, SIGKILL);
}

/* The time to stop is over. The sandbox must stay for post-stop handlers, if any is due. */
void pod_overdue(struct pod *pod)
{
	bool handlers = false;
	for (size_t i = 0; i < pod->napps; i++)
		handlers |= pod->apps[i].post_stop && pod->apps[i].state != APP_ENDED;
	if (!handlers) {
		pod_kill(pod);
		return;
	}
	pod->overdue = true;
	for (size_t i = 0; i < pod->napps; i++)
		if (pod->apps[i].step != STEP_POST_STOP)
			app_kill(&pod->apps[i]);
}

void pod_kill(struct pod *pod)
{
	pod->stopping = pod->killed = true;
	for (size_t i = 0; i < pod->napps; i++)
		app_kill(&pod->apps[i]);
	if (pod->sandbox)
		kill(pod->sandbox, SIGKILL);
}

static void forward(struct pod *pod, int sig)
{
	for (size_t i = 0; i < pod->napps; i++) {
		struct app *app = &pod->apps[i];
		if (app->step != STEP_APP) /* handlers do not know what it would mean */
			continue;
		if (pod->enter && app->state == APP_STARTING)
			app->sent = sig; /* once it runs */
		app_signal(app, sig);
	}
}

static bool has_terminal(const struct pod *pod)
{
	for (size_t i = 0; i < pod->napps; i++)
		if (pod->apps[i].terminal)
			return true;
	return false;
}

static void handle(struct pod *pod, int sig)
{
	if (sigismember(&pod->ignored, sig))
		return;
	switch (sig) {
	case SIGCHLD:
		apps_reap(pod);
		return;
	case SIGPIPE: /* ours: the write that caused it has its errno */
	case SIGTTOU:
		return;
	case SIGWINCH:
		if (has_terminal(pod))
			tty_resize();
		else
			forward(pod, sig);
		return;
	case SIGCONT:
		tty_resume();
		forward(pod, sig);
		return;
	case SIGINT: /* a terminal in raw mode delivers Ctrl-C as a byte */
		if (has_terminal(pod) || pod->enter) {
			forward(pod, sig);
			return;
		}
		break;
	case SIGTERM:
	case SIGQUIT:
		if (pod->enter) { /* the command is no pod to stop: it decides what to make of it */
			forward(pod, sig);
			return;
		}
		break;
	default:
		forward(pod, sig);
		return;
	}
	if (pod->requested)
		pod_kill(pod);
	else {
		pod->requested = true;
		if (pod->stopping)
			forward(pod, sig);
		else
			pod_stop(pod, sig);
	}
}

void signals_read(struct pod *pod)
{
	struct signalfd_siginfo info;
	while (read(pod->sigfd, &info, sizeof info) == sizeof info)
		handle(pod, (int)info.ssi_signo);
}
