/* SPDX-License-Identifier: Apache-2.0
 * What the probe tries to do. Each attempt says ok or error:ERRNO; those that could change the probe itself are made in a child. */
#define _GNU_SOURCE
#include "probe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct name {
	const char *name;
	long value;
};

#define CALL(call) { #call, SYS_##call },
static const struct name CALLS[] = {
#include "calls.h"
	{ 0, 0 },
};

static long find(const struct name *table, const char *name)
{
	for (; table->name; table++) {
		if (!strcmp(table->name, name))
			return table->value;
	}
	return (long)number(name);
}

static long list_of(const struct name *table, char *list)
{
	long bits = 0;
	for (char *rest, *word = strtok_r(list, ",", &rest); word; word = strtok_r(NULL, ",", &rest))
		bits |= find(table, word);
	return bits;
}

static int open_flags(const char *mode)
{
	static const struct name modes[] = { { "r", O_RDONLY }, { "w", O_WRONLY }, { "rw", O_RDWR }, { "a", O_WRONLY | O_APPEND },
		{ "create", O_WRONLY | O_CREAT }, { "path", O_PATH }, { "dir", O_RDONLY | O_DIRECTORY }, { 0, 0 } };
	return (int)find(modes, mode) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
}

static void opens(int count, char **args)
{
	int flags = open_flags(count > 1 ? args[1] : "r");
	int fd = open(args[0], flags, 0644);
	say_result("open", args[0], fd);
	if (fd >= 0)
		close(fd);
}

/* Never truncates, creates nothing. */
static void writes(int count, char **args)
{
	(void)count;
	int fd = open(args[0], open_flags("w"));
	long done = fd < 0 ? -1 : write(fd, args[1], strlen(args[1]));
	say_result("write", args[0], done);
	if (fd >= 0)
		close(fd);
}

