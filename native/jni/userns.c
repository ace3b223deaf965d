/* User namespaces, and acting as somebody in one. */
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rktos.h"

static int write_map(pid_t pid, const char *file, unsigned first, unsigned count) {
  char path[64], line[64];
  snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
  int length = snprintf(line, sizeof line, "0 %u %u\n", first, count);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  int error = write(fd, line, (size_t)length) == length ? 0 : -errno;
  close(fd);
  return error;
}

static int open_namespace(pid_t pid, unsigned first, unsigned count) {
  char path[64];
  int error = write_map(pid, "uid_map", first, count);
  if (!error) error = write_map(pid, "gid_map", first, count);
  if (error) return error;
  snprintf(path, sizeof path, "/proc/%d/ns/user", (int)pid);
  return result(open(path, O_RDONLY | O_CLOEXEC));
}

/*
 * A user namespace needs a process that makes it: no thread of a JVM may (unshare(2), EINVAL), so a
 * copy of this one does, and ends as soon as its maps are written. It does nothing but wait for
 * that in between, since locks of other threads were copied in whatever state they were; if we die
 * it reads the end of the pipe. No signal tells of its end: the JVM waits for children too.
 */
NATIVE(jint, userNamespace)(JNIEnv *env UNUSED, jclass c UNUSED, jint first, jint count) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return -errno;
  pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWUSER, NULL, NULL, NULL, NULL);
  if (pid == 0) {
    char byte;
    close(ends[1]);
    long n;
    do n = read(ends[0], &byte, 1);
    while (n < 0 && errno == EINTR);
    _exit(0);
  }
  int fd = pid < 0 ? -errno : open_namespace(pid, (unsigned)first, (unsigned)count);
  close(ends[0]);
  close(ends[1]);
  if (pid > 0) RETRY(waitpid(pid, NULL, __WALL));
  return fd;
}

/*
 * The IDs that this thread makes files with. The kernel takes capabilities over files from a thread
 * whose ID is no longer 0 (capabilities(7)); they are given back, as the IDs are for the owners of
 * new files and not for giving rights up. There is no result that tells of failure: setting an
 * invalid ID returns the present one.
 */
NATIVE(jint, setFsIds)(JNIEnv *env UNUSED, jclass c UNUSED, jint uid, jint gid) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct held[2];
  if (syscall(SYS_capget, &header, held) < 0) return -errno;
  syscall(SYS_setfsgid, gid);
  syscall(SYS_setfsuid, uid);
  if (syscall(SYS_setfsgid, -1) != gid || syscall(SYS_setfsuid, -1) != uid) return -EPERM;
  return result(syscall(SYS_capset, &header, held));
}
