/* SPDX-License-Identifier: Apache-2.0
 *
 * rkt-supervisor: what stays alive of rkt while a pod runs.
 *
 * One process per pod, single-threaded, event-driven. It owns the pod's
 * sandbox (PID 1 of the pod), starts every app through an OCI runtime, relays
 * output and signals, keeps the logs, records how each app ended, and ends
 * with the pod's exit code. It decides nothing that the launch file (written
 * by rkt as root) has not decided already.
 *
 *   launch.c   the launch file: strict parsing     sandbox.c  PID 1 of the pod
 *   apps.c     start, end, records of apps         steps.c    before and after an app
 *   relay.c    output streams                      log.c      CRI log files and rotation
 *   signals.c  signals to apps, stop and kill      tty.c      interactive terminal
 *   enter.c    rkt enter: one more process         cleanup.c  what remains on disk
 *   teardown.c the pod's networking is undone      report.c   errors, small files, clocks
 *   notify.c   sd_notify to the service manager    listen.c   sockets from the service manager
 *   main.c     the event loop
 */
#ifndef RKT_SUPERVISOR_H
#define RKT_SUPERVISOR_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	EXIT_SETUP = 254,         /* rkt's code for "the pod could not be set up" */
	LAUNCH_MAX = 1 << 20,     /* bytes in a launch file */
	APPS_MAX = 512,           /* apps in a pod */
	OOM_MAX = 4,              /* OOM counters of an app */
	LISTEN_MAX = 64,          /* sockets passed to an app */
	LINE_CAP = 64 << 10,      /* longest line kept whole */
	READ_CAP = 16 << 10,      /* bytes taken from an app at once */
	OUT_CAP = LINE_CAP + 512, /* one line, its prefix and two newlines */
};

struct log {
	const char *path; /* NULL: no log */
	int fd;
	int64_t size;
	bool broken; /* reported once; later lines are dropped */
};

/* One of our own output descriptors. While it holds unwritten bytes no stream
 * that feeds it is read: that is the back-pressure an app feels. */
struct out {
	int fd;
	bool dead;   /* the reader has gone: logs only */
	bool socket; /* written with send(MSG_DONTWAIT) */
	bool polite; /* a shared blocking descriptor: poll, then small writes */
	size_t off, len;
	const struct stream *midline; /* who left a line unfinished (prefix mode) */
	char *buf;
};

/* What an app writes: the read end of a pipe, or a pty master. */
struct stream {
	int fd; /* -1: none or ended */
	bool eof;
	struct app *app;
	struct out *out;
	const char *name; /* "stdout" or "stderr", as logs say it */
	size_t len;
	char *buf;
};

enum app_state { APP_NEW, APP_STARTING, APP_RUNNING, APP_ENDED };

/* What of an app runs: the app itself or one of its event handlers, each a container of its own. */
enum step { STEP_APP, STEP_PRE_START, STEP_POST_STOP, STEPS };
enum { STREAMS = 2 * STEPS };

struct container {
	const char *id, *bundle, *pidfile; /* bundle NULL: the app has no such step */
};

struct app {
	/* from the launch file */
	const char *name, *id, *bundle, *logpath, *status, *exit, *pidfile, *stdin_mode, *oom_note;
	const char *oom[OOM_MAX];
	size_t noom;
	int64_t terminal;
	const char *pre_start, *post_stop; /* bundles of the handlers, or NULL */
	const char *procs;                 /* cgroup.procs of the app, or NULL */
	const char *notify;                /* directory of its sd_notify socket, or NULL */
	int listen[LISTEN_MAX];            /* sockets for it, ascending */
	size_t nlisten;
	/* run time */
	struct container steps[STEPS];
	enum step step;
	enum app_state state;
	bool begun;    /* a container of it was started: its post-stop handler is due */
	pid_t runtime; /* the OCI runtime's process while it starts the step, else 0 */
	pid_t pid;     /* the step's first process once known, else 0 */
	int sent;      /* the stop signal it was sent, else 0 */
	bool killed;   /* we sent SIGKILL */
	int64_t oom_before, started_ns;
	int64_t deadline_ms; /* post-stop: when to kill the handler */
	int notify_fd;       /* with notify: the socket, or -1 */
	int64_t pace_ms;     /* until when its messages so far would have lasted */
	bool ready, was_ready, alive, says_stopping, chided;
	struct log log;
	struct stream streams[STREAMS]; /* of step S: 2 * S and the next */
};

