package rkt.os;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The running kernel: turns the negative numbers of {@link Native} into exceptions. */
final class LinuxKernel implements Kernel {
  static final LinuxKernel INSTANCE = new LinuxKernel();

  private LinuxKernel() {}

  private static int check(int result, String syscall, String object) throws OsException {
    if (result < 0) {
      throw new OsException(syscall, object, -result);
    }
    return result;
  }

  private static int check(int result, String syscall, int fd) throws OsException {
    if (result < 0) {
      throw new OsException(syscall, "fd " + fd, -result);
    }
    return result;
  }

  private static void bounds(byte[] b, int off, int len) {
    Objects.checkFromIndexSize(off, len, b.length);
  }

  @Override
  public int open(String path, int flags, int mode) throws OsException {
    return check(Native.openat(Consts.AT_FDCWD, path, flags, mode), "open", path);
  }

  @Override
  public int openat(int dir, String path, int flags, int mode) throws OsException {
    return check(Native.openat(dir, path, flags, mode), "openat", path);
  }

  @Override
  public int openat2(int dir, String path, long flags, int mode, long resolve) throws OsException {
    return check(Native.openat2(dir, path, flags, mode, resolve), "openat2", path);
  }

  @Override
  public void close(int fd) throws OsException {
    check(Native.close(fd), "close", fd);
  }

  @Override
  public int read(int fd, byte[] b, int off, int len) throws OsException {
    bounds(b, off, len);
    return check(Native.read(fd, b, off, len), "read", fd);
  }

  @Override
  public int pread(int fd, byte[] b, int off, int len, long position) throws OsException {
    bounds(b, off, len);
    return check(Native.pread(fd, b, off, len, position), "pread", fd);
  }

  @Override
  public int write(int fd, byte[] b, int off, int len) throws OsException {
    bounds(b, off, len);
    return check(Native.write(fd, b, off, len), "write", fd);
  }

  @Override
  public long copyRange(int in, int out, long len) throws OsException {
    long copied = Native.copyRange(in, out, len);
    if (copied < 0) {
      throw new OsException("copy_file_range", "fd " + in + " to fd " + out, (int) -copied);
    }
    return copied;
  }

  @Override
  public long lseek(int fd, long off, int whence) throws OsException {
    long position = Native.lseek(fd, off, whence);
    if (position < 0) {
      throw new OsException("lseek", "fd " + fd, (int) -position);
    }
    return position;
  }

  @Override
  public void ftruncate(int fd, long len) throws OsException {
    check(Native.ftruncate(fd, len), "ftruncate", fd);
  }

  @Override
  public void fsync(int fd) throws OsException {
    check(Native.fsync(fd), "fsync", fd);
  }

  @Override
  public void syncfs(int fd) throws OsException {
    check(Native.syncfs(fd), "syncfs", fd);
  }

  @Override
  public void spreadChildren(int dir) throws OsException {
    check(Native.spreadChildren(dir), "ioctl", dir);
  }

  @Override
  public int dup(int fd) throws OsException {
    return check(Native.dup(fd), "dup", fd);
  }

  @Override
  public boolean isatty(int fd) {
    return Native.isatty(fd);
  }

  @Override
  public WindowSize windowSize(int fd) {
    int packed = Native.windowSize(fd);
    return new WindowSize(packed >>> 16, packed & 0xffff);
  }

  @Override
  public Stat fstat(int fd) throws OsException {
    long[] s = new long[Native.STAT_LONGS];
    check(Native.fstatat(fd, "", Consts.AT_EMPTY_PATH, s), "fstat", fd);
    return stat(s);
  }

  @Override
  public Stat fstatat(int dir, String path, int flags) throws OsException {
    long[] s = new long[Native.STAT_LONGS];
    check(Native.fstatat(dir, path, flags, s), "stat", path);
    return stat(s);
  }

  private static Stat stat(long[] s) {
    return new Stat(
        s[0],
        s[1],
        (int) s[2],
        (int) s[3],
        (int) s[4],
        (int) s[5],
        s[6],
        s[7],
        s[8],
        (int) s[9],
        s[10],
        (int) s[11]);
  }

  @Override
  public void mkdirat(int dir, String path, int mode) throws OsException {
    check(Native.mkdirat(dir, path, mode), "mkdir", path);
  }

  @Override
  public void mknodat(int dir, String path, int mode, int major, int minor) throws OsException {
    check(Native.mknodat(dir, path, mode, major, minor), "mknod", path);
  }

