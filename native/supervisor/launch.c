/* SPDX-License-Identifier: Apache-2.0
 * The launch file: NUL-terminated "key=value" strings written by rkt as root.
 * Anything unexpected is refused: a launch file that this supervisor does not
 * understand in full is one whose restrictions it would not apply in full. */
#define _GNU_SOURCE
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum kind {
	PATHNAME, /* absolute, shorter than PATH_MAX */
	NAME,     /* [A-Za-z0-9][A-Za-z0-9_.-]*, at most 255: safe in JSON and on a command line */
	HOST,     /* at most 64 bytes, the kernel's limit for a host name */
	WORD,     /* checked by check_pod or check_app */
	NUMBER,   /* 0 .. 2^53 */
	FLAG,     /* 0 or 1 */
	PATHS,    /* repeatable PATHNAME */
	WORDS,    /* repeatable, anything */
	SOCKET,   /* repeatable, the descriptor of a socket for the app */
};

struct key {
	const char *name;
	enum kind kind;
	size_t offset; /* of the value; for PATHS of the array */
	size_t count;  /* of the length, for PATHS and WORDS */
};

#define POD(name, kind, field) {name, kind, offsetof(struct pod, field), 0}
#define APP(name, kind, field) {name, kind, offsetof(struct app, field), 0}

static const struct key pod_keys[] = {
	POD("version", NUMBER, version),
	POD("uuid", NAME, uuid),
	POD("lockfd", NUMBER, lockfd),
	POD("hostname", HOST, hostname),
	POD("net", WORD, net),
	POD("ipc", WORD, ipc),
	POD("first-id", NUMBER, first_id),
	POD("ids", NUMBER, ids),
	POD("nsdir", PATHNAME, nsdir),
	POD("runtime", PATHNAME, runtime),
	POD("runtime-root", PATHNAME, runtime_root),
	POD("runtime-log", PATHNAME, runtime_log),
	POD("pidfile", PATHNAME, pidfile),
	POD("supfile", PATHNAME, supfile),
	POD("ready", PATHNAME, ready),
	POD("failure", PATHNAME, failure),
	POD("empty", PATHNAME, empty),
	POD("null", PATHNAME, null),
	POD("subtree-control", PATHNAME, subtree_control),
	POD("teardown", PATHNAME, teardown),
	POD("notify-socket", WORD, notify),
	POD("mountfd", NUMBER, mountfd),
	POD("enter", PATHNAME, enter),
	POD("grace-ms", NUMBER, grace_ms),
	POD("handler-ms", NUMBER, handler_ms),
	POD("log-max", NUMBER, log_max),
	POD("log-files", NUMBER, log_files),
	POD("prefix", FLAG, prefix),
	POD("target", NUMBER, target),
	POD("uid", NUMBER, uid),
	POD("gid", NUMBER, gid),
	POD("cwd", PATHNAME, cwd),
	{"arg", WORDS, offsetof(struct pod, args), offsetof(struct pod, nargs)},
	{"env", WORDS, offsetof(struct pod, env), offsetof(struct pod, nenv)},
	{"cgroup", PATHS, offsetof(struct pod, cgroups), offsetof(struct pod, ncgroups)},
	{"cgroup-parent", PATHS, offsetof(struct pod, cgroup_parents), offsetof(struct pod, ncgroup_parents)},
	{"state", PATHS, offsetof(struct pod, states), offsetof(struct pod, nstates)},
	{0},
};

static const struct key app_keys[] = {
	APP("app", NAME, name),
	APP("id", NAME, id),
	APP("bundle", PATHNAME, bundle),
	APP("log", PATHNAME, logpath),
	APP("status", PATHNAME, status),
	APP("exit", PATHNAME, exit),
	APP("pid", PATHNAME, pidfile),
	APP("terminal", FLAG, terminal),
	APP("stdin", WORD, stdin_mode),
	APP("pre-start", PATHNAME, pre_start),
	APP("post-stop", PATHNAME, post_stop),
	APP("procs", PATHNAME, procs),
	APP("oom-note", WORD, oom_note),
	APP("notify", PATHNAME, notify),
	{"listen", SOCKET, offsetof(struct app, listen), offsetof(struct app, nlisten)},
	{"oom", PATHS, offsetof(struct app, oom), offsetof(struct app, noom)},
	{0},
};

enum { UNSET = -1 };

static int refuse(const struct pod *pod, const char *why, const char *what)
{
	report("launch file %s: %s%s%.200s", pod->launch, why, *what ? " " : "", what);
	return -1;
}

static bool valid_name(const char *s)
{
	size_t n = 0;
	for (; s[n]; n++) {
		char c = s[n];
		bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		if (!word && (n == 0 || !strchr("_.-", c)))
			return false;
	}
	return n > 0 && n <= 255;
}

static bool valid_path(const char *s)
{
	return s[0] == '/' && strlen(s) < 4096 - 16; /* room for the suffixes we add */
}

