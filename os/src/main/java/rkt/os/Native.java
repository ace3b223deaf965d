package rkt.os;

import org.jspecify.annotations.Nullable;

/**
 * The functions of {@code librktos.so} ({@code native/jni}). Each returns its result, or the
 * negative errno. Results that do not fit a number go into an array of the caller.
 */
final class Native {
  /** Longs of a file's status, in the order of {@link Stat}. */
  static final int STAT_LONGS = 12;

  /** Bytes that {@link #removeTree} may use to name what it could not remove. */
  static final int CULPRIT_BYTES = 4096;

  static {
    System.loadLibrary("rktos");
  }

  private Native() {}

  static native int openat(int dir, String path, int flags, int mode);

  static native int openat2(int dir, String path, long flags, int mode, long resolve);

  static native int close(int fd);

  static native int read(int fd, byte[] b, int off, int len);

  static native int pread(int fd, byte[] b, int off, int len, long position);

  static native int write(int fd, byte[] b, int off, int len);

  static native long copyRange(int in, int out, long len);

  static native long lseek(int fd, long off, int whence);

  static native int ftruncate(int fd, long len);

  static native int fsync(int fd);

  static native int syncfs(int fd);

  static native int spreadChildren(int dir);

  static native int dup(int fd);

  static native boolean isatty(int fd);

  static native int windowSize(int fd);

  static native int fstatat(int dir, String path, int flags, long[] stat);

  static native int mkdirat(int dir, String path, int mode);

  static native int mknodat(int dir, String path, int mode, int major, int minor);

  static native int symlinkat(String target, int dir, String path);

  static native int linkat(int oldDir, String oldPath, int newDir, String newPath, int flags);

  static native int unlinkat(int dir, String path, int flags);

  static native int renameat2(int oldDir, String oldPath, int newDir, String newPath, int flags);

  static native int readlinkat(int dir, String path, @Nullable String[] target);

  static native int fchownat(int dir, String path, int uid, int gid, int flags);

  static native int fchmod(int fd, int mode);

  static native int fchmodat(int dir, String path, int mode);

  static native int utimensat(
      int dir,
      @Nullable String path,
      long atimeSec,
      int atimeNsec,
      long mtimeSec,
      int mtimeNsec,
      int flags);

  /** For the three that follow, a null path means the descriptor. */
  static native int setxattr(int fd, @Nullable String path, String name, byte[] value, int flags);

  static native int getxattr(int fd, @Nullable String path, String name, byte[] @Nullable [] value);

  static native int listxattr(int fd, @Nullable String path, String[] @Nullable [] names);

  static native int list(int dir, String[] @Nullable [] names);

  static native int removeTree(int dir, String name, byte[] culprit);

  static native int statfsType(String path, long[] type);

  static native int flock(int fd, int op);

  static native int mount(
      String source, String target, @Nullable String type, long flags, @Nullable String data);

  static native int openTree(int dir, String path, int flags);

  static native int moveMount(int tree, int dir, String path);

  static native int mountSetattr(
      int dir, String path, int flags, long set, long clear, long propagation, int userns);

  static native int umount(String target, int flags);

  static native int unshare(int flags);

  static native int setns(int fd, int nstype);

  static native int userNamespace(int first, int count);

  static native int setFsIds(int uid, int gid);

  static native int chdir(String path);

  static native int fchdir(int fd);

  static native int chroot(String path);

  static native int execve(String path, String[] argv, String[] envp);

  static native int closeRangeCloexec(int from);

  static native int setCloexec(int fd, boolean on);

  static native int resetSignals();

  static native int pidfdOpen(int pid);

  static native int pidfdSendSignal(int pidfd, int signal);

  static native int pidfdWait(int pidfd, int timeoutMillis);

  static native int kill(int pid, int signal);

  static native int setSubreaper();

  static native int getpid();

  static native int gettid();

  static native int getuid();

  static native int geteuid();

  static native int getgid();

  static native int getegid();

  static native int umask(int mask);
}
