/* SPDX-License-Identifier: Apache-2.0
 * The pod's networking is undone: every call in the file that rkt left, in its order,
 * then the namespace's mount. Calls run in the mount namespace that rkt was started in:
 * the pod's own has no way back to it. What fails is reported and left to gc, which reads
 * the same file (rkt.net.Teardown); when all is done the file goes. */
#define _GNU_SOURCE
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	FILE_MAX = 8 << 20,
	CALL_MS = 30000, /* a plugin that takes longer is killed */
	OUTPUT_MAX = 1 << 20, /* and one that says more: its output is memory */
	LOOK_MS = 100,
};

struct call {
	const char *label, *program, **argv, **env;
	size_t argc, envc;
	bool apart; /* the others need not wait for it, nor it for them */
};

static bool in_host_mounts(const struct pod *pod)
{
	return setns((int)pod->mountfd, CLONE_NEWNS) == 0;
}

static bool too_long(int out)
{
	struct stat st;
	return out >= 0 && fstat(out, &st) == 0 && st.st_size > OUTPUT_MAX;
}

/* The exit status; -1 after a report. */
static int wait_for(pid_t pid, const char *label, int out)
{
	int handle = (int)syscall(SYS_pidfd_open, pid, 0), status;
	struct pollfd fd = {handle, POLLIN, 0};
	int64_t left, deadline = monotonic_ms() + CALL_MS;
	bool ended = handle < 0;
	while (!ended && !too_long(out) && (left = deadline - monotonic_ms()) > 0)
		ended = poll(&fd, 1, left < LOOK_MS ? (int)left : LOOK_MS) > 0;
	if (handle >= 0)
		close(handle);
	if (!ended) {
		kill(pid, SIGKILL);
		report("teardown of %s: it %s and was killed", label,
		       too_long(out) ? "wrote too much" : "did not end in time");
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return report_errno("wait for", label);
	if (!ended)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static _Noreturn void become(const struct pod *pod, const struct call *call, int in, int out)
{
	signals_child_defaults();
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || !in_host_mounts(pod))
		report_errno("prepare teardown of", call->label);
	else {
		execve(call->program, (char **)(uintptr_t)call->argv, (char **)(uintptr_t)call->env);
		report_errno("execute", call->program);
	}
	_exit(127);
}

/* A call under way. */
struct started {
	const char *label;
	pid_t pid; /* 0: none; -1: it could not be started, which was reported */
	int out;
};

/* Standard input and output are files in memory: no pipe can fill or stay open. */
static struct started start_call(const struct pod *pod, const struct call *call, const char *input)
{
	size_t len = strlen(input);
	int in = memfd_create("stdin", MFD_CLOEXEC);
	struct started started = {call->label, -1, memfd_create("stdout", MFD_CLOEXEC)};
	if (in < 0 || started.out < 0 || write(in, input, len) != (ssize_t)len || lseek(in, 0, SEEK_SET) < 0) {
		report_errno("prepare teardown of", call->label);
	} else if ((started.pid = fork()) == 0) {
		become(pod, call, in, started.out);
	} else if (started.pid < 0) {
		report_errno("fork for", call->label);
	}
	if (in >= 0)
		close(in);
	return started;
}

static bool end_call(const struct started *call)
{
	char said[1024];
	int status = call->pid <= 0 ? call->pid : wait_for(call->pid, call->label, call->out);
	if (status > 0) {
		ssize_t n = pread(call->out, said, sizeof said - 1, 0);
		said[n > 0 ? n : 0] = 0;
		report("teardown of %s: exit status %d: %s", call->label, status, said);
	}
	if (call->pid && call->out >= 0)
		close(call->out);
	return status == 0;
}

static bool remove_namespace(const struct pod *pod, const char *path)
{
	pid_t pid = fork();
	if (pid == 0) {
		if (!in_host_mounts(pod))
			_exit(1);
		umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW);
		_exit(unlink(path) < 0 && errno != ENOENT);
	}
	int status = pid < 0 ? -1 : wait_for(pid, path, -1);
	if (status)
		report("cannot remove network namespace %s", path);
	return status == 0;
}

static char *load(const char *path, size_t *len)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return NULL;
	char *text = NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 && st.st_size <= FILE_MAX &&
	    (text = malloc((size_t)st.st_size))) {
		*len = (size_t)st.st_size;
		if (read(fd, text, *len) != st.st_size || text[*len - 1]) {
			free(text);
			text = NULL;
		}
	}
	close(fd);
	return text;
}

static const char *value(const char *entry, const char *key)
{
	size_t n = strlen(key);
	return !strncmp(entry, key, n) && entry[n] == '=' ? entry + n + 1 : NULL;
}

void network_teardown(struct pod *pod)
{
	size_t len, entries = 0;
	if (!pod->teardown)
		return;
	char *text = load(pod->teardown, &len);
	if (!text) {
		report("cannot read %s: rkt gc undoes the pod's networking", pod->teardown);
		return;
	}
	for (char *p = text; p < text + len; p += strlen(p) + 1)
		entries++;
	struct call call = {0};
	struct started beside = {0};
	call.argv = calloc(entries + 2, sizeof *call.argv);
	call.env = calloc(entries + 2, sizeof *call.env);
	const char *namespace = NULL, *v;
	bool clean = call.argv && call.env, left = false;
	for (char *p = text; clean && p < text + len; p += strlen(p) + 1) {
		if ((v = value(p, "netns"))) {
			namespace = v;
		} else if ((v = value(p, "call"))) {
			call.label = v;
			call.argc = call.envc = 0;
			call.apart = false;
		} else if ((v = value(p, "program"))) {
			call.program = v;
			call.argv[call.argc++] = v;
		} else if ((v = value(p, "apart"))) {
			call.apart = *v == '1';
		} else if ((v = value(p, "arg"))) {
			call.argv[call.argc++] = v;
		} else if ((v = value(p, "env"))) {
			call.env[call.envc++] = v;
		} else if ((v = value(p, "stdin")) && call.label && call.program) {
			call.argv[call.argc] = call.env[call.envc] = NULL;
			struct started started = start_call(pod, &call, v);
			if (!call.apart) {
				left |= !end_call(&started);
			} else {
				left |= !end_call(&beside);
				beside = started;
			}
		}
	}
	left |= !end_call(&beside);
	if (namespace && !remove_namespace(pod, namespace))
		clean = false;
	if (clean && !left && unlink(pod->teardown) < 0 && errno != ENOENT)
		report_errno("remove", pod->teardown);
	free(call.argv);
	free(call.env);
	free(text);
}