static bool parse_number(const char *s, int64_t *value)
{
	if (!*s || strlen(s) > 15)
		return false;
	*value = 0;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return false;
		*value = *value * 10 + (*s - '0');
	}
	return true;
}

static int store(struct pod *pod, const struct key *key, void *base, size_t paths_cap, const char *entry)
{
	const char *value = strchr(entry, '=') + 1;
	void *field = (char *)base + key->offset;
	bool ok = true;
	int64_t number = 0;
	switch (key->kind) {
	case PATHS:
	case WORDS: {
		size_t *count = (size_t *)((char *)base + key->count);
		/* A pod's lists are allocated to the number of entries, an app's are fixed. */
		const char **list = base == pod ? *(const char ***)field : (const char **)field;
		if ((key->kind == PATHS && !valid_path(value)) || *count >= paths_cap)
			return refuse(pod, "bad value", entry);
		list[(*count)++] = value;
		return 0;
	}
	case SOCKET: {
		size_t *count = (size_t *)((char *)base + key->count);
		if (!parse_number(value, &number) || number > 1 << 20 || *count >= LISTEN_MAX)
			return refuse(pod, "bad value", entry);
		((int *)field)[(*count)++] = (int)number;
		return 0;
	}
	case NUMBER:
	case FLAG:
		if (*(int64_t *)field != UNSET)
			return refuse(pod, "repeated key", entry);
		ok = parse_number(value, &number) && (key->kind == NUMBER || number <= 1);
		*(int64_t *)field = number;
		return ok ? 0 : refuse(pod, "bad value", entry);
	case PATHNAME:
		ok = valid_path(value);
		break;
	case NAME:
		ok = valid_name(value);
		break;
	case HOST:
		ok = *value && strlen(value) <= 64;
		break;
	case WORD:
		break;
	}
	if (*(const char **)field)
		return refuse(pod, "repeated key", entry);
	*(const char **)field = value;
	return ok ? 0 : refuse(pod, "bad value", entry);
}

static const struct key *find(const struct key *keys, const char *entry)
{
	const char *eq = strchr(entry, '=');
	if (eq)
		for (; keys->name; keys++)
			if (strlen(keys->name) == (size_t)(eq - entry) && !memcmp(keys->name, entry, (size_t)(eq - entry)))
				return keys;
	return NULL;
}

static int64_t or_default(int64_t value, int64_t fallback)
{
	return value == UNSET ? fallback : value;
}

static int check_app(struct pod *pod, struct app *app, size_t *terminals)
{
	app->terminal = or_default(app->terminal, 0);
	if (!app->stdin_mode)
		app->stdin_mode = "null";
	if (!app->id || !app->bundle || !app->pidfile)
		return refuse(pod, "id, bundle or pid is missing for app", app->name);
	if (strcmp(app->stdin_mode, "null") && strcmp(app->stdin_mode, "inherit"))
		return refuse(pod, "bad value for stdin:", app->stdin_mode);
	for (struct app *other = pod->apps; other < app; other++)
		if (!strcmp(other->name, app->name) || !strcmp(other->id, app->id))
			return refuse(pod, "repeated app", app->name);
	if (!listen_valid(app))
		return refuse(pod, "sockets are not open or not in order for app", app->name);
	*terminals += (size_t)app->terminal;
	return steps_prepare(app) < 0 ? report_errno("allocate memory for", app->name) : 0;
}

static int check_apps(struct pod *pod)
{
	if (pod->napps == 0)
		return refuse(pod, "it names no app", "");
	size_t terminals = 0;
	for (size_t i = 0; i < pod->napps; i++)
		if (check_app(pod, &pod->apps[i], &terminals) < 0)
			return -1;
	return terminals > 1 ? refuse(pod, "more than one app wants the terminal", "") : 0;
}

