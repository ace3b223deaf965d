/* SPDX-License-Identifier: Apache-2.0
 * The sandbox: PID 1 of the pod and owner of its namespaces.
 *
 * It must be a direct child of the supervisor: PR_SET_PDEATHSIG follows the
 * thread that made the child, and it is what ends the whole pod when the
 * supervisor is killed: the kernel then kills everything in the PID namespace.
 *
 * Apps share its PID namespace, so it is the one process of rkt they can see.
 * Security argument: it holds no capability and can gain none; its root is an
 * empty read-only tmpfs; it has no open file at all; it is not dumpable, so
 * /proc/1/{root,exe,fd,mem} and ptrace are refused to any app without
 * CAP_SYS_PTRACE (the CVE-2019-5736 class), and worthless with it; and the
 * kernel drops signals to it that come from inside the namespace.
 *
 * Not even the pod's lock: that is a descriptor of a directory of the host, and
 * /proc/1/fd/N/../.. with CAP_SYS_PTRACE, which an image's isolators can ask
 * for, was the host's root (the CVE-2024-21626 class). Nothing is lost: a dying
 * process closes its files before the kernel ends its namespace, so the lock
 * never outlived the sandbox's last moment, and that begins with the supervisor's.
 *
 * With a user namespace (--private-users) the sandbox is made in it together with the
 * others, which it therefore owns: a root in the pod is root over them alone. */
#define _GNU_SOURCE
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Why set-up failed goes to the supervisor, through the socket both share. */
static int tell(int sock, const char *verb, const char *object)
{
	dprintf(sock, "%s %s: %s", verb, object, strerror(errno));
	return -1;
}

static int loopback_up(int sock)
{
	struct ifreq ifr = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &ifr) < 0)
		return tell(sock, "bring up", "interface lo");
	return close(fd);
}

static int join_network(int sock, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return tell(sock, "open network namespace", path);
	if (setns(fd, CLONE_NEWNET) < 0)
		return tell(sock, "join network namespace", path);
	return close(fd);
}

static int enter_empty_root(int sock, const char *empty)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return tell(sock, "make private mount", "/");
	unsigned long flags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
	if (mount("tmpfs", empty, "tmpfs", flags, "size=4k,nr_inodes=2,mode=0555") < 0)
		return tell(sock, "mount tmpfs on", empty);
	if (chdir(empty) < 0 || syscall(SYS_pivot_root, ".", ".") < 0)
		return tell(sock, "pivot_root", empty);
	if (umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return tell(sock, "unmount", "the old root");
	return 0;
}

static int keep_only(int sock)
{
	if (sock > 0 && close_range(0, (unsigned)sock - 1, 0) < 0)
		return tell(sock, "close_range", "below the socket");
	if (close_range((unsigned)sock + 1, ~0U, 0) < 0)
		return tell(sock, "close_range", "above the socket");
	return 0;
}

static int drop_capabilities(int sock)
{
	for (unsigned long cap = 0; prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0; cap++)
		;
	if (errno != EINVAL) /* EINVAL: past the last capability */
		return tell(sock, "drop", "the capability bounding set");
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return tell(sock, "clear", "ambient capabilities");
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {0};
	if (syscall(SYS_capset, &header, none) < 0)
		return tell(sock, "drop", "all capabilities");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return tell(sock, "set", "no_new_privs");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return tell(sock, "clear", "dumpable");
	return 0;
}

/* The supervisor says when the maps are written: only then is there a root to become. */
static int become_root(int sock)
{
	char byte;
	if (read(sock, &byte, 1) != 1)
		return -1;
	if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return tell(sock, "become", "root of the user namespace");
	return 0;
}

static int sandbox_setup(const struct pod *pod, int sock)
{
	if (pod->ids && become_root(sock) < 0) /* first: it takes the death signal away */
		return -1;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return tell(sock, "set", "parent death signal");
	if (setsid() < 0)
		return tell(sock, "setsid", "for the sandbox");
	prctl(PR_SET_NAME, "rkt-sandbox");
	/* /proc/1/cmdline is readable in the pod: the host's paths are not its business. */
	memset(pod->title, 0, pod->title_size);
	strncpy(pod->title, "rkt-sandbox", pod->title_size - 1);
	if (pod->hostname && sethostname(pod->hostname, strlen(pod->hostname)) < 0)
		return tell(sock, "set host name", pod->hostname);
	if (!strcmp(pod->net, "new") && loopback_up(sock) < 0)
		return -1;
	if (!pod->ids && !strncmp(pod->net, "path:", 5) && join_network(sock, pod->net + 5) < 0)
		return -1;
	return enter_empty_root(sock, pod->empty);
}