  @Override
  public void symlinkat(String target, int dir, String path) throws OsException {
    check(Native.symlinkat(target, dir, path), "symlink", path);
  }

  @Override
  public void linkat(int oldDir, String oldPath, int newDir, String newPath, int flags)
      throws OsException {
    check(
        Native.linkat(oldDir, oldPath, newDir, newPath, flags), "link", oldPath + " to " + newPath);
  }

  @Override
  public void unlinkat(int dir, String path, int flags) throws OsException {
    check(
        Native.unlinkat(dir, path, flags),
        (flags & Consts.AT_REMOVEDIR) != 0 ? "rmdir" : "unlink",
        path);
  }

  @Override
  public void renameat2(int oldDir, String oldPath, int newDir, String newPath, int flags)
      throws OsException {
    check(
        Native.renameat2(oldDir, oldPath, newDir, newPath, flags),
        "rename",
        oldPath + " to " + newPath);
  }

  @Override
  public String readlinkat(int dir, String path) throws OsException {
    @Nullable String[] target = new String[1];
    check(Native.readlinkat(dir, path, target), "readlink", path);
    return Objects.requireNonNull(target[0]);
  }

  @Override
  public void fchown(int fd, int uid, int gid) throws OsException {
    check(Native.fchownat(fd, "", uid, gid, Consts.AT_EMPTY_PATH), "chown", fd);
  }

  @Override
  public void fchownat(int dir, String path, int uid, int gid, int flags) throws OsException {
    check(Native.fchownat(dir, path, uid, gid, flags), "chown", path);
  }

  @Override
  public void fchmod(int fd, int mode) throws OsException {
    check(Native.fchmod(fd, mode), "chmod", fd);
  }

  @Override
  public void fchmodat(int dir, String path, int mode) throws OsException {
    check(Native.fchmodat(dir, path, mode), "chmod", path);
  }

  @Override
  public void utimensat(
      int dir,
      @Nullable String path,
      long atimeSec,
      int atimeNsec,
      long mtimeSec,
      int mtimeNsec,
      int flags)
      throws OsException {
    int result = Native.utimensat(dir, path, atimeSec, atimeNsec, mtimeSec, mtimeNsec, flags);
    check(result, "utimensat", path == null ? "fd " + dir : path);
  }

  @Override
  public void fsetxattr(int fd, String name, byte[] value, int flags) throws OsException {
    check(Native.setxattr(fd, null, name, value, flags), "setxattr " + name, fd);
  }

  @Override
  public byte @Nullable [] fgetxattr(int fd, String name) throws OsException {
    byte[] @Nullable [] value = new byte[1][];
    int result = Native.getxattr(fd, null, name, value);
    if (result == -Errno.ENODATA) {
      return null;
    }
    check(result, "getxattr " + name, fd);
    return value[0];
  }

  @Override
  public String[] flistxattr(int fd) throws OsException {
    String[] @Nullable [] names = new String[1][];
    check(Native.listxattr(fd, null, names), "listxattr", fd);
    return Objects.requireNonNull(names[0]);
  }

  @Override
  public void lsetxattr(String path, String name, byte[] value, int flags) throws OsException {
    check(Native.setxattr(-1, path, name, value, flags), "setxattr " + name, path);
  }

  @Override
  public byte @Nullable [] lgetxattr(String path, String name) throws OsException {
    byte[] @Nullable [] value = new byte[1][];
    int result = Native.getxattr(-1, path, name, value);
    if (result == -Errno.ENODATA) {
      return null;
    }
    check(result, "getxattr " + name, path);
    return value[0];
  }

  @Override
  public String[] llistxattr(String path) throws OsException {
    String[] @Nullable [] names = new String[1][];
    check(Native.listxattr(-1, path, names), "listxattr", path);
    return Objects.requireNonNull(names[0]);
  }

  @Override
  public List<String> list(int dir) throws OsException {
    String[] @Nullable [] names = new String[1][];
    check(Native.list(dir, names), "getdents", dir);
    return List.of(Objects.requireNonNull(names[0]));
  }

  @Override
  public void removeTree(int dir, String name) throws OsException {
    byte[] culprit = new byte[Native.CULPRIT_BYTES];
    int result = Native.removeTree(dir, name, culprit);
    if (result < 0) {
      int end = 0;
      while (end < culprit.length && culprit[end] != 0) {
        end++;
      }
      // For the message only, so bytes that are not UTF-8 may become replacement characters.
      String path = new String(culprit, 0, end, StandardCharsets.UTF_8);
      throw new OsException("remove", path.isEmpty() ? name : path, -result);
    }
  }

