/* SPDX-License-Identifier: Apache-2.0
 * probe COMMAND [ARG...] [, COMMAND [ARG...]]...
 * What a process sees of itself and its machine; `probe help` lists the commands. What it tries to do is in attack.c. */
#define _GNU_SOURCE
#include "probe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BIG = 65536 };

static void escaped(const char *text, bool key)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if (*c < 32 || *c > 126 || *c == '\\' || (key && *c == '='))
			printf("\\x%02x", *c);
		else
			putchar(*c);
	}
}

static void line(const char *key, const char *arg, const char *format, va_list list)
{
	static char value[BIG];
	vsnprintf(value, sizeof(value), format, list);
	escaped(key, true);
	if (arg) {
		putchar(' ');
		escaped(arg, true);
	}
	putchar('=');
	escaped(value, false);
	putchar('\n');
	fflush(stdout);
}

void say(const char *key, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	line(key, NULL, format, list);
	va_end(list);
}

void say_of(const char *key, const char *arg, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	line(key, arg, format, list);
	va_end(list);
}

const char *errno_name(int value)
{
	const char *name = strerrorname_np(value);
	return name ? name : "unknown";
}

void say_result(const char *key, const char *arg, long result)
{
	if (result < 0)
		say_of(key, arg, "error:%s", errno_name(errno));
	else
		say_of(key, arg, "ok");
}

unsigned long number(const char *text)
{
	char *end;
	errno = 0;
	unsigned long value = strtoul(text, &end, 0);
	if (errno || end == text || *end) {
		fprintf(stderr, "probe: no number: %s\n", text);
		exit(2);
	}
	return value;
}

long slurp(const char *path, char *buffer, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -1;
	size_t got = 0;
	ssize_t n = 0;
	while (got < size - 1 && (n = read(fd, buffer + got, size - 1 - got)) > 0)
		got += (size_t)n;
	int why = errno;
	close(fd);
	errno = why;
	buffer[got] = 0;
	return n < 0 && !got ? -1 : (long)got;
}

void in_child(const char *key, const char *arg, long (*act)(char **args), char **args)
{
	int pipes[2];
	if (pipe2(pipes, O_CLOEXEC) < 0) {
		say_result(key, arg, -1);
		return;
	}
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		alarm(5);
		errno = 0;
		long got = act(args);
		long outcome[2] = { got, errno };
		ssize_t ignored = write(pipes[1], outcome, sizeof(outcome));
		(void)ignored;
		_exit(0);
	}
	close(pipes[1]);
	long outcome[2];
	ssize_t got = read(pipes[0], outcome, sizeof(outcome));
	close(pipes[0]);
	int status = 0;
	if (child < 0 || waitpid(child, &status, 0) < 0)
		say_of(key, arg, "error:no child: %s", errno_name(errno));
	else if (got == (ssize_t)sizeof(outcome) && outcome[0] < 0)
		say_of(key, arg, "error:%s", errno_name((int)outcome[1]));
	else if (got == (ssize_t)sizeof(outcome))
		say_of(key, arg, "ok");
	else if (WIFSIGNALED(status))
		say_of(key, arg, "killed:SIG%s", sigabbrev_np(WTERMSIG(status)));
	else
		say_of(key, arg, "exited:%d", WEXITSTATUS(status));
}

/* Capabilities, by their numbers. */
static const char *const CAPS[] = {
	"chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap",
	"linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner",
	"sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin", "sys_boot", "sys_nice",
	"sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write", "audit_control", "setfcap",
	"mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf",
	"checkpoint_restore",
};

/* Value of a line of /proc/self/status; empty when it has none. */
static const char *status_of(const char *name)
{
	static char all[BIG];
	static char value[1024];
	value[0] = 0;
	if (slurp("/proc/self/status", all, sizeof(all)) < 0)
		return value;
	size_t length = strlen(name);
	for (char *at = all; at && *at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL) {
		if (!strncmp(at, name, length) && at[length] == ':') {
			at += length + 1;
			at += strspn(at, " \t");
			snprintf(value, sizeof(value), "%.*s", (int)strcspn(at, "\n"), at);
			break;
		}
	}
	return value;
}