static void creates(int count, char **args)
{
	int fd = open(args[0], O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	long done = fd < 0 ? -1 : count > 1 ? write(fd, args[1], strlen(args[1])) : 0;
	say_result("create", args[0], done);
	if (fd >= 0)
		close(fd);
}

static void devices(int count, char **args)
{
	(void)count;
	mode_t type = *args[1] == 'b' ? S_IFBLK : *args[1] == 'p' ? S_IFIFO : S_IFCHR;
	say_result("mknod", args[0], mknod(args[0], type | 0666, makedev(number(args[2]), number(args[3]))));
}

static void owners(int count, char **args)
{
	(void)count;
	say_result("chown", args[0], lchown(args[0], (uid_t)number(args[1]), (gid_t)number(args[2])));
}

static void directories(int count, char **args)
{
	(void)count;
	say_result("mkdir", args[0], mkdir(args[0], 0755));
}

static void links(int count, char **args)
{
	(void)count;
	say_result("symlink", args[1], symlink(args[0], args[1]));
}

static void removes(int count, char **args)
{
	(void)count;
	say_result("remove", args[0], remove(args[0]));
}

static long call_args[6];

static long call_one(char **args)
{
	return syscall(find(CALLS, args[0]), call_args[0], call_args[1], call_args[2], call_args[3], call_args[4], call_args[5]);
}

/* Arguments that are not given are 0. */
static void calls(int count, char **args)
{
	for (int i = 0; i < 6; i++)
		call_args[i] = i + 1 < count ? (long)number(args[i + 1]) : 0;
	in_child("syscall", args[0], call_one, args);
}

static long call_i386(char **args)
{
#ifdef __x86_64__
	long result;
	__asm__ volatile("int $0x80" : "=a"(result) : "a"((long)number(args[0])), "b"(0L), "c"(0L), "d"(0L)
			 : "memory", "r8", "r9", "r10", "r11");
	if (result < 0) {
		errno = (int)-result;
		return -1;
	}
	return result;
#else
	(void)args;
	errno = ENOSYS;
	return -1;
#endif
}

static void calls_i386(int count, char **args)
{
	(void)count;
	in_child("int80", args[0], call_i386, args);
}

static int signal_of(const char *name)
{
	for (int i = 1; i < NSIG; i++) {
		const char *known = sigabbrev_np(i);
		if (known && !strcmp(known, name))
			return i;
	}
	return (int)number(name);
}

static void signals(int count, char **args)
{
	say_result("signal", args[0], kill((pid_t)strtol(args[0], NULL, 10), count > 1 ? signal_of(args[1]) : 0));
}

/* Always from a child: ptrace and process_vm_readv of oneself would say nothing. */
static long trace(char **args)
{
	pid_t pid = (pid_t)number(args[0]);
	long got = ptrace(PTRACE_SEIZE, pid, 0, 0);
	if (got == 0)
		ptrace(PTRACE_DETACH, pid, 0, 0);
	return got;
}

static void traces(int count, char **args)
{
	(void)count;
	in_child("ptrace", args[0], trace, args);
}

static long peek(char **args)
{
	char buffer[8];
	struct iovec own = { buffer, sizeof(buffer) };
	struct iovec other = { (void *)trace, sizeof(buffer) }; /* some address: EFAULT means that access was allowed */
	return process_vm_readv((pid_t)number(args[0]), &own, 1, &other, 1, 0);
}

static void peeks(int count, char **args)
{
	(void)count;
	in_child("vmread", args[0], peek, args);
}

static const struct name MOUNT_FLAGS[] = { { "bind", MS_BIND }, { "rbind", MS_BIND | MS_REC }, { "remount", MS_REMOUNT },
	{ "ro", MS_RDONLY }, { "private", MS_PRIVATE }, { "shared", MS_SHARED }, { "move", MS_MOVE }, { 0, 0 } };

static long mount_one(char **args)
{
	return mount(args[0], args[1], args[2], (unsigned long)list_of(MOUNT_FLAGS, args[3]), args[4]);
}

static void mounts(int count, char **args)
{
	char *all[5] = { args[0], args[1], args[2], count > 3 ? args[3] : (char[]){ "0" }, count > 4 ? args[4] : NULL };
	in_child("mount", args[1], mount_one, all);
}

static long unmount(char **args)
{
	return umount2(args[0], MNT_DETACH);
}

static void unmounts(int count, char **args)
{
	(void)count;
	in_child("umount", args[0], unmount, args);
}

static const struct name SPACES[] = { { "mnt", CLONE_NEWNS }, { "user", CLONE_NEWUSER }, { "pid", CLONE_NEWPID },
	{ "net", CLONE_NEWNET }, { "ipc", CLONE_NEWIPC }, { "uts", CLONE_NEWUTS }, { "cgroup", CLONE_NEWCGROUP }, { 0, 0 } };

static long unshare_all(char **args)
{
	char list[256];
	snprintf(list, sizeof(list), "%s", args[0]);
	return unshare((int)list_of(SPACES, list));
}

static void unshares(int count, char **args)
{
	(void)count;
	in_child("unshare", args[0], unshare_all, args);
}

static long clone_all(char **args)
{
	char list[256];
	snprintf(list, sizeof(list), "%s", args[0]);
	long pid = syscall(SYS_clone, list_of(SPACES, list) | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		_exit(0);
	return pid;
}

static void clones(int count, char **args)
{
	(void)count;
	in_child("clone", args[0], clone_all, args);
}

static long join(char **args)
{
	int fd = open(args[0], O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -1 : setns(fd, 0);
}

static void joins(int count, char **args)
{
	(void)count;
	in_child("setns", args[0], join, args);
}

/* The oldest way out of a chroot: keep a descriptor, chroot below, climb. ok when a host's file is in reach. */
static long climb(char **args)
{
	int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0 || (mkdir("/tmp/jail", 0755) < 0 && errno != EEXIST) || chroot("/tmp/jail") < 0 || fchdir(root) < 0)
		return -1;
	for (int i = 0; i < 64; i++) {
		if (chdir("..") < 0)
			return -1;
	}
	if (chroot(".") < 0)
		return -1;
	return access(args[0], F_OK);
}

static void climbs(int count, char **args)
{
	(void)count;
	in_child("climb", args[0], climb, args);
}

/* open_by_handle_at walks around every root directory ("shocker"). */
static long by_handle(char **args)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} all = { .handle.handle_bytes = MAX_HANDLE_SZ };
	int mount_id;
	if (name_to_handle_at(AT_FDCWD, args[0], &all.handle, &mount_id, 0) < 0 && errno != EPERM)
		return -1;
	int at = open(args[0], O_RDONLY | O_CLOEXEC);
	if (at < 0)
		return -1;
	/* Inode 2 is the root of ext4. */
	if (all.handle.handle_bytes == MAX_HANDLE_SZ) {
		all.handle.handle_bytes = 8;
		all.handle.handle_type = 1;
		memcpy(all.handle.f_handle, (uint32_t[]){ 2, 0 }, 8);
	}
	return open_by_handle_at(at, &all.handle, O_RDONLY);
}

