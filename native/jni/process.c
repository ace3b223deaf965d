/* Processes: exec, signals, waiting. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "rktos.h"

#define CLOSE_RANGE_CLOEXEC_FLAG (1u << 2)

void free_strings(char **strings) {
  for (char **s = strings; s && *s; s++) free(*s);
  free(strings);
}

char **strings_of(JNIEnv *env, jobjectArray array, int *error) {
  jsize count = (*env)->GetArrayLength(env, array);
  char **strings = calloc((size_t)count + 1, sizeof *strings);
  if (!strings) {
    *error = -ENOMEM;
    return NULL;
  }
  for (jsize i = 0; i < count; i++) {
    jstring s = (*env)->GetObjectArrayElement(env, array, i);
    strings[i] = string_of(env, s, error);
    (*env)->DeleteLocalRef(env, s);
    if (!strings[i]) {
      free_strings(strings);
      return NULL;
    }
  }
  return strings;
}

NATIVE(jint, execve)
(JNIEnv *env, jclass c UNUSED, jstring path, jobjectArray argv, jobjectArray envp) {
  PATH(p, path);
  int error = 0;
  char **a = strings_of(env, argv, &error);
  char **e = a ? strings_of(env, envp, &error) : NULL;
  if (a && e) {
    execve(p, a, e);
    error = -errno;
  }
  free_strings(a);
  free_strings(e);
  return error;
}

/* Before Linux 5.11: one by one. Descriptors opened meanwhile by other threads are missed. */
static int cloexec_one_by_one(unsigned from) {
  int dir = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir < 0) return -errno;
  _Alignas(struct dirent64_kernel) char buffer[4096];
  long n;
  while ((n = read_entries(dir, buffer, sizeof buffer)) > 0) {
    for (long at = 0; at < n;) {
      struct dirent64_kernel *e = (struct dirent64_kernel *)(void *)(buffer + at);
      at += e->reclen;
      char *end;
      unsigned long fd = strtoul(e->name, &end, 10);
      if (*end == 0 && end != e->name && fd >= from) fcntl((int)fd, F_SETFD, FD_CLOEXEC);
    }
  }
  int r = n < 0 ? -errno : 0;
  close(dir);
  return r;
}

NATIVE(jint, closeRangeCloexec)(JNIEnv *env UNUSED, jclass c UNUSED, jint from) {
  if (from < 0) return -EINVAL;
  if (syscall(SYS_close_range, (unsigned)from, ~0u, CLOSE_RANGE_CLOEXEC_FLAG) == 0) return 0;
  if (errno != ENOSYS && errno != EINVAL && errno != EPERM) return -errno;
  return cloexec_one_by_one((unsigned)from);
}

NATIVE(jint, resetSignals)(JNIEnv *env UNUSED, jclass c UNUSED) {
  sigset_t none;
  sigemptyset(&none);
  return -pthread_sigmask(SIG_SETMASK, &none, NULL);
}

NATIVE(jint, pidfdOpen)(JNIEnv *env UNUSED, jclass c UNUSED, jint pid) {
  return result(syscall(SYS_pidfd_open, pid, 0));
}

NATIVE(jint, pidfdSendSignal)(JNIEnv *env UNUSED, jclass c UNUSED, jint pidfd, jint signal) {
  return result(syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0));
}

static long long now_millis(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

NATIVE(jint, pidfdWait)(JNIEnv *env UNUSED, jclass c UNUSED, jint pidfd, jint timeout) {
  if (pidfd < 0) return -EBADF; /* poll(2) would skip it, and this would wait for ever */
  struct pollfd p = {.fd = pidfd, .events = POLLIN};
  long long end = now_millis() + timeout;
  for (;;) {
    long long left = timeout < 0 ? -1 : end - now_millis();
    if (timeout >= 0 && left < 0) left = 0;
    int r = poll(&p, 1, (int)left);
    if (r > 0) return p.revents & POLLNVAL ? -EBADF : 1;
    if (r == 0) return 0;
    if (errno != EINTR) return -errno;
  }
}

NATIVE(jint, kill)(JNIEnv *env UNUSED, jclass c UNUSED, jint pid, jint signal) {
  return result(kill(pid, signal));
}

NATIVE(jint, setSubreaper)(JNIEnv *env UNUSED, jclass c UNUSED) {
  return result(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
}

NATIVE(jint, getpid)(JNIEnv *env UNUSED, jclass c UNUSED) { return getpid(); }

NATIVE(jint, gettid)(JNIEnv *env UNUSED, jclass c UNUSED) { return (jint)syscall(SYS_gettid); }

NATIVE(jint, getuid)(JNIEnv *env UNUSED, jclass c UNUSED) { return (jint)getuid(); }

NATIVE(jint, geteuid)(JNIEnv *env UNUSED, jclass c UNUSED) { return (jint)geteuid(); }

NATIVE(jint, getgid)(JNIEnv *env UNUSED, jclass c UNUSED) { return (jint)getgid(); }

NATIVE(jint, getegid)(JNIEnv *env UNUSED, jclass c UNUSED) { return (jint)getegid(); }

NATIVE(jint, umask)(JNIEnv *env UNUSED, jclass c UNUSED, jint mask) {
  return (jint)umask((mode_t)mask);
}