static void caps(int count, char **args)
{
	(void)count, (void)args;
	static const char *const sets[][2] = { { "CapEff", "cap.effective" }, { "CapPrm", "cap.permitted" },
		{ "CapInh", "cap.inheritable" }, { "CapBnd", "cap.bounding" }, { "CapAmb", "cap.ambient" } };
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		uint64_t bits = strtoull(status_of(sets[i][0]), NULL, 16);
		char names[1024] = "";
		size_t at = 0;
		for (unsigned bit = 0; bit < 64; bit++) {
			if (!(bits >> bit & 1))
				continue;
			char plain[16];
			snprintf(plain, sizeof(plain), "cap_%u", bit);
			const char *name = bit < sizeof(CAPS) / sizeof(CAPS[0]) ? CAPS[bit] : plain;
			at += (size_t)snprintf(names + at, sizeof(names) - at, "%s%s", at ? "," : "", name);
		}
		say(sets[i][1], "%s", names);
	}
	say("securebits", "%d", prctl(PR_GET_SECUREBITS));
}

static void seccomp(int count, char **args)
{
	(void)count, (void)args;
	say("seccomp", "%s", status_of("Seccomp")); /* 0 none, 2 filter */
	say("seccomp.filters", "%s", status_of("Seccomp_filters"));
	say("no_new_privs", "%s", status_of("NoNewPrivs"));
	say("dumpable", "%d", prctl(PR_GET_DUMPABLE));
	char label[1024];
	if (slurp("/proc/self/attr/current", label, sizeof(label)) >= 0)
		say("label", "%.*s", (int)strcspn(label, "\n"), label);
}

