/* Extended attributes, of a descriptor when the path is null, else of a name, never of its target. */
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "rktos.h"

#define OPTIONAL_PATH(name, string)                                  \
  char name[PATH_MAX];                                               \
  do {                                                               \
    int error_ = string ? path_of(env, string, name) : 0;            \
    if (error_) return error_;                                       \
  } while (0)

/* Calls fill with ever larger buffers until its whole answer fits. Returns a malloc'd answer. */
struct query {
  int fd;
  const char *path;
  const char *name; /* of the attribute; null: list */
};

static ssize_t fill(const struct query *q, void *buffer, size_t size) {
  if (q->name)
    return q->path ? lgetxattr(q->path, q->name, buffer, size)
                   : fgetxattr(q->fd, q->name, buffer, size);
  return q->path ? llistxattr(q->path, buffer, size) : flistxattr(q->fd, buffer, size);
}

static ssize_t answer(const struct query *q, void **out) {
  /* 64 KiB is the kernel's limit for both; a first small try serves nearly every file. */
  for (size_t size = 256; size <= 65536; size = size < 65536 ? 65536 : 65537) {
    void *buffer = malloc(size);
    if (!buffer) return -ENOMEM;
    ssize_t n = fill(q, buffer, size);
    if (n >= 0) {
      *out = buffer;
      return n;
    }
    int error = errno;
    free(buffer);
    if (error != ERANGE) return -error;
  }
  return -ERANGE;
}

NATIVE(jint, setxattr)
(JNIEnv *env, jclass c UNUSED, jint fd, jstring path, jstring name, jbyteArray value, jint flags) {
  OPTIONAL_PATH(p, path);
  PATH(n, name);
  jsize length = (*env)->GetArrayLength(env, value);
  if (length > 65536) return -E2BIG;
  jbyte bytes[65536];
  (*env)->GetByteArrayRegion(env, value, 0, length, bytes);
  return result(path ? lsetxattr(p, n, bytes, (size_t)length, flags)
                     : fsetxattr(fd, n, bytes, (size_t)length, flags));
}

NATIVE(jint, getxattr)
(JNIEnv *env, jclass c UNUSED, jint fd, jstring path, jstring name, jobjectArray out) {
  OPTIONAL_PATH(p, path);
  PATH(attribute, name);
  struct query q = {fd, path ? p : NULL, attribute};
  void *value = NULL;
  ssize_t n = answer(&q, &value);
  if (n < 0) return (jint)n;
  jbyteArray java = (*env)->NewByteArray(env, (jsize)n);
  if (java) {
    (*env)->SetByteArrayRegion(env, java, 0, (jsize)n, value);
    (*env)->SetObjectArrayElement(env, out, 0, java);
  }
  free(value);
  return java ? 0 : -ENOMEM;
}

NATIVE(jint, listxattr)(JNIEnv *env, jclass c UNUSED, jint fd, jstring path, jobjectArray out) {
  OPTIONAL_PATH(p, path);
  struct query q = {fd, path ? p : NULL, NULL};
  void *names = NULL;
  ssize_t n = answer(&q, &names);
  if (n < 0) return (jint)n;
  int r = names_to_java(env, names, (size_t)n, out);
  free(names);
  return r;
}
