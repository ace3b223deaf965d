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
 *   apps.c     start, end, records of apps         relay.c    output streams
 *   log.c      CRI log files and rotation          tty.c      interactive terminal
 *   signals.c  signals to apps, stop and kill      cleanup.c  what remains on disk
 *   report.c   errors, small files, clocks         main.c     the event loop
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

struct app {
	/* from the launch file */
	const char *name, *id, *bundle, *logpath, *status, *exit, *pidfile, *stdin_mode;
	const char *oom[OOM_MAX];
	size_t noom;
	int64_t terminal;
	/* run time */
	enum app_state state;
	pid_t runtime; /* the OCI runtime's process while it starts the app, else 0 */
	pid_t pid;     /* the app's first process once known, else 0 */
	int sent;      /* the stop signal it was sent, else 0 */
	bool killed;   /* we sent SIGKILL */
	int64_t oom_before, started_ns;
	struct log log;
	struct stream streams[2];
};

struct pod {
	/* from the launch file */
	int64_t version, lockfd, grace_ms, log_max, log_files, prefix, interactive;
	int64_t first_id, ids; /* of its user namespace: the host's ID of its root, and how many; 0: none */
	const char *uuid, *hostname, *net, *ipc, *nsdir, *runtime, *runtime_root, *runtime_log;
	const char *pidfile, *supfile, *ready, *failure, *empty, *subtree_control;
	const char *null; /* the device that runtimes get as standard input */
	const char **cgroups, **states;
	size_t ncgroups, nstates;
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
	bool stopping, killed, is_ready;
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
void tty_resume(void);
void tty_restore(void); /* async-signal-safe */

/* signals.c */
int signals_start(struct pod *pod);
void signals_read(struct pod *pod);
void signals_child_defaults(void);
void app_signal(struct app *app, int sig);
void pod_stop(struct pod *pod, int sig);
void pod_kill(struct pod *pod);

/* cleanup.c */
void cleanup_disk(struct pod *pod);

#endif