struct pod {
	/* from the launch file */
	int64_t version, lockfd, grace_ms, handler_ms, log_max, log_files, prefix;
	int64_t first_id, ids; /* of its user namespace: the host's ID of its root, and how many; 0: none */
	const char *uuid, *hostname, *net, *ipc, *nsdir, *runtime, *runtime_root, *runtime_log;
	const char *pidfile, *supfile, *ready, *failure, *empty, *subtree_control;
	const char *teardown; /* how to undo the networking; NULL: nothing of ours */
	int64_t mountfd;      /* mount namespace to do it in */
	const char *notify;   /* address of the service manager's sd_notify socket, or NULL */
	const char *null; /* the device that runtimes get as standard input */
	const char *enter; /* a process document: we add one process to a container, and that is all */
	int64_t target;    /* enter without restrictions: whose namespaces to join; else 0 */
	int64_t uid, gid;  /* of the command of such an enter, and the rest of it: */
	const char *cwd, **args, **env;
	size_t nargs, nenv;
	const char **cgroups, **cgroup_parents, **states;
	size_t ncgroups, ncgroup_parents, nstates;
	struct app *apps;
	size_t napps;
	/* run time */
	const char *launch; /* path of the launch file; its directory is the pod's */
	char *title;        /* our command line in memory: the sandbox blanks its copy */
	size_t title_size;
	pid_t sandbox;      /* 0: none (any more) */
	int sigfd;
	sigset_t ignored; /* ignored when we started: left alone */
	bool failed;      /* set-up failed: the code is EXIT_SETUP */
	bool requested;   /* somebody asked the pod to stop */
	bool told_stopping, notify_broken; /* of the service manager */
	bool stopping, overdue, killed, is_ready; /* overdue: the apps were killed, post-stop handlers run on */
	int code;
	int64_t deadline_ms; /* stop: when to kill */
	struct out outs[2];
};

/* report.c */
void report(const char *format, ...) __attribute__((format(printf, 1, 2)));
int report_errno(const char *verb, const char *object); /* "stage1: verb object: errno"; -1 */
void pod_failure(struct pod *pod, const char *format, ...) __attribute__((format(printf, 2, 3)));
int pod_failure_errno(struct pod *pod, const char *verb, const char *object);
int write_file(const char *path, const char *text, size_t len); /* temp + rename; -1 with errno */
ssize_t read_file(const char *path, char *buf, size_t cap); /* NUL-terminated; -1 with errno */
int64_t now_ns(void);       /* wall clock */
int64_t monotonic_ms(void); /* for deadlines */

/* launch.c: 0, or -1 after a report */
int launch_read(struct pod *pod, const char *path);

/* sandbox.c: 0, or -1 after pod_failure */
int sandbox_start(struct pod *pod);

/* apps.c */
void apps_start(struct pod *pod);
void apps_reap(struct pod *pod);
bool apps_ended(const struct pod *pod);
void become_ready(struct pod *pod); /* once all apps are */

/* steps.c */
int steps_prepare(struct app *app);              /* -1 with errno */
void step_clear(const struct app *app);          /* kills what the last step left in the cgroup */
bool step_due(struct pod *pod, struct app *app); /* whether the post-stop handler is to run now */
int steps_timeout(const struct pod *pod);        /* milliseconds to the next deadline, or -1 */
void steps_deadlines(struct pod *pod);

/* relay.c */
void outs_open(struct pod *pod);
void out_flush(struct pod *pod, struct out *out);
int stream_open(struct pod *pod, struct app *app, int index, int fd);
void stream_read(struct pod *pod, struct stream *stream);
void stream_close(struct stream *stream);
bool stream_readable(const struct stream *stream);
int reopen_nonblocking(int fd, int access);

/* log.c */
void log_line(struct pod *pod, struct log *log, const char *stream, char tag, const char *text, size_t len);
void log_flush(void);

/* tty.c */
int tty_listen(struct pod *pod, struct app *app, char *socket_path, size_t cap);
size_t tty_poll(struct pod *pod, struct pollfd *fds);
void tty_event(struct pod *pod, const struct pollfd *fd);
void tty_resize(void);
void tty_initial_size(int master);
void tty_resume(void);
void tty_restore(void); /* async-signal-safe */

/* signals.c */
int signals_start(struct pod *pod);
void signals_read(struct pod *pod);
void signals_child_defaults(void);
void app_signal(struct app *app, int sig);
void pod_stop(struct pod *pod, int sig);
void pod_overdue(struct pod *pod);
void pod_kill(struct pod *pod);

/* teardown.c */
void network_teardown(struct pod *pod);

/* notify.c */
bool notify_valid(const char *address);
int notify_open(struct app *app); /* -1 with errno */
void notify_close(struct pod *pod, struct app *app);
size_t notify_poll(const struct pod *pod, struct pollfd *fds);
void notify_event(struct pod *pod, int fd);
int notify_timeout(const struct pod *pod, int timeout);
void notify_ready(struct pod *pod);
void notify_stopping(struct pod *pod);

/* listen.c */
bool listen_valid(const struct app *app);
int listen_pass(const struct app *app); /* -1 with errno */
void listen_close(struct app *app);
int listen_exec(char **argv);

/* enter.c */
int enter_check(struct pod *pod); /* -1 after a report */
void enter_cleanup(struct pod *pod);
_Noreturn void enter_freely(const struct pod *pod, const struct container *container, const char *console);

/* cleanup.c */
void cleanup_disk(struct pod *pod);

#endif