  @Override
  public long statfsType(String path) throws OsException {
    long[] type = new long[1];
    check(Native.statfsType(path, type), "statfs", path);
    return type[0];
  }

  @Override
  public void flock(int fd, int op) throws OsException {
    check(Native.flock(fd, op), "flock", fd);
  }

  @Override
  public boolean tryFlock(int fd, int op) throws OsException {
    int result = Native.flock(fd, op | Consts.LOCK_NB);
    if (result == -Errno.EWOULDBLOCK) {
      return false;
    }
    check(result, "flock", fd);
    return true;
  }

  @Override
  public void mount(
      String source, String target, @Nullable String type, long flags, @Nullable String data)
      throws OsException {
    check(Native.mount(source, target, type, flags, data), "mount", target);
  }

  @Override
  public int openTree(int dir, String path, int flags) throws OsException {
    return check(
        Native.openTree(dir, path, flags), "open_tree", path.isEmpty() ? "fd " + dir : path);
  }

  @Override
  public void moveMount(int tree, int dir, String path) throws OsException {
    check(Native.moveMount(tree, dir, path), "move_mount", path);
  }

  @Override
  public void mountSetattr(
      int dir, String path, int flags, long set, long clear, long propagation, int userns)
      throws OsException {
    int result = Native.mountSetattr(dir, path, flags, set, clear, propagation, userns);
    check(result, "mount_setattr", path.isEmpty() ? "fd " + dir : path);
  }

  @Override
  public void umount(String target, int flags) throws OsException {
    check(Native.umount(target, flags), "umount", target);
  }

  @Override
  public void unshare(int flags) throws OsException {
    check(Native.unshare(flags), "unshare", "");
  }

  @Override
  public void setns(int fd, int nstype) throws OsException {
    check(Native.setns(fd, nstype), "setns", fd);
  }

  @Override
  public int userNamespace(int first, int count) throws OsException {
    return check(Native.userNamespace(first, count), "clone", "user namespace");
  }

  @Override
  public void setFsIds(int uid, int gid) throws OsException {
    check(Native.setFsIds(uid, gid), "setfsuid", uid + ":" + gid);
  }

  @Override
  public void chdir(String path) throws OsException {
    check(Native.chdir(path), "chdir", path);
  }

  @Override
  public void fchdir(int fd) throws OsException {
    check(Native.fchdir(fd), "fchdir", fd);
  }

  @Override
  public void chroot(String path) throws OsException {
    check(Native.chroot(path), "chroot", path);
  }

  @Override
  public void execve(String path, String[] argv, String[] envp) throws OsException {
    check(Native.execve(path, argv, envp), "execve", path);
  }

  @Override
  public void closeRangeCloexec(int from) throws OsException {
    check(Native.closeRangeCloexec(from), "close_range", from);
  }

  @Override
  public void setCloexec(int fd, boolean on) throws OsException {
    check(Native.setCloexec(fd, on), "fcntl", fd);
  }

  @Override
  public void resetSignals() throws OsException {
    check(Native.resetSignals(), "sigprocmask", "");
  }

  @Override
  public int pidfdOpen(int pid) throws OsException {
    return check(Native.pidfdOpen(pid), "pidfd_open", "process " + pid);
  }

  @Override
  public void pidfdSendSignal(int pidfd, int signal) throws OsException {
    check(Native.pidfdSendSignal(pidfd, signal), "pidfd_send_signal", pidfd);
  }

  @Override
  public boolean pidfdWait(int pidfd, int timeoutMillis) throws OsException {
    return check(Native.pidfdWait(pidfd, timeoutMillis), "poll", pidfd) > 0;
  }

  @Override
  public void kill(int pid, int signal) throws OsException {
    check(Native.kill(pid, signal), "kill", "process " + pid);
  }

  @Override
  public void setSubreaper() throws OsException {
    check(Native.setSubreaper(), "prctl", "PR_SET_CHILD_SUBREAPER");
  }

  @Override
  public int getpid() {
    return Native.getpid();
  }

  @Override
  public int gettid() {
    return Native.gettid();
  }

  @Override
  public int getuid() {
    return Native.getuid();
  }

  @Override
  public int geteuid() {
    return Native.geteuid();
  }

  @Override
  public int getgid() {
    return Native.getgid();
  }

  @Override
  public int getegid() {
    return Native.getegid();
  }

  @Override
  public int umask(int mask) {
    return Native.umask(mask);
  }
}