static void ids(int count, char **args)
{
	(void)count, (void)args;
	uid_t u[3];
	gid_t g[3];
	getresuid(&u[0], &u[1], &u[2]);
	getresgid(&g[0], &g[1], &g[2]);
	say("uid", "%u", u[0]);
	say("euid", "%u", u[1]);
	say("suid", "%u", u[2]);
	say("gid", "%u", g[0]);
	say("egid", "%u", g[1]);
	say("sgid", "%u", g[2]);
	gid_t groups[256];
	int n = getgroups(256, groups);
	char text[4096] = "";
	size_t at = 0;
	for (int i = 0; i < n; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%u", i ? "," : "", groups[i]);
	say("groups", "%s", text);
	char map[4096];
	if (slurp("/proc/self/uid_map", map, sizeof(map)) >= 0)
		say("uid_map", "%s", map);
	if (slurp("/proc/self/gid_map", map, sizeof(map)) >= 0)
		say("gid_map", "%s", map);
	say("pid", "%d", getpid());
	say("ppid", "%d", getppid());
	say("sid", "%d", getsid(0));
	say("umask", "%04o", umask(0));
}

/* Octal escapes of mountinfo, in place. */
static char *unescape(char *text)
{
	char *to = text;
	for (const char *from = text; *from; to++) {
		if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] && from[3]) {
			*to = (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = 0;
	return text;
}

struct mount {
	char *root, *target, *options, *propagation, *type, *source, *super;
};

/* Takes one line of mountinfo apart. */
static bool mount_line(char *text, struct mount *m)
{
	char *fields[64];
	int n = 0;
	for (char *rest, *field = strtok_r(text, " ", &rest); field && n < 64; field = strtok_r(NULL, " ", &rest))
		fields[n++] = field;
	int dash = 6;
	while (dash < n && strcmp(fields[dash], "-"))
		dash++;
	if (dash + 3 >= n)
		return false;
	*m = (struct mount){ unescape(fields[3]), unescape(fields[4]), fields[5], "private", fields[dash + 1],
		unescape(fields[dash + 2]), fields[dash + 3] };
	for (int i = 6; i < dash; i++) {
		if (!strncmp(fields[i], "shared:", 7))
			m->propagation = "shared";
		else if (!strncmp(fields[i], "master:", 7))
			m->propagation = strcmp(m->propagation, "shared") ? "slave" : "shared,slave";
	}
	return true;
}

static void each_mount(void (*act)(struct mount *m, void *with), void *with)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	if (!file) {
		say("mounts", "error:%s", errno_name(errno));
		return;
	}
	char *text = NULL;
	size_t size = 0;
	while (getline(&text, &size, file) > 0) {
		text[strcspn(text, "\n")] = 0;
		struct mount m;
		if (mount_line(text, &m))
			act(&m, with);
	}
	free(text);
	fclose(file);
}

static void say_mount(struct mount *m, void *with)
{
	(void)with;
	say_of("mount", m->target, "%s %s %s %s %s %s", m->type, m->options, m->super, m->propagation, m->root, m->source);
}

static void mounts(int count, char **args)
{
	(void)count, (void)args;
	each_mount(say_mount, NULL);
}

static bool word_of(const char *list, const char *word, char separator)
{
	size_t length = strlen(word);
	for (const char *at = list; (at = strstr(at, word)); at += length) {
		if ((at == list || at[-1] == separator) && (!at[length] || at[length] == separator))
			return true;
	}
	return false;
}

/* Where a controller's hierarchy is mounted; "" stands for v2. */
struct sought {
	const char *controller;
	char mount[1024], root[1024];
};

static void match_cgroup(struct mount *m, void *with)
{
	struct sought *sought = with;
	bool right = *sought->controller ? !strcmp(m->type, "cgroup") && word_of(m->super, sought->controller, ',')
					 : !strcmp(m->type, "cgroup2");
	if (right && !sought->mount[0]) {
		snprintf(sought->mount, sizeof(sought->mount), "%s", m->target);
		snprintf(sought->root, sizeof(sought->root), "%s", m->root);
	}
}

static void cgroup_values(const char *controllers, const char *path)
{
	static const char *const files[][2] = { { "memory", "memory.limit_in_bytes" }, { "memory", "memory.soft_limit_in_bytes" },
		{ "memory", "memory.memsw.limit_in_bytes" }, { "memory", "memory.oom_control" }, { "cpu", "cpu.cfs_quota_us" },
		{ "cpu", "cpu.cfs_period_us" }, { "cpu", "cpu.shares" }, { "pids", "pids.max" }, { "devices", "devices.list" },
		{ "blkio", "blkio.weight" }, { "blkio", "blkio.throttle.read_bps_device" },
		{ "blkio", "blkio.throttle.write_bps_device" }, { "blkio", "blkio.throttle.read_iops_device" },
		{ "blkio", "blkio.throttle.write_iops_device" }, { "net_cls", "net_cls.classid" }, { "net_prio", "net_prio.ifpriomap" },
		{ "cpuset", "cpuset.cpus" }, { "hugetlb", "hugetlb.2MB.limit_in_bytes" }, { "", "memory.max" }, { "", "memory.low" },
		{ "", "memory.high" }, { "", "memory.swap.max" }, { "", "cpu.max" }, { "", "cpu.weight" }, { "", "pids.max" },
		{ "", "io.max" }, { "", "io.weight" }, { "", "cpuset.cpus" }, { "", "cgroup.controllers" } };
	char first[64];
	snprintf(first, sizeof(first), "%s", controllers);
	struct sought sought = { .controller = strtok(first, ",") ? first : "" };
	if (!strncmp(sought.controller, "name=", 5))
		return;
	each_mount(match_cgroup, &sought);
	if (!sought.mount[0])
		return;
	const char *below = path;
	size_t root = strlen(sought.root);
	if (root > 1 && !strncmp(path, sought.root, root))
		below = path + root;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (*files[i][0] ? !word_of(controllers, files[i][0], ',') : *controllers != 0)
			continue;
		char file[4096], value[BIG / 2];
		snprintf(file, sizeof(file), "%s%s/%s", sought.mount, strcmp(below, "/") ? below : "", files[i][1]);
		long got = slurp(file, value, sizeof(value));
		if (got < 0)
			continue;
		if (got > 0 && value[got - 1] == '\n')
			value[got - 1] = 0;
		say_of("cgroup", files[i][1], "%s", value);
	}
}