static _Noreturn void sandbox_main(const struct pod *pod, int sock)
{
	char byte = 0;
	/* Ignoring SIGCHLD makes the kernel reap the pod's orphans without waking
	 * us (waitpid(2), NOTES). Everything else stays blocked. */
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	if (sandbox_setup(pod, sock) < 0 || sigaction(SIGCHLD, &ignore, NULL) < 0)
		_exit(1);
	if (keep_only(sock) < 0 || drop_capabilities(sock) < 0)
		_exit(1);
	/* The supervisor answers after the death signal was set. If it died before,
	 * the read ends: either way no sandbox outlives it. */
	if (write(sock, &byte, 1) != 1 || read(sock, &byte, 1) != 1)
		_exit(1);
	close(sock);
	for (;;)
		pause();
}

static int bind_namespaces(struct pod *pod)
{
	static const char *const names[] = {"user", "pid", "ipc", "uts", "net"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char from[64], to[4200];
		snprintf(from, sizeof from, "/proc/%d/ns/%s", pod->sandbox, names[i]);
		snprintf(to, sizeof to, "%s/%s", pod->nsdir, names[i]);
		if (access(to, F_OK) == 0 && mount(from, to, NULL, MS_BIND, NULL) < 0)
			return pod_failure_errno(pod, "bind namespace on", to);
	}
	return 0;
}

static int write_map(struct pod *pod, const char *name)
{
	char path[64], line[64];
	snprintf(path, sizeof path, "/proc/%d/%s", pod->sandbox, name);
	int n = snprintf(line, sizeof line, "0 %lld %lld\n", (long long)pod->first_id, (long long)pod->ids);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return pod_failure_errno(pod, "open", path);
	bool written = write(fd, line, (size_t)n) == n;
	if (!written)
		pod_failure_errno(pod, "write", path);
	close(fd);
	return written ? 0 : -1;
}

/* A network namespace that others made is not owned by the pod's user namespace, so nobody
 * in that could join it: we go there, make the sandbox, and come back. */
static pid_t clone_in_network(struct pod *pod, unsigned long flags, const char *path)
{
	pid_t pid = -1;
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int there = open(path, O_RDONLY | O_CLOEXEC);
	if (home < 0 || there < 0 || setns(there, CLONE_NEWNET) < 0)
		pod_failure_errno(pod, "join network namespace", path);
	else {
		pid = (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
		if (pid < 0)
			pod_failure_errno(pod, "clone", "the sandbox");
		else if (pid && setns(home, CLONE_NEWNET) < 0)
			pid = (pid_t)pod_failure_errno(pod, "return to", "the host's network namespace");
	}
	if (home >= 0)
		close(home);
	if (there >= 0)
		close(there);
	return pid;
}

static pid_t clone_sandbox(struct pod *pod)
{
	unsigned long flags = CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWNS | SIGCHLD;
	if (!strcmp(pod->ipc, "private"))
		flags |= CLONE_NEWIPC;
	if (!strcmp(pod->net, "new"))
		flags |= CLONE_NEWNET;
	if (pod->ids)
		flags |= CLONE_NEWUSER; /* owns the others: the kernel makes it first */
	if (pod->ids && !strncmp(pod->net, "path:", 5))
		return clone_in_network(pod, flags, pod->net + 5);
	pid_t pid = (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
	return pid < 0 ? (pid_t)pod_failure_errno(pod, "clone", "the sandbox") : pid;
}

int sandbox_start(struct pod *pod)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return pod_failure_errno(pod, "socketpair", "for the sandbox");
	pid_t pid = clone_sandbox(pod);
	if (pid < 0)
		return -1;
	if (pid == 0) {
		close(pair[0]);
		sandbox_main(pod, pair[1]);
	}
	close(pair[1]);
	pod->sandbox = pid;
	if (pod->ids && (write_map(pod, "uid_map") < 0 || write_map(pod, "gid_map") < 0 || write(pair[0], "m", 1) != 1)) {
		close(pair[0]);
		return -1;
	}
	/* One zero byte: it stands. Anything else is why it does not. */
	char why[512];
	ssize_t n = read(pair[0], why, sizeof why - 1);
	bool stands = n == 1 && why[0] == 0 && write(pair[0], "g", 1) == 1;
	close(pair[0]);
	if (!stands) {
		why[n > 0 ? n : 0] = 0;
		pod_failure(pod, "%s", n > 1 ? why : "the sandbox ended while it was set up");
		return -1;
	}
	if (bind_namespaces(pod) < 0)
		return -1;
	char text[16];
	int len = snprintf(text, sizeof text, "%d\n", pid);
	if (write_file(pod->pidfile, text, (size_t)len) < 0)
		return pod_failure_errno(pod, "write", pod->pidfile);
	return 0;
}
