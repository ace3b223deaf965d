/* SPDX-License-Identifier: Apache-2.0
 * rkt enter: the launch file has "enter=PROCESS-DOCUMENT" and one app, whose container
 * the runtime adds the process to. The app's state machine, terminal and signals are
 * those of a pod with one app; there is no sandbox, no log and nothing to record.
 *
 * With "target=PID" (rkt enter --privileged) no runtime is asked, because none adds a
 * process without the container's filter: we join that process's namespaces and cgroups
 * ourselves and keep what capabilities we have. */
#define _GNU_SOURCE
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { DEVPTS_MAGIC = 0x1cd1 };

int enter_check(struct pod *pod)
{
	bool ok = pod->napps == 1 && pod->runtime && pod->runtime_root && pod->runtime_log && pod->apps[0].id &&
		  !pod->apps[0].pre_start && !pod->apps[0].post_stop;
	if (ok && (pod->target == 0 || (pod->target > 1 && pod->target < 1 << 22 && pod->nargs && pod->cwd && pod->nsdir &&
					pod->uid <= UINT32_MAX && pod->gid <= UINT32_MAX)))
		return 0;
	report("launch file %s: not what rkt enter writes", pod->launch);
	return -1;
}

/* The files are ours alone: their names have the pid of rkt enter, which we are. */
void enter_cleanup(struct pod *pod)
{
	const char *files[] = {pod->enter, pod->runtime_log, pod->apps[0].pidfile, pod->launch};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (files[i] && unlink(files[i]) < 0 && errno != ENOENT)
			report_errno("remove", files[i]);
}

static int log_fd = -1; /* -1: we are the command, and have its standard error */

/* Where the supervisor looks for a runtime's words, too. */
static _Noreturn void fail(const char *verb, const char *object)
{
	char text[512];
	if (log_fd < 0) {
		report_errno(verb, object);
		_exit(125);
	}
	int n = snprintf(text, sizeof text, "%s %s: %s\n", verb, object, strerror(errno));
	_exit(write(log_fd, text, (size_t)n) < 0 ? 126 : 125);
}

static void join_cgroups(const struct pod *pod)
{
	char path[4200];
	size_t joined = 0;
	for (size_t i = 0; i < pod->ncgroups; i++) {
		snprintf(path, sizeof path, "%s/cgroup.procs", pod->cgroups[i]);
		int fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 && errno == ENOENT) /* a hierarchy that the runtime does not use */
			continue;
		if (fd < 0 || write(fd, "0", 1) < 0)
			fail("join", path);
		close(fd);
		joined++;
	}
	errno = ENOENT;
	if (pod->ncgroups && !joined)
		fail("join", "the app's cgroup");
}

static bool same_file(const char *a, const char *b)
{
	struct stat x, y;
	if (stat(a, &x) < 0)
		fail("stat", a);
	if (stat(b, &y) < 0)
		fail("stat", b);
	return x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* A pid that still is in the pod's PID namespace after it was opened names a process of the pod. */
static void join_namespaces(const struct pod *pod)
{
	char theirs[64], ours[4200];
	int flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP;
	int fd = (int)syscall(SYS_pidfd_open, (pid_t)pod->target, 0);
	if (fd < 0)
		fail("open process", "of the app");
	snprintf(theirs, sizeof theirs, "/proc/%d/ns/pid", (int)pod->target);
	snprintf(ours, sizeof ours, "%s/pid", pod->nsdir);
	errno = ESRCH;
	if (!same_file(theirs, ours))
		fail("find process", "of the app");
	snprintf(theirs, sizeof theirs, "/proc/%d/ns/user", (int)pod->target);
	if (!same_file(theirs, "/proc/self/ns/user"))
		flags |= CLONE_NEWUSER; /* EINVAL for the one we are in */
	if (setns(fd, flags) < 0)
		fail("setns to", "the app");
	close(fd);
}

static int connect_console(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		fail("connect to", "the console socket");
	return fd;
}

static void send_descriptor(int connection, int fd)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec part = {"pty", 3};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof fd);
	if (sendmsg(connection, &message, MSG_NOSIGNAL) < 0)
		fail("send", "the terminal");
}

/* A terminal of the app's own devpts; whatever else the app put there is refused. */
static void open_terminal(int connection)
{
	struct statfs fs;
	int unlock = 0;
	int master = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (master < 0 || fstatfs(master, &fs) < 0)
		fail("open", "/dev/pts/ptmx");
	errno = ENOTTY;
	if (fs.f_type != DEVPTS_MAGIC || ioctl(master, TIOCSPTLCK, &unlock) < 0)
		fail("unlock", "/dev/pts/ptmx");
	tty_initial_size(master);
	int peer = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (peer < 0 || ioctl(peer, TIOCSCTTY, 0) < 0)
		fail("open", "the terminal");
	for (int i = 0; i < 3; i++)
		if (dup2(peer, i) < 0)
			fail("dup2", "the terminal");
	send_descriptor(connection, master);
}

static _Noreturn void command_main(const struct pod *pod, int connection)
{
	close(log_fd);
	log_fd = -1;
	if (setsid() < 0)
		fail("setsid", "for the command");
	if (connection >= 0)
		open_terminal(connection);
	gid_t group = (gid_t)pod->gid; /* among the others, too, as the runtimes are told */
	if (setgroups(1, &group) < 0 || setgid(group) < 0 || setuid((uid_t)pod->uid) < 0)
		fail("become", "the user");
	if (chdir(pod->cwd) < 0)
		fail("chdir to", pod->cwd);
	environ = (char **)pod->env;
	execvp(pod->args[0], (char **)pod->args);
	report_errno("execute", pod->args[0]);
	_exit(errno == ENOENT ? 127 : 126);
}

/* In the place of a runtime, in a child of the supervisor: starts the command as its next
 * child, leaves the pid, and ends. */
void enter_freely(const struct pod *pod, const struct container *container, const char *console)
{
	char text[16];
	/* What the supervisor has open would be seen in the pod until the command is executed: its
	 * directory, for one, and from there the host's root. */
	if (close_range(3, ~0U, 0) < 0)
		_exit(126);
	log_fd = open(pod->runtime_log, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	int pidfile = open(container->pidfile, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (pidfile < 0)
		fail("open", container->pidfile);
	int connection = console ? connect_console(console) : -1;
	/* Until the command is executed we are a process of the host that the pod can see. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		fail("clear", "dumpable");
	join_cgroups(pod);
	join_namespaces(pod);
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);
	if (pid < 0)
		fail("clone", "the command");
	if (pid == 0)
		command_main(pod, connection);
	int n = snprintf(text, sizeof text, "%d", pid);
	if (write(pidfile, text, (size_t)n) < 0)
		fail("write", container->pidfile);
	_exit(0);
}