/* Membership as the kernel says it, and the limits of the cgroup that is mounted here. */
static void cgroup(int count, char **args)
{
	(void)count, (void)args;
	static char all[BIG];
	if (slurp("/proc/self/cgroup", all, sizeof(all)) < 0) {
		say("cgroups", "error:%s", errno_name(errno));
		return;
	}
	for (char *rest, *at = strtok_r(all, "\n", &rest); at; at = strtok_r(NULL, "\n", &rest)) {
		char *controllers = strchr(at, ':');
		char *path = controllers ? strchr(controllers + 1, ':') : NULL;
		if (!path)
			continue;
		*path++ = 0;
		controllers++;
		say_of("member", *controllers ? controllers : "v2", "%s", path);
		cgroup_values(controllers, path);
	}
}

static void namespaces(int count, char **args)
{
	static const char *const names[] = { "cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts" };
	const char *pid = count ? args[0] : "self";
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[64], target[64];
		snprintf(path, sizeof(path), "/proc/%s/ns/%s", pid, names[i]);
		ssize_t n = readlink(path, target, sizeof(target) - 1);
		if (n < 0) {
			say_of("ns", names[i], "error:%s", errno_name(errno));
			continue;
		}
		target[n] = 0;
		unsigned long ino = 0;
		const char *bracket = strchr(target, '[');
		if (bracket)
			ino = strtoul(bracket + 1, NULL, 10);
		say_of("ns", names[i], "%lu", ino);
	}
}

static void fds(int count, char **args)
{
	(void)count, (void)args;
	DIR *dir = opendir("/proc/self/fd");
	if (!dir) {
		say("fds", "error:%s", errno_name(errno));
		return;
	}
	for (struct dirent *each; (each = readdir(dir));) {
		if (each->d_name[0] == '.' || atoi(each->d_name) == dirfd(dir))
			continue;
		char target[4096];
		ssize_t n = readlinkat(dirfd(dir), each->d_name, target, sizeof(target) - 1);
		target[n < 0 ? 0 : n] = 0;
		say_of("fd", each->d_name, "%s", target);
	}
	closedir(dir);
}

static void environment(int count, char **args)
{
	for (char **each = environ; *each; each++) {
		char *equals = strchr(*each, '=');
		if (!equals)
			continue;
		char name[1024];
		snprintf(name, sizeof(name), "%.*s", (int)(equals - *each), *each);
		bool wanted = !count;
		for (int i = 0; i < count; i++)
			wanted |= !strcmp(args[i], name);
		if (wanted)
			say_of("env", name, "%s", equals + 1);
	}
}

static const char *type_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG: return "file";
	case S_IFDIR: return "dir";
	case S_IFLNK: return "link";
	case S_IFCHR: return "char";
	case S_IFBLK: return "block";
	case S_IFIFO: return "fifo";
	case S_IFSOCK: return "socket";
	default: return "unknown";
	}
}

/* stat PATH=TYPE MODE UID GID SIZE MAJOR:MINOR [TARGET] */
static void stats(int count, char **args)
{
	for (int i = 0; i < count; i++) {
		struct stat s;
		if (lstat(args[i], &s) < 0) {
			say_result("stat", args[i], -1);
			continue;
		}
		char target[4096] = "";
		if (S_ISLNK(s.st_mode)) {
			ssize_t n = readlink(args[i], target, sizeof(target) - 1);
			target[n < 0 ? 0 : n] = 0;
		}
		say_of("stat", args[i], "%s %04o %u %u %lld %u:%u%s%s", type_of(s.st_mode), s.st_mode & 07777, s.st_uid, s.st_gid,
			(long long)s.st_size, major(s.st_rdev), minor(s.st_rdev), *target ? " " : "", target);
	}
}