static void handles(int count, char **args)
{
	(void)count;
	in_child("handle", args[0], by_handle, args);
}

/* Puts text into what others read from a terminal: TIOCSTI, and TIOCLINUX's paste. */
static void injects(int count, char **args)
{
	(void)count;
	int fd = *args[0] == '/' ? open(args[0], O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC) : (int)number(args[0]);
	long got = fd < 0 ? -1 : 0;
	for (const char *c = args[1]; got == 0 && *c; c++)
		got = ioctl(fd, TIOCSTI, c);
	say_result("tiocsti", args[0], got);
	char paste[] = { 3 /* TIOCL_PASTESEL */ };
	say_result("tioclinux", args[0], fd < 0 ? -1 : ioctl(fd, TIOCLINUX, paste));
	/* The filter of CVE-2016-2568 and -2023-1523 compares 32 bits; the kernel does too. */
	say_result("tiocsti64", args[0], fd < 0 ? -1 : syscall(SYS_ioctl, fd, TIOCSTI | 0x100000000UL, args[1]));
}

static void keyring(int count, char **args)
{
	(void)count, (void)args;
	static const struct name rings[] = { { "thread", -1 }, { "process", -2 }, { "session", -3 }, { "user", -4 }, { "usersession", -5 },
		{ 0, 0 } };
	for (const struct name *each = rings; each->name; each++) {
		long id = syscall(SYS_keyctl, 0 /* GET_KEYRING_ID */, each->value, 0, 0, 0);
		char text[256] = "";
		if (id < 0) {
			say_result("keyring", each->name, -1);
			continue;
		}
		syscall(SYS_keyctl, 6 /* DESCRIBE */, id, text, sizeof(text) - 1, 0);
		say_of("keyring", each->name, "%ld %s", id, text);
	}
	static char keys[4096];
	long got = slurp("/proc/keys", keys, sizeof(keys));
	if (got < 0)
		say_result("keys", "/proc/keys", -1);
	else
		say_of("keys", "/proc/keys", "ok:%s", keys);
}

static void kernel_log(int count, char **args)
{
	(void)count, (void)args;
	static char text[4096];
	say_result("dmesg", "read", klogctl(3, text, sizeof(text)));
}

static const struct name FAMILIES[] = { { "unix", AF_UNIX }, { "inet", AF_INET }, { "inet6", AF_INET6 }, { "netlink", AF_NETLINK },
	{ "packet", AF_PACKET }, { "vsock", AF_VSOCK }, { "alg", AF_ALG }, { "stream", SOCK_STREAM }, { "dgram", SOCK_DGRAM },
	{ "raw", SOCK_RAW }, { "seqpacket", SOCK_SEQPACKET }, { 0, 0 } };

static void sockets(int count, char **args)
{
	int fd = socket((int)find(FAMILIES, args[0]), (int)find(FAMILIES, count > 1 ? args[1] : "stream") | SOCK_CLOEXEC,
		count > 2 ? (int)number(args[2]) : 0);
	say_result("socket", args[0], fd);
	if (fd >= 0)
		close(fd);
}

/* @NAME is abstract. */
static socklen_t address(const char *name, struct sockaddr_un *to)
{
	*to = (struct sockaddr_un){ .sun_family = AF_UNIX };
	strncpy(to->sun_path, name, sizeof(to->sun_path) - 1);
	size_t length = strlen(to->sun_path);
	if (*name == '@')
		to->sun_path[0] = 0;
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (*name != '@'));
}

static void connects(int count, char **args)
{
	(void)count;
	struct sockaddr_un to;
	socklen_t length = address(args[0], &to);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	long got = connect(fd, (struct sockaddr *)&to, length);
	say_result("connect", args[0], got);
	struct ucred peer;
	socklen_t size = sizeof(peer);
	if (got == 0 && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0)
		say_of("peer", args[0], "%d %u %u", peer.pid, peer.uid, peer.gid);
	close(fd);
}

