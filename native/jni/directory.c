#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "rktos.h"

long read_entries(int fd, void *buffer, size_t size) {
  return RETRY(syscall(SYS_getdents64, fd, buffer, size));
}

int is_dot(const char *name) {
  return name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0));
}

static int collect(int fd, struct names *names) {
  _Alignas(struct dirent64_kernel) char buffer[32 * 1024];
  long n;
  while ((n = read_entries(fd, buffer, sizeof buffer)) > 0) {
    for (long at = 0; at < n;) {
      struct dirent64_kernel *e = (struct dirent64_kernel *)(void *)(buffer + at);
      at += e->reclen;
      int r = is_dot(e->name) ? 0 : names_add(names, e->name);
      if (r) return r;
    }
  }
  return n < 0 ? -errno : 0;
}

NATIVE(jint, list)(JNIEnv *env, jclass c UNUSED, jint dir, jobjectArray out) {
  /* An open file of its own: the offset of the caller's is left alone, and O_PATH will do. */
  int fd = (int)RETRY(openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd < 0) return -errno;
  struct names names = {0};
  int r = collect(fd, &names);
  close(fd);
  if (!r) r = names_to_java(env, names.bytes, names.length, out);
  free(names.bytes);
  return r;
}

/* Not every file system has flags, or this one; and not everybody may change them. */
static int is_refusal(int error) {
  return error == ENOTTY || error == EOPNOTSUPP || error == EINVAL || error == ENOSYS ||
         error == EPERM || error == EACCES || error == EROFS;
}

NATIVE(jint, spreadChildren)(JNIEnv *env UNUSED, jclass c UNUSED, jint dir) {
  int flags = 0;
  long r = RETRY(ioctl(dir, FS_IOC_GETFLAGS, &flags));
  if (r == 0 && !(flags & FS_TOPDIR_FL)) {
    flags |= FS_TOPDIR_FL;
    r = RETRY(ioctl(dir, FS_IOC_SETFLAGS, &flags));
  }
  return r < 0 && is_refusal(errno) ? 0 : result(r);
}

NATIVE(jint, removeTree)(JNIEnv *env, jclass c UNUSED, jint dir, jstring name, jbyteArray culprit) {
  PATH(p, name);
  char path[PATH_MAX] = "";
  int r = remove_tree(dir, p, path, sizeof path);
  if (r < 0) (*env)->SetByteArrayRegion(env, culprit, 0, sizeof path, (jbyte *)path);
  return r;
}