/* ls DIR=NAME,NAME in the order of bytes. */
static void ls(int count, char **args)
{
	for (int i = 0; i < count; i++) {
		struct dirent **list;
		int n = scandir(args[i], &list, NULL, alphasort);
		if (n < 0) {
			say_result("ls", args[i], -1);
			continue;
		}
		static char names[BIG];
		size_t at = 0;
		names[0] = 0;
		for (int k = 0; k < n; k++) {
			if (strcmp(list[k]->d_name, ".") && strcmp(list[k]->d_name, "..") && at < sizeof(names) - 300)
				at += (size_t)snprintf(names + at, sizeof(names) - at, "%s%s", at ? "," : "", list[k]->d_name);
			free(list[k]);
		}
		free(list);
		say_of("ls", args[i], "%s", names);
	}
}

static void reads(int count, char **args)
{
	static char value[BIG / 2];
	for (int i = 0; i < count; i++) {
		long got = slurp(args[i], value, sizeof(value));
		if (got < 0)
			say_result("read", args[i], -1);
		else
			say_of("read", args[i], "ok:%s", value);
	}
}

static void rlimits(int count, char **args)
{
	(void)count, (void)args;
	static const char *const names[] = { [RLIMIT_CPU] = "cpu", [RLIMIT_FSIZE] = "fsize", [RLIMIT_DATA] = "data",
		[RLIMIT_STACK] = "stack", [RLIMIT_CORE] = "core", [RLIMIT_RSS] = "rss", [RLIMIT_NPROC] = "nproc",
		[RLIMIT_NOFILE] = "nofile", [RLIMIT_MEMLOCK] = "memlock", [RLIMIT_AS] = "as", [RLIMIT_LOCKS] = "locks",
		[RLIMIT_SIGPENDING] = "sigpending", [RLIMIT_MSGQUEUE] = "msgqueue", [RLIMIT_NICE] = "nice", [RLIMIT_RTPRIO] = "rtprio",
		[RLIMIT_RTTIME] = "rttime" };
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct rlimit limit;
		if (!names[i] || getrlimit(i, &limit) < 0)
			continue;
		char text[2][32];
		rlim_t values[2] = { limit.rlim_cur, limit.rlim_max };
		for (int k = 0; k < 2; k++) {
			if (values[k] == RLIM_INFINITY)
				snprintf(text[k], sizeof(text[k]), "unlimited");
			else
				snprintf(text[k], sizeof(text[k]), "%llu", (unsigned long long)values[k]);
		}
		say_of("rlimit", names[i], "%s %s", text[0], text[1]);
	}
}

static void scheduling(int count, char **args)
{
	(void)count, (void)args;
	char value[64];
	if (slurp("/proc/self/oom_score_adj", value, sizeof(value)) >= 0)
		say("oom_score_adj", "%.*s", (int)strcspn(value, "\n"), value);
	errno = 0;
	say("nice", "%d", getpriority(PRIO_PROCESS, 0));
	say("cpus_allowed", "%s", status_of("Cpus_allowed_list"));
}

static void ttys(int count, char **args)
{
	(void)count, (void)args;
	for (int fd = 0; fd < 3; fd++) {
		char name[8];
		snprintf(name, sizeof(name), "%d", fd);
		say_of("tty", name, "%s", isatty(fd) ? (ttyname(fd) ? ttyname(fd) : "elsewhere") : "no");
	}
	struct winsize size;
	if (ioctl(0, TIOCGWINSZ, &size) == 0)
		say("winsize", "%ux%u", size.ws_col, size.ws_row);
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
	say_result("controlling", "/dev/tty", fd);
	if (fd >= 0)
		close(fd);
}

