/* SPDX-License-Identifier: Apache-2.0
 *
 * bin/rkt: finds its distribution, chooses a launch profile by the command, and
 * becomes <root>/lib/runtime/bin/java. Static, so that it starts in well under a
 * millisecond and nothing in the caller's environment can disturb it.
 *
 *   <root>/bin/rkt                  this program, or any symlink to it
 *   <root>/lib/runtime/             the jlink image; build-id names the build
 *   <root>/lib/aot/<profile>.aot    AOT caches, valid only if lib/aot/build-id equals
 *                                   lib/runtime/build-id: the JVM itself checks less
 *                                   and would run old code after a partial upgrade
 *
 * For the build: called as "rkt-java-args" with a profile name it prints what it would
 * pass to java, one argument per line, up to the main class and without the cache.
 * An AOT cache must be trained with exactly these:
 *
 *   (exec -a rkt-java-args <root>/bin/rkt short) > args
 *   <root>/lib/runtime/bin/java -XX:AOTCacheOutput=short.aot -Drkt.train=... $(cat args)
 *
 * Without a profile it prints the names of the profiles.
 *
 * Environment: variables that would make the JVM print, abort or load foreign code are
 * renamed, NAME to RKT_SAVED_NAME. LC_ALL becomes C.UTF-8: in any other locale the JVM
 * cannot even name some files (sun.jnu.encoding cannot be set by a property). To get
 * the caller's environment back (--inherit-env): drop LC_ALL, then rename RKT_SAVED_*.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

enum { EXIT_FAILED = 254 }; /* rkt's general failure code */

struct profile {
	const char *name;
	const char *flags[12];
};

/* What every profile has. Serial GC, no perf data file, no raised RLIMIT_NOFILE (apps
 * would inherit it): docs/adr on start-up. Logging off: the JVM's warnings are not
 * rkt's words; fatal errors do not go through it. Signals are left alone (-Xrs): the JVM's own
 * way down complains when it comes during start-up, and a caller should see that its signal
 * killed us. There is nothing to clean up that a SIGKILL would not leave, too. */
static const char *const common[] = {
	"-Xrs", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-XX:-MaxFDLimit", "-Xlog:disable", "-Xlog:all=off",
	"--enable-native-access=rkt.os,com.github.luben.zstd_jni", NULL,
};

/* A process of 50 ms gains nothing from compiling early: without replaying the training's
 * profiles, with later compilation, and with the cache mapped where it was made, `run` takes 48
 * instead of 65 ms of CPU time. */
#define QUICK "-XX:+UnlockDiagnosticVMOptions", "-XX:-AOTReplayTraining", "-XX:ArchiveRelocationMode=0"