static int check_pod(struct pod *pod)
{
	if (pod->version != 1)
		return refuse(pod, "version is not 1", "");
	if (!pod->null && pod->ids > 0) /* the host's must not become the app's: see feed_stdin */
		return refuse(pod, "ids without null", "");
	if (!pod->null)
		pod->null = "/dev/null";
	pod->first_id = or_default(pod->first_id, 0);
	pod->ids = or_default(pod->ids, 0);
	pod->target = or_default(pod->target, 0);
	if (pod->enter) {
		pod->first_id = pod->ids = 0; /* the pod's, in which the app is already */
		pod->uid = or_default(pod->uid, 0);
		pod->gid = or_default(pod->gid, 0);
		pod->log_max = pod->prefix = pod->grace_ms = pod->handler_ms = 0;
		pod->notify = NULL;
		return enter_check(pod) < 0 ? -1 : check_apps(pod);
	}
	const char *required[] = {pod->uuid, pod->nsdir, pod->runtime, pod->runtime_root, pod->pidfile, pod->empty};
	for (size_t i = 0; i < sizeof required / sizeof *required; i++)
		if (!required[i])
			return refuse(pod, "one of uuid, nsdir, runtime, runtime-root, pidfile, empty is missing", "");
	if (!pod->net)
		pod->net = "host";
	if (!pod->ipc)
		pod->ipc = "private";
	if (strcmp(pod->net, "host") && strcmp(pod->net, "new") && (strncmp(pod->net, "path:", 5) || !valid_path(pod->net + 5)))
		return refuse(pod, "bad value for net:", pod->net);
	if (strcmp(pod->ipc, "host") && strcmp(pod->ipc, "private"))
		return refuse(pod, "bad value for ipc:", pod->ipc);
	if (pod->notify && !notify_valid(pod->notify))
		return refuse(pod, "bad value for notify-socket:", pod->notify);
	pod->grace_ms = or_default(pod->grace_ms, 10000);
	pod->handler_ms = or_default(pod->handler_ms, 30000);
	pod->log_max = or_default(pod->log_max, 0);
	pod->log_files = or_default(pod->log_files, 1);
	pod->prefix = or_default(pod->prefix, 0);
	pod->target = pod->uid = pod->gid = 0; /* those of a privileged enter */
	/* No ID of the host below 65536 is ever a pod's: those are people and services. */
	if ((pod->ids || pod->first_id) && (!pod->ids || pod->ids > 65536 || pod->first_id < 65536 || pod->first_id > INT32_MAX - 65535))
		return refuse(pod, "first-id or ids out of range", "");
	if (pod->grace_ms > 86400000 || pod->handler_ms > 86400000 || pod->log_files < 1 || pod->log_files > 1000)
		return refuse(pod, "grace-ms, handler-ms or log-files out of range", "");
	if (pod->lockfd != UNSET && (pod->lockfd < 3 || pod->lockfd > 1 << 20 || fcntl((int)pod->lockfd, F_GETFD) < 0))
		return refuse(pod, "lockfd is not an open descriptor above 2", "");
	if (pod->teardown && (pod->mountfd < 3 || pod->mountfd > 1 << 20 || fcntl((int)pod->mountfd, F_GETFD) < 0))
		return refuse(pod, "mountfd is not an open descriptor above 2", "");
	return check_apps(pod);
}

/* Reads the whole file; it must be ours alone to write. */
static char *load(struct pod *pod, size_t *len)
{
	int fd = open(pod->launch, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0) {
		report_errno("open", pod->launch);
		return NULL;
	}
	char *text = NULL;
	if (!S_ISREG(st.st_mode) || (st.st_uid != geteuid() && st.st_uid != 0) || (st.st_mode & 022))
		refuse(pod, "not a regular file that only its owner, root, may write", "");
	else if (st.st_size == 0 || st.st_size > LAUNCH_MAX)
		refuse(pod, "empty or larger than 1 MiB", "");
	else if (!(text = malloc((size_t)st.st_size + 1)))
		report_errno("allocate memory for", pod->launch);
	else if (read(fd, text, (size_t)st.st_size) != st.st_size || text[st.st_size - 1]) {
		refuse(pod, "truncated", "");
		free(text);
		text = NULL;
	}
	close(fd);
	*len = (size_t)st.st_size;
	return text;
}

int launch_read(struct pod *pod, const char *path)
{
	pod->launch = path;
	size_t len, entries = 0, apps = 0;
	char *text = load(pod, &len);
	if (!text)
		return -1;
	for (char *p = text; p < text + len; p += strlen(p) + 1) {
		entries++;
		apps += !strncmp(p, "app=", 4);
	}
	if (apps > APPS_MAX)
		return refuse(pod, "too many apps", "");
	/* All of this lives as long as the process. */
	pod->cgroups = calloc(entries, sizeof *pod->cgroups);
	pod->cgroup_parents = calloc(entries, sizeof *pod->cgroup_parents);
	pod->states = calloc(entries, sizeof *pod->states);
	pod->apps = calloc(apps ? apps : 1, sizeof *pod->apps);
	/* NULL-terminated, as execve wants them. */
	pod->args = calloc(entries + 1, sizeof *pod->args);
	pod->env = calloc(entries + 1, sizeof *pod->env);
	if (!pod->cgroups || !pod->cgroup_parents || !pod->states || !pod->apps || !pod->args || !pod->env)
		return report_errno("allocate memory for", path);
	pod->mountfd = UNSET;
	pod->version = pod->lockfd = pod->grace_ms = pod->handler_ms = pod->log_max = UNSET;
	pod->log_files = pod->prefix = pod->target = pod->uid = pod->gid = UNSET;
	pod->first_id = pod->ids = UNSET;

	struct app *app = NULL;
	for (char *p = text; p < text + len; p += strlen(p) + 1) {
		if (!strncmp(p, "app=", 4)) {
			app = &pod->apps[pod->napps++];
			app->terminal = UNSET;
		}
		const struct key *key = find(app ? app_keys : pod_keys, p);
		if (!key)
			return refuse(pod, "unknown key", p);
		if (store(pod, key, app ? (void *)app : pod, app ? OOM_MAX : entries, p) < 0)
			return -1;
	}
	return check_pod(pod);
}