static void names(int count, char **args)
{
	(void)count, (void)args;
	struct utsname name;
	uname(&name);
	say("hostname", "%s", name.nodename);
	say("domainname", "%s", name.domainname);
	say("kernel", "%s", name.release);
	say("machine", "%s", name.machine);
	char cwd[4096];
	say("cwd", "%s", getcwd(cwd, sizeof(cwd)) ? cwd : errno_name(errno));
}

/* Every process in sight: process PID=COMMAND LINE with blanks. */
static void processes(int count, char **args)
{
	(void)count, (void)args;
	DIR *dir = opendir("/proc");
	if (!dir)
		return;
	for (struct dirent *each; (each = readdir(dir));) {
		if (each->d_name[0] < '0' || each->d_name[0] > '9')
			continue;
		char path[300], value[4096];
		snprintf(path, sizeof(path), "/proc/%s/cmdline", each->d_name);
		long got = slurp(path, value, sizeof(value));
		for (long i = 0; i < got - 1; i++)
			value[i] = value[i] ? value[i] : ' ';
		say_of("process", each->d_name, "%s", got < 0 ? "" : value);
	}
	closedir(dir);
}

static void echo(int count, char **args)
{
	for (int i = 0; i < count; i++)
		say("say", "%s", args[i]);
}

static void help(int count, char **args);

static const struct command SIGHTS[] = {
	{ "caps", 0, caps, "the five sets by name, securebits" },
	{ "seccomp", 0, seccomp, "mode, number of filters, no_new_privs, dumpable, security label" },
	{ "ids", 0, ids, "users, groups, maps, pid, ppid, session, umask" },
	{ "cgroup", 0, cgroup, "membership, and the values of limits (v1 and v2)" },
	{ "mounts", 0, mounts, "mount TARGET=TYPE OPTIONS SUPER-OPTIONS PROPAGATION ROOT SOURCE" },
	{ "namespaces", 0, namespaces, "[PID] inode numbers" },
	{ "fds", 0, fds, "open descriptors and what they are" },
	{ "env", 0, environment, "[NAME...] variables" },
	{ "stat", 1, stats, "PATH...=TYPE MODE UID GID SIZE MAJOR:MINOR [TARGET]" },
	{ "ls", 1, ls, "DIR...=NAMES" },
	{ "read", 1, reads, "FILE...=ok:TEXT" },
	{ "rlimits", 0, rlimits, "soft and hard" },
	{ "scheduling", 0, scheduling, "oom_score_adj, nice, cpus" },
	{ "tty", 0, ttys, "terminals of 0 to 2, window size, controlling terminal" },
	{ "names", 0, names, "uname, working directory" },
	{ "processes", 0, processes, "every process in sight" },
	{ "say", 1, echo, "TEXT..." },
	{ "help", 0, help, "this" },
	{ 0, 0, 0, 0 },
};

static void help(int count, char **args)
{
	(void)count, (void)args;
	for (const struct command *each = SIGHTS; each->name; each++)
		printf("%-12s %s\n", each->name, each->help);
	for (const struct command *each = attacks; each->name; each++)
		printf("%-12s %s\n", each->name, each->help);
	for (const struct command *each = services; each->name; each++)
		printf("%-12s %s\n", each->name, each->help);
}

static const struct command *find(const struct command *table, const char *name)
{
	for (; table->name; table++) {
		if (!strcmp(table->name, name))
			return table;
	}
	return NULL;
}

int main(int argc, char **argv)
{
	for (int at = 1; at < argc;) {
		int end = at + 1;
		while (end < argc && strcmp(argv[end], ","))
			end++;
		const struct command *command = find(SIGHTS, argv[at]);
		if (!command)
			command = find(attacks, argv[at]);
		if (!command)
			command = find(services, argv[at]);
		if (!command || end - at - 1 < command->least) {
			fprintf(stderr, "probe: %s %s\n", command ? "too few arguments:" : "no such command:", argv[at]);
			return 2;
		}
		command->run(end - at - 1, argv + at + 1);
		at = end + 1;
	}
	return 0;
}