static const struct profile profiles[] = {
	/* Commands that only look: C1 alone starts sooner, but hashes 4-8 times slower. */
	{"short", {QUICK, "-Xms8m", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:CompileThresholdScaling=20"}},
	/* Commands of a pod's life, which may have to fetch an image first. */
	{"run", {QUICK, "-Xms8m", "-Xmx512m", "-XX:CompileThresholdScaling=5"}},
	/* Commands that move and hash gigabytes: the loops that matter get hot in any case, and the
	 * compiler competes with them for the processors. */
	{"work", {"-XX:+UnlockDiagnosticVMOptions", "-XX:-AOTReplayTraining", "-Xms32m", "-Xmx1g", "-XX:CompileThresholdScaling=10"}},
};
enum { SHORT, RUN, WORK, PROFILES };

static const struct command {
	const char *name, *sub;
	int profile;
} commands[] = {
	{"run", NULL, RUN}, {"prepare", NULL, RUN}, {"run-prepared", NULL, RUN},
	{"enter", NULL, RUN}, {"attach", NULL, RUN}, {"stop", NULL, RUN}, {"rm", NULL, RUN},
	{"gc", NULL, RUN}, {"app", NULL, RUN}, {"image", "rm", RUN}, {"image", "gc", RUN},
	{"fetch", NULL, WORK}, {"export", NULL, WORK}, {"trust", NULL, WORK},
	{"image", "list", SHORT}, {"image", "cat-manifest", SHORT}, {"image", "", WORK},
	{"api-service", NULL, WORK}, {"metadata-service", NULL, WORK},
};

static _Noreturn void die(const char *verb, const char *object)
{
	dprintf(STDERR_FILENO, "rkt: %s %s: %s\n", verb, object, strerror(errno));
	exit(EXIT_FAILED);
}

/* Global flags whose value may be the next argument. */
static bool takes_value(const char *arg)
{
	static const char *const flags[] = {"--dir", "--system-config", "--local-config", "--user-config",
					    "--insecure-options", "--cpuprofile", "--memprofile", NULL};
	for (const char *const *f = flags; *f; f++)
		if (!strcmp(*f, arg))
			return true;
	return false;
}

static char *next_word(char **argv, int *i)
{
	for (; argv[*i]; ++*i) {
		if (argv[*i][0] != '-')
			return argv[(*i)++];
		if (takes_value(argv[*i]) && argv[*i + 1])
			++*i;
	}
	return NULL;
}

/* Commands may be abbreviated; a wrong guess costs speed, never behaviour. */
static bool matches(const char *name, const char *word)
{
	return *word && !strncmp(name, word, strlen(word));
}

static int choose(char **argv)
{
	int i = 1;
	char *word = next_word(argv, &i), *sub = NULL;
	if (!word)
		return SHORT;
	if (matches("image", word))
		sub = next_word(argv, &i);
	for (int pass = 0; pass < 2; pass++) /* an exact name before any abbreviation */
		for (size_t c = 0; c < sizeof commands / sizeof *commands; c++) {
			const struct command *command = &commands[c];
			if (!(pass ? matches(command->name, word) : !strcmp(command->name, word)))
				continue;
			if (command->sub && *command->sub && !(sub && matches(command->sub, sub)))
				continue;
			return sub || !command->sub ? command->profile : SHORT; /* "rkt image" is help */
		}
	return SHORT;
}

/* The directory above the one this executable is in; without /proc, by its name. */
static void find_root(char *root)
{
	ssize_t n = readlink("/proc/self/exe", root, PATH_MAX - 1);
	if (n > 0)
		root[n] = 0;
	else if (!realpath((const char *)getauxval(AT_EXECFN), root))
		die("find", "the directory rkt is installed in");
	for (int up = 0; up < 2; up++) {
		char *slash = strrchr(root, '/');
		if (!slash) {
			errno = ENOENT;
			die("find the directory above", root);
		}
		*slash = 0;
	}
	if (strchr(root, ':')) { /* the JVM's boot path is a list with ':' between */
		errno = EINVAL;
		die("run from a directory whose name has a ':',", root);
	}
}

static ssize_t read_stamp(const char *root, const char *file, char *buf, size_t cap)
{
	char path[PATH_MAX + 64];
	snprintf(path, sizeof path, "%s/lib/%s", root, file);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t n = read(fd, buf, cap);
	close(fd);
	return n;
}

/* "-XX:AOTCache=..." if the cache is there and of this very build, else NULL: rkt runs
 * without one, only slower, and says nothing. */
static char *cache_flag(const char *root, const char *profile)
{
	static char flag[PATH_MAX + 96];
	char runtime[256], cache[256];
	static const char option[] = "-XX:AOTCache=";
	ssize_t n = read_stamp(root, "runtime/build-id", runtime, sizeof runtime);
	if (n <= 0 || n != read_stamp(root, "aot/build-id", cache, sizeof cache) || memcmp(runtime, cache, (size_t)n))
		return NULL;
	snprintf(flag, sizeof flag, "%s%s/lib/aot/%s.aot", option, root, profile);
	return access(flag + strlen(option), R_OK) == 0 ? flag : NULL;
}

/* Appends the profile's flags up to the main class. */
static int put_flags(char **argv, int n, const struct profile *profile, const char *root)
{
	static char home[PATH_MAX + 16];
	snprintf(home, sizeof home, "-Drkt.home=%s", root);
	for (const char *const *f = common; *f; f++)
		argv[n++] = (char *)*f;
	for (const char *const *f = profile->flags; *f; f++)
		argv[n++] = (char *)*f;
	argv[n++] = home;
	argv[n++] = "-m";
	argv[n++] = "rkt.cli/rkt.cli.Main";
	return n;
}

enum { FLAGS_MAX = 32 };

static bool disturbs(const char *variable)
{
	static const char *const names[] = {"JAVA_TOOL_OPTIONS=", "JDK_JAVA_OPTIONS=", "_JAVA_OPTIONS=", "JAVA_OPTIONS=",
					    "JDK_AOT_VM_OPTIONS=", "_JAVA_LAUNCHER_DEBUG=", "CLASSPATH=", "JAVA_HOME=",
					    "JRE_HOME=", "JDK_HOME=", "GLIBC_TUNABLES=", "LC_ALL=", NULL};
	/* LD_*: the dynamic loader's; MALLOC_*: glibc's allocator, which can print and abort. */
	if (!strncmp(variable, "LD_", 3) || !strncmp(variable, "MALLOC_", 7) || !strncmp(variable, "_JAVA_VERSION_SET", 17))
		return true;
	for (const char *const *n = names; *n; n++)
		if (!strncmp(variable, *n, strlen(*n)))
			return true;
	return false;
}

static char **clean_environment(char **env)
{
	static const char saved[] = "RKT_SAVED_";
	size_t n = 0, kept = 0;
	while (env[n])
		n++;
	char **out = calloc(n + 2, sizeof *out);
	if (!out)
		die("allocate", "the environment");
	for (size_t i = 0; i < n; i++) {
		if (!strncmp(env[i], saved, sizeof saved - 1)) /* only we say these */
			continue;
		out[kept] = env[i];
		if (disturbs(env[i]) && asprintf(&out[kept], "%s%s", saved, env[i]) < 0)
			die("allocate", "the environment");
		kept++;
	}
	out[kept] = "LC_ALL=C.UTF-8";
	return out;
}

static int print_arguments(const char *root, const char *name)
{
	char *argv[FLAGS_MAX];
	for (int p = 0; p < PROFILES; p++) {
		if (!name)
			puts(profiles[p].name);
		else if (!strcmp(name, profiles[p].name)) {
			int n = put_flags(argv, 0, &profiles[p], root);
			for (int i = 0; i < n; i++)
				puts(argv[i]);
			return fflush(stdout) == 0 ? 0 : EXIT_FAILED;
		}
	}
	if (name)
		dprintf(STDERR_FILENO, "rkt-java-args: no profile %s\n", name);
	return name || fflush(stdout) ? EXIT_FAILED : 0;
}

int main(int argc, char **argv, char **env)
{
	char root[PATH_MAX], java[PATH_MAX + 32];
	find_root(root);
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	if (argc > 0 && !strcmp(slash ? slash + 1 : argv[0], "rkt-java-args"))
		return print_arguments(root, argv[1]);
	if (argc < 1) {
		errno = EINVAL;
		die("start", "without a name");
	}
	char **args = calloc((size_t)argc + FLAGS_MAX, sizeof *args);
	if (!args)
		die("allocate", "arguments");
	const struct profile *profile = &profiles[choose(argv)];
	int n = 0;
	args[n++] = "rkt"; /* what ps shows first */
	char *cache = cache_flag(root, profile->name);
	if (cache)
		args[n++] = cache;
	n = put_flags(args, n, profile, root);
	for (int i = 1; i < argc; i++)
		args[n++] = argv[i];
	snprintf(java, sizeof java, "%s/lib/runtime/bin/java", root);
	execve(java, args, clean_environment(env));
	die("execute", java);
}
