/* Calls on names and inodes. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "rktos.h"

NATIVE(jint, fstatat)
(JNIEnv *env, jclass c UNUSED, jint dir, jstring path, jint flags, jlongArray out) {
  PATH(p, path);
  struct stat st;
  if (fstatat(dir, p, &st, flags) < 0) return -errno;
  /* In the order of rkt.os.Stat. */
  jlong values[] = {
      (jlong)st.st_dev,   (jlong)st.st_ino,  st.st_mode,         (jlong)st.st_nlink,
      st.st_uid,          st.st_gid,         (jlong)st.st_rdev,  st.st_size,
      st.st_mtim.tv_sec,  st.st_mtim.tv_nsec, st.st_ctim.tv_sec, st.st_ctim.tv_nsec,
  };
  (*env)->SetLongArrayRegion(env, out, 0, sizeof values / sizeof *values, values);
  return 0;
}

NATIVE(jint, mkdirat)(JNIEnv *env, jclass c UNUSED, jint dir, jstring path, jint mode) {
  PATH(p, path);
  return result(mkdirat(dir, p, (mode_t)mode));
}

NATIVE(jint, mknodat)
(JNIEnv *env, jclass c UNUSED, jint dir, jstring path, jint mode, jint major, jint minor) {
  PATH(p, path);
  return result(mknodat(dir, p, (mode_t)mode, makedev((unsigned)major, (unsigned)minor)));
}

NATIVE(jint, symlinkat)(JNIEnv *env, jclass c UNUSED, jstring target, jint dir, jstring path) {
  PATH(t, target);
  PATH(p, path);
  return result(symlinkat(t, dir, p));
}

NATIVE(jint, linkat)
(JNIEnv *env, jclass c UNUSED, jint old_dir, jstring old_path, jint new_dir, jstring new_path,
 jint flags) {
  PATH(from, old_path);
  PATH(to, new_path);
  return result(linkat(old_dir, from, new_dir, to, flags));
}

NATIVE(jint, unlinkat)(JNIEnv *env, jclass c UNUSED, jint dir, jstring path, jint flags) {
  PATH(p, path);
  return result(unlinkat(dir, p, flags));
}

NATIVE(jint, renameat2)
(JNIEnv *env, jclass c UNUSED, jint old_dir, jstring old_path, jint new_dir, jstring new_path,
 jint flags) {
  PATH(from, old_path);
  PATH(to, new_path);
  return result(renameat2(old_dir, from, new_dir, to, (unsigned)flags));
}

NATIVE(jint, readlinkat)(JNIEnv *env, jclass c UNUSED, jint dir, jstring path, jobjectArray out) {
  PATH(p, path);
  char target[PATH_MAX];
  ssize_t n = readlinkat(dir, p, target, sizeof target);
  if (n < 0) return -errno;
  if (n == sizeof target) return -ENAMETOOLONG;
  jstring java = name_to_java(env, target, (size_t)n);
  if (!java) return -ENOMEM;
  (*env)->SetObjectArrayElement(env, out, 0, java);
  return 0;
}

NATIVE(jint, fchownat)
(JNIEnv *env, jclass c UNUSED, jint dir, jstring path, jint uid, jint gid, jint flags) {
  PATH(p, path);
  return result(fchownat(dir, p, (uid_t)uid, (gid_t)gid, flags));
}

NATIVE(jint, fchmod)(JNIEnv *env UNUSED, jclass c UNUSED, jint fd, jint mode) {
  return result(fchmod(fd, (mode_t)mode));
}

NATIVE(jint, fchmodat)(JNIEnv *env, jclass c UNUSED, jint dir, jstring path, jint mode) {
  PATH(p, path);
  return result(fchmodat(dir, p, (mode_t)mode, 0));
}

NATIVE(jint, utimensat)
(JNIEnv *env, jclass c UNUSED, jint dir, jstring path, jlong atime_sec, jint atime_nsec,
 jlong mtime_sec, jint mtime_nsec, jint flags) {
  struct timespec times[] = {{atime_sec, atime_nsec}, {mtime_sec, mtime_nsec}};
  if (!path) return result(futimens(dir, times));
  PATH(p, path);
  return result(utimensat(dir, p, times, flags));
}

NATIVE(jint, statfsType)(JNIEnv *env, jclass c UNUSED, jstring path, jlongArray out) {
  PATH(p, path);
  struct statfs fs;
  if (RETRY(statfs(p, &fs)) < 0) return -errno;
  jlong type = (jlong)fs.f_type & 0xffffffff;
  (*env)->SetLongArrayRegion(env, out, 0, 1, &type);
  return 0;
}
