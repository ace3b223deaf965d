/* Mounts and namespaces. */
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "rktos.h"

NATIVE(jint, mount)
(JNIEnv *env, jclass c UNUSED, jstring source, jstring target, jstring type, jlong flags,
 jstring data) {
  PATH(s, source);
  PATH(t, target);
  char y[PATH_MAX], d[PATH_MAX];
  int r = type ? path_of(env, type, y) : 0;
  /* PATH_MAX is also the most the kernel takes, a page: it would cut off the rest in silence. */
  if (!r && data) r = path_of(env, data, d);
  if (r) return r;
  return result(mount(s, t, type ? y : NULL, (unsigned long)flags, data ? d : NULL));
}

NATIVE(jint, umount)(JNIEnv *env, jclass c UNUSED, jstring target, jint flags) {
  PATH(t, target);
  return result(umount2(t, flags));
}

NATIVE(jint, unshare)(JNIEnv *env UNUSED, jclass c UNUSED, jint flags) {
  return result(unshare(flags));
}

NATIVE(jint, setns)(JNIEnv *env UNUSED, jclass c UNUSED, jint fd, jint nstype) {
  return result(setns(fd, nstype));
}

NATIVE(jint, chdir)(JNIEnv *env, jclass c UNUSED, jstring path) {
  PATH(p, path);
  return result(chdir(p));
}

NATIVE(jint, fchdir)(JNIEnv *env UNUSED, jclass c UNUSED, jint fd) { return result(fchdir(fd)); }

NATIVE(jint, chroot)(JNIEnv *env, jclass c UNUSED, jstring path) {
  PATH(p, path);
  return result(chroot(p));
}
