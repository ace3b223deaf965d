/* What networks need: an interface that is up, a port that is ours, a plugin that runs. */
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rktos.h"

#define NETWORK(type, name) JNIEXPORT type JNICALL Java_rkt_os_NativeNetwork_##name
#define CLOSE_RANGE_CLOEXEC_FLAG (1u << 2)

/* In the network namespace of the calling thread. */
NETWORK(jint, interfaceUp)(JNIEnv *env, jclass c UNUSED, jstring interface) {
  PATH(name, interface);
  struct ifreq request = {.ifr_flags = IFF_UP};
  if (strlen(name) >= sizeof request.ifr_name) return -ENAMETOOLONG;
  strcpy(request.ifr_name, name);
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  int r = ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
  close(fd);
  return r;
}

/* A bound socket that neither listens nor answers. Dual-stack for the IPv6 wildcard. */
NETWORK(jint, bindPort)
(JNIEnv *env, jclass c UNUSED, jint type, jint protocol, jstring address, jint port, jboolean reuse) {
  PATH(text, address);
  struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
  int family = inet_pton(AF_INET, text, &v4.sin_addr) == 1    ? AF_INET
               : inet_pton(AF_INET6, text, &v6.sin6_addr) == 1 ? AF_INET6
                                                               : 0;
  if (!family) return -EINVAL;
  int fd = socket(family, type | SOCK_CLOEXEC, protocol);
  if (fd < 0) return -errno;
  int on = 1, off = 0;
  int r = 0;
  if (reuse) r = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (r == 0 && family == AF_INET6)
    r = setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, strcmp(text, "::") ? &on : &off, sizeof on);
  if (r == 0)
    r = family == AF_INET ? bind(fd, (struct sockaddr *)&v4, sizeof v4)
                          : bind(fd, (struct sockaddr *)&v6, sizeof v6);
  if (r == 0) return fd;
  r = -errno;
  close(fd);
  return r;
}

/* What a descriptor is: facts are type, family, port and whether it listens; the address is text for
 * the IP families, else the name of the socket as far as it has one. */
NETWORK(jint, socketName)(JNIEnv *env, jclass c UNUSED, jint fd, jintArray facts, jobjectArray address) {
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un local;
    struct sockaddr_storage room;
  } name = {0};
  socklen_t length = sizeof name, size = sizeof(int);
  int type, listens = 0;
  char text[sizeof name] = "";
  if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0) return -errno;
  size = sizeof listens;
  if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) < 0) return -errno;
  if (getsockname(fd, &name.any, &length) < 0) return -errno;
  jint out[4] = {type, name.any.sa_family, 0, listens};
  if (name.any.sa_family == AF_INET) {
    inet_ntop(AF_INET, &name.v4.sin_addr, text, sizeof text);
    out[2] = ntohs(name.v4.sin_port);
  } else if (name.any.sa_family == AF_INET6) {
    inet_ntop(AF_INET6, &name.v6.sin6_addr, text, sizeof text);
    out[2] = ntohs(name.v6.sin6_port);
  } else if (name.any.sa_family == AF_UNIX && length > offsetof(struct sockaddr_un, sun_path)) {
    memcpy(text, name.local.sun_path, length - offsetof(struct sockaddr_un, sun_path));
    if (!text[0]) text[0] = '@';
  }
  jstring java = name_to_java(env, text, strlen(text));
  if (!java) return -ENOMEM;
  (*env)->SetObjectArrayElement(env, address, 0, java);
  (*env)->SetIntArrayRegion(env, facts, 0, 4, out);
  return 0;
}

/* vfork: the child borrows this thread and its memory until it has become the program, so nothing
 * is copied. It may therefore only make system calls; no signal may run a handler of the JVM in it.
 * It starts in the namespaces of the calling thread, with no descriptor but the three given. */
NETWORK(jint, spawn)
(JNIEnv *env, jclass c UNUSED, jstring path, jobjectArray argv, jobjectArray envp, jint in, jint out,
 jint err) {
  PATH(p, path);
  int error = 0;
  char **a = strings_of(env, argv, &error);
  char **e = a ? strings_of(env, envp, &error) : NULL;
  if (!a || !e) {
    free_strings(a);
    return error;
  }
  sigset_t all, before, none;
  sigfillset(&all);
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  volatile int failed = 0;
  pid_t pid = vfork();
  if (pid == 0) {
    /* The three may be each other's targets: away first. */
    int fds[3] = {in, out, err};
    for (int i = 0; i < 3; i++)
      if (fds[i] < 3 && fds[i] != i) fds[i] = dup(fds[i]);
    for (int i = 0; i < 3; i++)
      if (fds[i] != i && dup2(fds[i], i) < 0) goto fail;
    if (syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC_FLAG) < 0 && errno != ENOSYS && errno != EINVAL)
      goto fail;
    for (int sig = 1; sig < 32; sig++)
      if (sig != SIGKILL && sig != SIGSTOP) {
        /* Handlers go with the exec; what the JVM's caller ignored must not reach the program. */
        struct sigaction old;
        if (sigaction(sig, NULL, &old) == 0 && old.sa_handler == SIG_IGN) {
          /* The dispositions are a copy: CLONE_VM does not share them without CLONE_SIGHAND. */
          struct sigaction standard = {.sa_handler = SIG_DFL};
          sigaction(sig, &standard, NULL);
        }
      }
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(p, a, e);
  fail:
    failed = errno;
    _exit(127);
  }
  int result = pid < 0 ? -errno : pid;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (pid > 0 && failed) {
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
    result = -failed;
  }
  free_strings(a);
  free_strings(e);
  return result;
}

/* The raw status of a child that has ended, or the wait for it. */
NETWORK(jint, waitFor)(JNIEnv *env UNUSED, jclass c UNUSED, jint pid) {
  int status;
  long r = RETRY(waitpid(pid, &status, 0));
  return r < 0 ? -errno : status;
}