/* Stays open until the probe ends. */
static void listens(int count, char **args)
{
	(void)count;
	struct sockaddr_un at;
	socklen_t length = address(args[0], &at);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	long got = bind(fd, (struct sockaddr *)&at, length);
	if (got == 0)
		got = listen(fd, 8);
	say_result("listen", args[0], got);
}

static void ended(int number_of_signal)
{
	(void)number_of_signal;
	_exit(0);
}

/* Until TERM or INT. */
static void forever(int count, char **args)
{
	(void)count, (void)args;
	signal(SIGTERM, ended);
	signal(SIGINT, ended);
	say("forever", "%d", getpid());
	for (;;)
		pause();
}

/* Makes up to so many sleeping children; says how many there were at once, and ends them. */
static void forks(int count, char **args)
{
	(void)count;
	long most = (long)number(args[0]), n = 0;
	pid_t *all = calloc((size_t)most, sizeof(*all));
	int why = 0;
	fflush(stdout);
	for (; all && n < most; n++) {
		all[n] = fork();
		if (all[n] == 0) {
			pause();
			_exit(0);
		}
		if (all[n] < 0) {
			why = errno;
			break;
		}
	}
	for (long i = 0; i < n; i++) {
		kill(all[i], SIGKILL);
		waitpid(all[i], NULL, 0);
	}
	free(all);
	say("forked", "%ld", n);
	if (why)
		say("fork", "error:%s", errno_name(why));
}

/* Makes so many children of that name, which outlive us. */
static void leaves(int count, char **args)
{
	(void)count;
	long most = (long)number(args[0]), n = 0;
	fflush(stdout);
	for (; n < most; n++) {
		pid_t pid = fork();
		if (pid < 0)
			break;
		if (pid == 0) {
			prctl(PR_SET_NAME, args[1]);
			for (;;)
				pause();
		}
	}
	say("left", "%ld", n);
}

/* Its number, and 42 digits that differ from those of its neighbours. */
static void flood_line(char *line, size_t n)
{
	uint64_t mixed = n * 0x9e3779b97f4a7c15u;
	memset(line, '0', 63);
	line[20] = ' ';
	line[63] = '\n';
	for (int i = 19; n; i--, n /= 10)
		line[i] = (char)('0' + n % 10);
	for (int i = 0; i < 42; i++)
		line[21 + i] = "0123456789abcdef"[mixed >> (i * 4 % 64) & 15];
}

/* Numbered lines of 64 bytes to standard output, in writes of 64 KiB, so many bytes in all. */
static void flood(int count, char **args)
{
	(void)count;
	size_t size = number(args[0]) / 64 * 64;
	static char block[65536];
	fflush(stdout);
	for (size_t at = 0; at < size;) {
		size_t part = size - at < 65536 ? size - at : 65536;
		for (size_t i = 0; i < part; i += 64)
			flood_line(block + i, (at + i) / 64);
		for (size_t done = 0; done < part;) {
			ssize_t n = write(1, block + done, part - done);
			if (n < 0 && errno != EINTR)
				exit(3);
			done += n < 0 ? 0 : (size_t)n;
		}
		at += part;
	}
}

enum { KEPT = 64 };

struct stalked {
	int exes[KEPT]; /* programs of others, open for reading */
	int nexes;
	long seen;
};

/* Whether a host's file is in reach through a process: its root, its working directory, its descriptors. */
static void look_through(const char *pid, const char *marker)
{
	static const char *const ways[] = { "root", "cwd", "fd/3", "fd/4", "fd/5", "fd/6", "fd/7", "fd/8", "fd/9", "fd/10", "fd/11" };
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		char path[4300];
		snprintf(path, sizeof(path), "/proc/%s/%s%s%s", pid, ways[i], i ? "/../../../../../../../../../../../.." : "", marker);
		if (access(path, F_OK) == 0)
			say_of("escape", path, "ok");
	}
}

static void stalk_round(struct stalked *all, const char *marker)
{
	DIR *dir = opendir("/proc");
	if (!dir)
		return;
	for (struct dirent *each; (each = readdir(dir));) {
		long pid = strtol(each->d_name, NULL, 10);
		if (pid <= 1 || pid == getpid())
			continue;
		all->seen++;
		look_through(each->d_name, marker);
		char path[300];
		snprintf(path, sizeof(path), "/proc/%ld/exe", pid);
		int fd = all->nexes < KEPT ? open(path, O_RDONLY | O_CLOEXEC) : -1;
		if (fd >= 0)
			all->exes[all->nexes++] = fd;
	}
	closedir(dir);
}

