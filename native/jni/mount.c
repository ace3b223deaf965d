/* Mounts and namespaces. */
#include <sched.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/syscall.h>
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

/* The calls below by number: libc has had them only since glibc 2.36, whose headers clash with the
 * kernel's. Numbers and structures are the same on every architecture. */
#ifndef SYS_open_tree
#define SYS_open_tree 428
#define SYS_move_mount 429
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

NATIVE(jint, openTree)(JNIEnv *env, jclass c UNUSED, jint dir, jstring path, jint flags) {
  PATH(p, path);
  return result(syscall(SYS_open_tree, dir, p, (unsigned)flags));
}

/* Attaches a detached tree; 4 is MOVE_MOUNT_F_EMPTY_PATH, 0x40 MOVE_MOUNT_T_EMPTY_PATH. */
NATIVE(jint, moveMount)(JNIEnv *env, jclass c UNUSED, jint tree, jint dir, jstring path) {
  PATH(p, path);
  return result(syscall(SYS_move_mount, tree, "", dir, p, *p ? 4u : 0x44u));
}

NATIVE(jint, mountSetattr)
(JNIEnv *env, jclass c UNUSED, jint dir, jstring path, jint flags, jlong set, jlong clear,
 jlong propagation, jint userns) {
  PATH(p, path);
  struct {
    uint64_t set, clear, propagation, userns;
  } attr = {(uint64_t)set, (uint64_t)clear, (uint64_t)propagation,
            userns < 0 ? 0 : (uint64_t)userns};
  return result(syscall(SYS_mount_setattr, dir, p, (unsigned)flags, &attr, sizeof attr));
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
