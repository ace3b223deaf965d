/* Calls on open files. */
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "rktos.h"

NATIVE(jint, openat)(JNIEnv *env, jclass c UNUSED, jint dir, jstring path, jint flags, jint mode) {
  PATH(p, path);
  return result(RETRY(openat(dir, p, (int)open_flags((unsigned)flags), (mode_t)mode)));
}

NATIVE(jint, openat2)
(JNIEnv *env, jclass c UNUSED, jint dir, jstring path, jlong flags, jint mode, jlong resolve) {
  PATH(p, path);
  struct open_how how = {
      .flags = open_flags((unsigned long long)flags),
      .mode = (unsigned long long)mode,
      .resolve = (unsigned long long)resolve,
  };
  /* EAGAIN: a rename somewhere on the host raced with a confined "..": trying again is safe. */
  long r = -1;
  for (int i = 0; i < 128; i++) {
    r = RETRY(syscall(SYS_openat2, dir, p, &how, sizeof how));
    if (r >= 0 || errno != EAGAIN) break;
  }
  return result(r);
}

/* No retry: Linux has freed the number even when it says EINTR. */
NATIVE(jint, close)(JNIEnv *env UNUSED, jclass c UNUSED, jint fd) {
  return result(close(fd) < 0 && errno != EINTR ? -1 : 0);
}

NATIVE(jint, read)(JNIEnv *env, jclass c UNUSED, jint fd, jbyteArray b, jint off, jint len) {
  jbyte chunk[CHUNK];
  ssize_t n = RETRY(read(fd, chunk, len < CHUNK ? (size_t)len : CHUNK));
  if (n > 0) (*env)->SetByteArrayRegion(env, b, off, (jsize)n, chunk);
  return result(n);
}

NATIVE(jint, pread)
(JNIEnv *env, jclass c UNUSED, jint fd, jbyteArray b, jint off, jint len, jlong position) {
  jbyte chunk[CHUNK];
  ssize_t n = RETRY(pread(fd, chunk, len < CHUNK ? (size_t)len : CHUNK, position));
  if (n > 0) (*env)->SetByteArrayRegion(env, b, off, (jsize)n, chunk);
  return result(n);
}

NATIVE(jint, write)(JNIEnv *env, jclass c UNUSED, jint fd, jbyteArray b, jint off, jint len) {
  jbyte chunk[CHUNK];
  for (jint written = 0; written < len;) {
    jint n = len - written < CHUNK ? len - written : CHUNK;
    (*env)->GetByteArrayRegion(env, b, off + written, n, chunk);
    for (jint from = 0; from < n;) {
      ssize_t w = RETRY(write(fd, chunk + from, (size_t)(n - from)));
      if (w < 0) return -errno;
      from += (jint)w;
    }
    written += n;
  }
  return len;
}

/* For file systems that copy_file_range cannot join. */
static jlong copy_chunk(int in, int out, size_t len) {
  char chunk[CHUNK];
  ssize_t n = RETRY(read(in, chunk, len < CHUNK ? len : CHUNK));
  if (n < 0) return -errno;
  for (ssize_t from = 0; from < n;) {
    ssize_t w = RETRY(write(out, chunk + from, (size_t)(n - from)));
    if (w < 0) return -errno;
    from += w;
  }
  return n;
}

NATIVE(jlong, copyRange)(JNIEnv *env UNUSED, jclass c UNUSED, jint in, jint out, jlong len) {
  if (len < 0) return -EINVAL;
  ssize_t n = RETRY(copy_file_range(in, NULL, out, NULL, (size_t)len, 0));
  if (n >= 0) return n;
  if (errno == EXDEV || errno == ENOSYS || errno == EOPNOTSUPP || errno == EINVAL)
    return copy_chunk(in, out, (size_t)len);
  return -errno;
}

NATIVE(jlong, lseek)(JNIEnv *env UNUSED, jclass c UNUSED, jint fd, jlong off, jint whence) {
  off_t r = lseek(fd, off, whence);
  return r < 0 ? -errno : r;
}

NATIVE(jint, ftruncate)(JNIEnv *env UNUSED, jclass c UNUSED, jint fd, jlong len) {
  return result(RETRY(ftruncate(fd, len)));
}

NATIVE(jint, fsync)(JNIEnv *env UNUSED, jclass c UNUSED, jint fd) {
  return result(RETRY(fsync(fd)));
}

NATIVE(jint, syncfs)(JNIEnv *env UNUSED, jclass c UNUSED, jint fd) {
  return result(RETRY(syncfs(fd)));
}

NATIVE(jint, dup)(JNIEnv *env UNUSED, jclass c UNUSED, jint fd) {
  return result(fcntl(fd, F_DUPFD_CLOEXEC, 3));
}

NATIVE(jboolean, isatty)(JNIEnv *env UNUSED, jclass c UNUSED, jint fd) {
  return isatty(fd) ? JNI_TRUE : JNI_FALSE;
}

/* Rows in the high half, columns in the low one; 0 for what is no terminal. */
NATIVE(jint, windowSize)(JNIEnv *env UNUSED, jclass c UNUSED, jint fd) {
  struct winsize size;
  if (ioctl(fd, TIOCGWINSZ, &size) < 0) return 0;
  return (jint)(((unsigned)size.ws_row & 0x7fff) << 16 | size.ws_col);
}

NATIVE(jint, flock)(JNIEnv *env UNUSED, jclass c UNUSED, jint fd, jint op) {
  return result(RETRY(flock(fd, op)));
}

NATIVE(jint, setCloexec)(JNIEnv *env UNUSED, jclass c UNUSED, jint fd, jboolean on) {
  return result(fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0));
}