/* Until a file appears, looks at every process that comes into sight, as the entering runtime is for a moment; then tries
 * to open their programs for writing. Programs of the image itself do not count. */
static void stalks(int count, char **args)
{
	(void)count;
	struct stalked all = { .nexes = 0 };
	while (access(args[0], F_OK) < 0)
		stalk_round(&all, args[1]);
	say("stalked", "%ld", all.seen);
	for (int i = 0; i < all.nexes; i++) {
		char path[64], target[4096];
		snprintf(path, sizeof(path), "/proc/self/fd/%d", all.exes[i]);
		ssize_t n = readlink(path, target, sizeof(target) - 1);
		target[n < 0 ? 0 : n] = 0;
		struct stat own, other;
		if (fstat(all.exes[i], &other) < 0 ||
			(stat(target, &own) == 0 && own.st_dev == other.st_dev && own.st_ino == other.st_ino))
			continue;
		int fd = open(path, O_WRONLY | O_CLOEXEC);
		say_result("overwrite", target, fd);
	}
}

static void becomes(int count, char **args)
{
	(void)count;
	say_result("setuid", args[0], setresuid((uid_t)number(args[0]), (uid_t)number(args[0]), (uid_t)number(args[0])));
}

static void executes(int count, char **args)
{
	char *all[64];
	int n = 0;
	for (; n < count && n < 63; n++)
		all[n] = args[n];
	all[n] = NULL;
	fflush(stdout);
	execv(args[0], all);
	say_result("exec", args[0], -1);
}

const struct command attacks[] = {
	{ "open", 1, opens, "PATH [r|w|rw|a|create|path|dir]" },
	{ "write", 2, writes, "PATH TEXT into what exists" },
	{ "create", 1, creates, "PATH [TEXT]" },
	{ "mknod", 4, devices, "PATH c|b|p MAJOR MINOR" },
	{ "chown", 3, owners, "PATH UID GID" },
	{ "mkdir", 1, directories, "PATH" },
	{ "symlink", 2, links, "TARGET PATH" },
	{ "remove", 1, removes, "PATH" },
	{ "syscall", 1, calls, "NAME|NUMBER [ARG...] (numbers)" },
	{ "int80", 1, calls_i386, "NUMBER of the 32-bit interface" },
	{ "signal", 1, signals, "PID [SIGNAL]" },
	{ "ptrace", 1, traces, "PID" },
	{ "vmread", 1, peeks, "PID" },
	{ "mount", 3, mounts, "SOURCE TARGET TYPE [FLAGS [DATA]]" },
	{ "umount", 1, unmounts, "PATH" },
	{ "unshare", 1, unshares, "user,mnt,pid,net,ipc,uts,cgroup" },
	{ "clone", 1, clones, "the same" },
	{ "setns", 1, joins, "PATH" },
	{ "climb", 1, climbs, "FILE of the host, out of a chroot" },
	{ "handle", 1, handles, "PATH by open_by_handle_at" },
	{ "inject", 2, injects, "TTY|FD TEXT" },
	{ "keyring", 0, keyring, "keyrings and /proc/keys" },
	{ "dmesg", 0, kernel_log, "the kernel's log" },
	{ "socket", 1, sockets, "FAMILY [TYPE [PROTOCOL]]" },
	{ "connect", 1, connects, "PATH|@ABSTRACT" },
	{ "listen", 1, listens, "PATH|@ABSTRACT" },
	{ "forever", 0, forever, "until TERM or INT" },
	{ "fork", 1, forks, "COUNT" },
	{ "leave", 2, leaves, "COUNT NAME" },
	{ "flood", 1, flood, "BYTES of numbered lines" },
	{ "stalk", 2, stalks, "UNTIL-FILE HOST-FILE: every process that comes into sight" },
	{ "setuid", 1, becomes, "UID" },
	{ "exec", 1, executes, "PROGRAM [ARG...] (ARG 0 is PROGRAM)" },
	{ 0, 0, 0, 0 },
};
