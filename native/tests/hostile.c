/* SPDX-License-Identifier: Apache-2.0
 * An app that attacks its pod's PID 1. Prints one line per attempt: "NAME ok" or
 * "NAME errno"; the test says which answers are acceptable. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static void say(const char *name, long result)
{
	if (result >= 0)
		printf("%s ok\n", name);
	else
		printf("%s %s\n", name, strerrorname_np(errno));
}

static long entries(const char *path)
{
	DIR *dir = opendir(path);
	if (!dir)
		return -1;
	long n = -2; /* . and .. */
	errno = 0;
	while (readdir(dir))
		n++;
	long failed = errno;
	closedir(dir);
	errno = failed ? (int)failed : ENODATA;
	return n > 0 ? n : -1;
}

/* Listing the numbers may work; following one must not. */
static long open_any(const char *path)
{
	char name[64];
	long got = -1;
	for (int fd = 0; fd < 64 && got < 0; fd++) {
		snprintf(name, sizeof name, "%s/%d", path, fd);
		got = open(name, O_RDONLY);
		if (got < 0 && errno != ENOENT)
			return -1;
	}
	return got;
}

static long transfer(int write_it)
{
	char byte = 0;
	struct iovec local = {&byte, 1}, remote = {(void *)&entries, 1};
	return syscall(write_it ? SYS_process_vm_writev : SYS_process_vm_readv, 1, &local, 1, &remote, 1, 0);
}

static long join(void)
{
	int fd = open("/proc/1/ns/mnt", O_RDONLY);
	return fd < 0 ? -1 : setns(fd, CLONE_NEWNS);
}

int main(void)
{
	say("ptrace", ptrace(PTRACE_ATTACH, 1, 0, 0));
	say("seize", ptrace(PTRACE_SEIZE, 1, 0, 0));
	say("exe-write", open("/proc/1/exe", O_WRONLY));
	say("exe-read", open("/proc/1/exe", O_RDONLY));
	say("root", entries("/proc/1/root"));
	say("cwd", entries("/proc/1/cwd"));
	say("root-etc", open("/proc/1/root/etc/passwd", O_RDONLY));
	say("fds", open_any("/proc/1/fd"));
	say("mem", open("/proc/1/mem", O_RDWR));
	say("environ", open("/proc/1/environ", O_RDONLY) < 0 ? -1 : read(open("/proc/1/environ", O_RDONLY), (char[1]){0}, 1));
	say("vm-read", transfer(0));
	say("vm-write", transfer(1));
	say("setns", join());
	say("pidfd-getfd", syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, 1, 0), 3, 0));
	/* The kernel accepts signals to a namespace's init and drops them. */
	for (int sig = 1; sig < 32; sig++)
		kill(1, sig);
	kill(1, SIGKILL);
	printf("alive\n");
	return 0;
}
