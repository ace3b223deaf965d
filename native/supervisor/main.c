/* SPDX-License-Identifier: Apache-2.0
 * rkt-supervisor LAUNCH-FILE: sets the pod up, then one poll loop until it ends. */
#define _GNU_SOURCE
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	DRAIN_STALL_MS = 1000, /* a reader that takes nothing for so long after a requested stop is given up */
	SANDBOX_END_MS = 3000, /* see end_sandbox */
};

/* A directory of the host as standard input or output of an app would be a way to the host's root (the CVE-2024-21626
 * class): nobody can read or write it, so it is replaced. */
static int no_directories(void)
{
	struct stat st;
	for (int fd = 0; fd <= 2; fd++) {
		if (fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode))
			continue;
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (null < 0 || dup2(null, fd) < 0)
			return -1;
		close(null);
	}
	return 0;
}

static int setup(struct pod *pod, const char *launch)
{
	/* Nothing inherited reaches a runtime or an app but what is passed on purpose. */
	if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		return report_errno("close_range", "inherited descriptors");
	if (no_directories() < 0)
		return report_errno("replace", "a directory as standard input or output");
	if (launch_read(pod, launch) < 0 || signals_start(pod) < 0)
		return -1;
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return pod_failure_errno(pod, "become", "child subreaper");
	if (pod->enter)
		return 0;
	char text[16];
	int n = snprintf(text, sizeof text, "%d\n", getpid());
	if (pod->supfile && write_file(pod->supfile, text, (size_t)n) < 0)
		return pod_failure_errno(pod, "write", pod->supfile);
	return sandbox_start(pod);
}

/* The streams to read, the outputs to write, and the rest; returns how many. The
 * streams of a step wait until its runtime has ended: see runtime_failed. */
static size_t watch(struct pod *pod, struct pollfd *fds, struct stream **streams)
{
	size_t n = 0;
	for (size_t i = 0; i < pod->napps; i++)
		for (int j = 0; j < STREAMS; j++) {
			struct stream *stream = &pod->apps[i].streams[j];
			bool waits = pod->apps[i].state == APP_STARTING && j / 2 == (int)pod->apps[i].step;
			if (!waits && stream->out && stream_readable(stream)) {
				streams[n] = stream;
				fds[n++] = (struct pollfd){stream->fd, POLLIN, 0};
			}
		}
	return n;
}

/* Waits once and handles what happened. Returns false if nothing did in time. */
static bool turn(struct pod *pod, struct pollfd *fds, struct stream **streams, int timeout)
{
	size_t readers = watch(pod, fds, streams), n = readers;
	fds[n++] = (struct pollfd){pod->sigfd, POLLIN, 0};
	for (int i = 0; i < 2; i++)
		fds[n++] = (struct pollfd){pod->outs[i].len ? pod->outs[i].fd : -1, POLLOUT, 0};
	size_t terminal = n;
	n += tty_poll(pod, fds + n);
	size_t notify = n;
	n += notify_poll(pod, fds + n);
	int ready = poll(fds, n, timeout);
	if (ready < 0 && errno != EINTR)
		report_errno("poll", "for events");
	if (ready <= 0)
		return false;
	for (size_t i = terminal; i < notify; i++)
		if (fds[i].revents)
			tty_event(pod, &fds[i]);
	for (int i = 0; i < 2; i++)
		if (fds[readers + 1 + (size_t)i].revents)
			out_flush(pod, &pod->outs[i]);
	for (size_t i = 0; i < readers; i++)
		if (fds[i].revents && stream_readable(streams[i]))
			stream_read(pod, streams[i]);
	for (size_t i = notify; i < n; i++)
		if (fds[i].revents)
			notify_event(pod, fds[i].fd);
	if (fds[readers].revents)
		signals_read(pod);
	return true;
}

static bool output_pending(const struct pod *pod)
{
	for (int i = 0; i < 2; i++)
		if (pod->outs[i].len && !pod->outs[i].dead)
			return true;
	return false;
}

/* Every writer is dead, so what the pipes hold is all there will be. A slow reader
 * gets it at its own pace, unless somebody asked us to stop. */
static void drain(struct pod *pod, struct pollfd *fds, struct stream **streams)
{
	for (;;) {
		bool asked = pod->requested;
		bool pending = output_pending(pod);
		if (!turn(pod, fds, streams, !pending ? 0 : asked ? DRAIN_STALL_MS : -1) && (!pending || asked))
			break;
	}
	for (size_t i = 0; i < pod->napps; i++)
		for (int j = 0; j < STREAMS; j++) {
			struct stream *stream = &pod->apps[i].streams[j];
			if (stream->len && !stream->eof) { /* held open by somebody outside the pod */
				stream_close(stream);
				stream->eof = true;
				out_flush(pod, stream->out);
			}
		}
}

/* Daemons that left their app die here, with the PID namespace. A process that joined
 * the namespace from outside (rkt enter) dies too, but the namespace lasts until its
 * parent out there, which may itself be stopped, reaps it: not something to wait for. */
static void end_sandbox(struct pod *pod, struct pollfd *fds, struct stream **streams)
{
	int64_t left, deadline = monotonic_ms() + SANDBOX_END_MS;
	pod_kill(pod);
	while (pod->sandbox && (left = deadline - monotonic_ms()) > 0)
		turn(pod, fds, streams, (int)left);
	if (pod->sandbox)
		report("a process outside the pod does not reap its dead child inside");
}

static void run(struct pod *pod)
{
	size_t most = pod->napps * (STREAMS + 1) + 8;
	struct pollfd *fds = calloc(most, sizeof *fds);
	struct stream **streams = calloc(most, sizeof *streams);
	if (!fds || !streams) {
		pod_failure_errno(pod, "allocate", "the event loop");
		return;
	}
	outs_open(pod);
	apps_start(pod);
	while (!apps_ended(pod)) {
		turn(pod, fds, streams, notify_timeout(pod, steps_timeout(pod)));
		steps_deadlines(pod);
	}
	if (!pod->enter) {
		notify_stopping(pod);
		end_sandbox(pod, fds, streams);
	}
	drain(pod, fds, streams);
}

int main(int argc, char **argv)
{
	static struct pod pod;
	if (argc > 2 && !strcmp(argv[1], "listen"))
		return listen_exec(argv + 2);
	if (argc != 2) {
		report("usage: rkt-supervisor LAUNCH-FILE (started by rkt run)");
		return EXIT_SETUP;
	}
	prctl(PR_SET_NAME, "rkt-supervisor"); /* the file has another name in the pod's directory */
	pod.title = argv[0];
	pod.title_size = (size_t)(argv[1] + strlen(argv[1]) - argv[0]);
	if (setup(&pod, argv[1]) == 0)
		run(&pod);
	else
		pod.failed = true;
	tty_restore();
	if (pod.sandbox) /* set-up failed: it has no app yet */
		pod_kill(&pod);
	if (pod.enter) {
		enter_cleanup(&pod);
	} else {
		network_teardown(&pod);
		cleanup_disk(&pod);
	}
	return pod.failed ? EXIT_SETUP : pod.code;
}
