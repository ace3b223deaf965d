/* SPDX-License-Identifier: Apache-2.0
 * What a pod leaves on disk once all its processes are dead: cgroups and the OCI
 * runtime's state directories. Best effort: gc repeats it for pods that were killed. */
#define _GNU_SOURCE
#include "supervisor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static bool is_dot(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

/* An app may have made cgroups below its own; their files cannot be unlinked. */
static void remove_cgroups_below(int dir, int depth)
{
	DIR *stream = fdopendir(dir);
	if (!stream) {
		close(dir);
		return;
	}
	struct dirent *entry;
	while ((entry = readdir(stream))) {
		if (entry->d_type != DT_DIR || is_dot(entry->d_name))
			continue;
		int child = openat(dir, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (child >= 0 && depth < 32)
			remove_cgroups_below(child, depth + 1);
		else if (child >= 0)
			close(child);
		unlinkat(dir, entry->d_name, AT_REMOVEDIR);
	}
	closedir(stream);
}

static void remove_cgroup(const char *path)
{
	struct timespec pause = {0, 500000};
	for (int try = 0; try < 10; try++) {
		if (rmdir(path) == 0 || errno == ENOENT)
			return;
		if (errno != EBUSY && errno != ENOTEMPTY)
			break;
		int dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (dir >= 0)
			remove_cgroups_below(dir, 0);
		if (rmdir(path) == 0 || errno == ENOENT)
			return;
		nanosleep(&pause, NULL); /* 0.5 ms, 1 ms, ... about half a second in all */
		pause.tv_nsec *= 2;
	}
	report_errno("remove cgroup", path);
}

/* rkt moved us out of a delegated cgroup so that the runtime could enable controllers for
 * the pod. While they are, nobody can put a process there: they go with the pod. The kernel
 * refuses (EBUSY) as long as another pod below needs them. */
static void disable_controllers(const char *path)
{
	char enabled[1024], off[sizeof enabled * 2];
	size_t n = 0;
	if (read_file(path, enabled, sizeof enabled) <= 0)
		return;
	for (char *save, *word = strtok_r(enabled, " \n", &save); word; word = strtok_r(NULL, " \n", &save))
		n += (size_t)snprintf(off + n, sizeof off - n, "%s-%s", n ? " " : "", word);
	int fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		if (errno != ENOENT)
			report_errno("open", path);
		return;
	}
	if (n && write(fd, off, n) < 0 && errno != EBUSY)
		report_errno("disable controllers in", path);
	close(fd);
}

static void remove_state(const char *path)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0) {
		if (errno != ENOENT)
			report_errno("open", path);
		return;
	}
	DIR *stream = fdopendir(dir);
	struct dirent *entry;
	while (stream && (entry = readdir(stream))) {
		/* With a user namespace crun leaves an empty directory, on which it had the devices. */
		int flags = entry->d_type == DT_DIR ? AT_REMOVEDIR : 0;
		if (!is_dot(entry->d_name) && unlinkat(dir, entry->d_name, flags) < 0 && errno != ENOENT)
			report_errno("remove", entry->d_name);
	}
	if (stream)
		closedir(stream);
	else
		close(dir);
	if (rmdir(path) < 0 && errno != ENOENT)
		report_errno("remove", path);
}

void cleanup_disk(struct pod *pod)
{
	for (size_t i = 0; i < pod->ncgroups; i++)
		remove_cgroup(pod->cgroups[i]);
	/* Made on the way to the pod's place; as long as another pod is in it (ENOTEMPTY, EBUSY) it stays. */
	for (size_t i = 0; i < pod->ncgroup_parents; i++)
		if (rmdir(pod->cgroup_parents[i]) < 0 && errno != ENOENT && errno != EBUSY && errno != ENOTEMPTY)
			report_errno("remove cgroup", pod->cgroup_parents[i]);
	if (pod->subtree_control)
		disable_controllers(pod->subtree_control);
	for (size_t i = 0; i < pod->nstates; i++)
		remove_state(pod->states[i]);
}
