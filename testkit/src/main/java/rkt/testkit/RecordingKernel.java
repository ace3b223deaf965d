package rkt.testkit;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import rkt.os.Consts;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;
import rkt.os.WindowSize;

/**
 * Writes down every call. Calls on plain files are then made for real, in whatever temporary
 * directory the test uses; what would need root or change the test's own process is not:
 *
 * <ul>
 *   <li>mounts, namespaces, the current and root directory, exec, signals, ownership: only recorded
 *       ({@code execve} returns as if it had never been called);
 *   <li>device nodes: an empty file stands in, FIFOs are real;
 *   <li>extended attributes: kept in memory, of any namespace;
 *   <li>process descriptors: open, and the process has ended; the caller is user 0, see {@link
 *       #runAs}.
 * </ul>
 *
 * <p>{@link #journal} holds what was asked, and makes calls fail. Not safe for several threads.
 */
public final class RecordingKernel implements Kernel {
  private final Kernel real;
  private final KernelJournal journal = new KernelJournal();
  private final Set<Integer> openDescriptors = new TreeSet<>();
  private final Map<String, Map<String, byte[]>> attributes = new HashMap<>();
  private int mask = 022;
  private int uid;

  /** Records calls in front of the running kernel. */
  public RecordingKernel() {
    this(Kernel.linux());
  }

  public RecordingKernel(Kernel real) {
    this.real = real;
  }

  /** What was asked so far, and what is to fail. */
  public KernelJournal journal() {
    return journal;
  }

  /** The user and group that the code under test believes to be. */
  public RecordingKernel runAs(int user) {
    uid = user;
    return this;
  }

  /** Descriptors opened and not closed: empty after code that cleans up behind itself. */
  public Set<Integer> openDescriptors() {
    return Set.copyOf(openDescriptors);
  }

  /** Closes what code that was killed left open, and with it gives up its locks. */
  public void closeOpenDescriptors() throws OsException {
    for (int fd : List.copyOf(openDescriptors)) {
      openDescriptors.remove(fd);
      real.close(fd);
    }
  }

  private int opened(int fd) {
    openDescriptors.add(fd);
    return fd;
  }

  private static String bytes(byte[] b) {
    return "<" + b.length + " bytes>";
  }

  private Stat lstat(String path) throws OsException {
    return real.fstatat(Consts.AT_FDCWD, path, Consts.AT_SYMLINK_NOFOLLOW);
  }

  private Map<String, byte[]> attributes(Stat file) {
    return attributes.computeIfAbsent(file.dev() + ":" + file.ino(), k -> new TreeMap<>());
  }

  private byte @Nullable [] value(Stat file, String name) {
    byte[] value = attributes(file).get(name);
    return value == null ? null : value.clone();
  }

  private void placeholder(int dir, String path, int mode) throws OsException {
    int type = mode & Consts.S_IFMT;
    if (type == Consts.S_IFIFO || type == Consts.S_IFREG || type == 0) {
      real.mknodat(dir, path, mode, 0, 0);
    } else {
      real.mknodat(dir, path, Consts.S_IFREG | (mode & 07777), 0, 0);
    }
  }

  @Override
  public int open(String path, int flags, int mode) throws OsException {
    journal.record("open", path, flags, mode);
    return opened(real.open(path, flags, mode));
  }

  @Override
  public int openat(int dir, String path, int flags, int mode) throws OsException {
    journal.record("openat", dir, path, flags, mode);
    return opened(real.openat(dir, path, flags, mode));
  }

  @Override
  public int openat2(int dir, String path, long flags, int mode, long resolve) throws OsException {
    journal.record("openat2", dir, path, flags, mode, resolve);
    return opened(real.openat2(dir, path, flags, mode, resolve));
  }

  @Override
  public void close(int fd) throws OsException {
    journal.record("close", fd);
    openDescriptors.remove(fd);
    real.close(fd);
  }

  @Override
  public int read(int fd, byte[] b, int off, int len) throws OsException {
    journal.record("read", fd, bytes(b), off, len);
    return real.read(fd, b, off, len);
  }

  @Override
  public int pread(int fd, byte[] b, int off, int len, long position) throws OsException {
    journal.record("pread", fd, bytes(b), off, len, position);
    return real.pread(fd, b, off, len, position);
  }

  @Override
  public int write(int fd, byte[] b, int off, int len) throws OsException {
    journal.record("write", fd, bytes(b), off, len);
    return real.write(fd, b, off, len);
  }

  @Override
  public long copyRange(int in, int out, long len) throws OsException {
    journal.record("copyRange", in, out, len);
    return real.copyRange(in, out, len);
  }

  @Override
  public long lseek(int fd, long off, int whence) throws OsException {
    journal.record("lseek", fd, off, whence);
    return real.lseek(fd, off, whence);
  }

  @Override
  public void ftruncate(int fd, long len) throws OsException {
    journal.record("ftruncate", fd, len);
    real.ftruncate(fd, len);
  }

  @Override
  public void fsync(int fd) throws OsException {
    journal.record("fsync", fd);
    real.fsync(fd);
  }

  @Override
  public void syncfs(int fd) throws OsException {
    journal.record("syncfs", fd);
    real.syncfs(fd);
  }

  @Override
  public void spreadChildren(int dir) throws OsException {
    journal.record("spreadChildren", dir);
    real.spreadChildren(dir);
  }

  @Override
  public int dup(int fd) throws OsException {
    journal.record("dup", fd);
    return opened(real.dup(fd));
  }

  @Override
  public boolean isatty(int fd) {
    journal.note("isatty", fd);
    return real.isatty(fd);
  }

  @Override
  public WindowSize windowSize(int fd) {
    journal.note("windowSize", fd);
    return real.windowSize(fd);
  }

  @Override
  public Stat fstat(int fd) throws OsException {
    journal.record("fstat", fd);
    return real.fstat(fd);
  }

  @Override
  public Stat fstatat(int dir, String path, int flags) throws OsException {
    journal.record("fstatat", dir, path, flags);
    return real.fstatat(dir, path, flags);
  }

  @Override
  public void mkdirat(int dir, String path, int mode) throws OsException {
    journal.record("mkdirat", dir, path, mode);
    real.mkdirat(dir, path, mode);
  }

  @Override
  public void mknodat(int dir, String path, int mode, int major, int minor) throws OsException {
    journal.record("mknodat", dir, path, mode, major, minor);
    placeholder(dir, path, mode);
  }

  @Override
  public void symlinkat(String target, int dir, String path) throws OsException {
    journal.record("symlinkat", target, dir, path);
    real.symlinkat(target, dir, path);
  }

  @Override
  public void linkat(int oldDir, String oldPath, int newDir, String newPath, int flags)
      throws OsException {
    journal.record("linkat", oldDir, oldPath, newDir, newPath, flags);
    real.linkat(oldDir, oldPath, newDir, newPath, flags);
  }

  @Override
  public void unlinkat(int dir, String path, int flags) throws OsException {
    journal.record("unlinkat", dir, path, flags);
    real.unlinkat(dir, path, flags);
  }

  @Override
  public void renameat2(int oldDir, String oldPath, int newDir, String newPath, int flags)
      throws OsException {
    journal.record("renameat2", oldDir, oldPath, newDir, newPath, flags);
    real.renameat2(oldDir, oldPath, newDir, newPath, flags);
  }

  @Override
  public String readlinkat(int dir, String path) throws OsException {
    journal.record("readlinkat", dir, path);
    return real.readlinkat(dir, path);
  }

  @Override
  public void fchown(int fd, int uid, int gid) throws OsException {
    journal.record("fchown", fd, uid, gid);
  }

  @Override
  public void fchownat(int dir, String path, int uid, int gid, int flags) throws OsException {
    journal.record("fchownat", dir, path, uid, gid, flags);
  }

  @Override
  public void fchmod(int fd, int mode) throws OsException {
    journal.record("fchmod", fd, mode);
    real.fchmod(fd, mode);
  }

  @Override
  public void fchmodat(int dir, String path, int mode) throws OsException {
    journal.record("fchmodat", dir, path, mode);
    real.fchmodat(dir, path, mode);
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
    journal.record("utimensat", dir, path, atimeSec, atimeNsec, mtimeSec, mtimeNsec, flags);
    real.utimensat(dir, path, atimeSec, atimeNsec, mtimeSec, mtimeNsec, flags);
  }

  @Override
  public void fsetxattr(int fd, String name, byte[] value, int flags) throws OsException {
    journal.record("fsetxattr", fd, name, bytes(value), flags);
    attributes(real.fstat(fd)).put(name, value.clone());
  }

  @Override
  public byte @Nullable [] fgetxattr(int fd, String name) throws OsException {
    journal.record("fgetxattr", fd, name);
    return value(real.fstat(fd), name);
  }

  @Override
  public String[] flistxattr(int fd) throws OsException {
    journal.record("flistxattr", fd);
    return attributes(real.fstat(fd)).keySet().toArray(new String[0]);
  }

  @Override
  public void lsetxattr(String path, String name, byte[] value, int flags) throws OsException {
    journal.record("lsetxattr", path, name, bytes(value), flags);
    attributes(lstat(path)).put(name, value.clone());
  }

  @Override
  public byte @Nullable [] lgetxattr(String path, String name) throws OsException {
    journal.record("lgetxattr", path, name);
    return value(lstat(path), name);
  }

  @Override
  public String[] llistxattr(String path) throws OsException {
    journal.record("llistxattr", path);
    return attributes(lstat(path)).keySet().toArray(new String[0]);
  }

  @Override
  public List<String> list(int dir) throws OsException {
    journal.record("list", dir);
    return real.list(dir);
  }

  @Override
  public void removeTree(int dir, String name) throws OsException {
    journal.record("removeTree", dir, name);
    real.removeTree(dir, name);
  }

  @Override
  public long statfsType(String path) throws OsException {
    journal.record("statfsType", path);
    return real.statfsType(path);
  }

  @Override
  public void flock(int fd, int op) throws OsException {
    journal.record("flock", fd, op);
    real.flock(fd, op);
  }

  @Override
  public boolean tryFlock(int fd, int op) throws OsException {
    journal.record("tryFlock", fd, op);
    return real.tryFlock(fd, op);
  }

  @Override
  public void mount(
      String source, String target, @Nullable String type, long flags, @Nullable String data)
      throws OsException {
    journal.record("mount", source, target, type, flags, data);
  }

  /** A stand-in: the descriptor of the path itself. */
  @Override
  public int openTree(int dir, String path, int flags) throws OsException {
    journal.record("openTree", dir, path, flags);
    return opened(path.isEmpty() ? real.dup(dir) : real.openat(dir, path, Consts.O_PATH, 0));
  }

  @Override
  public void moveMount(int tree, int dir, String path) throws OsException {
    journal.record("moveMount", tree, dir, path);
  }

  @Override
  public void mountSetattr(
      int dir, String path, int flags, long set, long clear, long propagation, int userns)
      throws OsException {
    journal.record("mountSetattr", dir, path, flags, set, clear, propagation, userns);
  }

  @Override
  public void umount(String target, int flags) throws OsException {
    journal.record("umount", target, flags);
  }

  @Override
  public void unshare(int flags) throws OsException {
    journal.record("unshare", flags);
  }

  @Override
  public void setns(int fd, int nstype) throws OsException {
    journal.record("setns", fd, nstype);
  }

  @Override
  public int userNamespace(int first, int count) throws OsException {
    journal.record("userNamespace", first, count);
    return opened(real.open("/dev/null", 0, 0));
  }

  @Override
  public void setFsIds(int uid, int gid) throws OsException {
    journal.record("setFsIds", uid, gid);
  }

  @Override
  public void chdir(String path) throws OsException {
    journal.record("chdir", path);
  }

  @Override
  public void fchdir(int fd) throws OsException {
    journal.record("fchdir", fd);
  }

  @Override
  public void chroot(String path) throws OsException {
    journal.record("chroot", path);
  }

  @Override
  public void execve(String path, String[] argv, String[] envp) throws OsException {
    journal.record("execve", path, Arrays.toString(argv), Arrays.toString(envp));
  }

  @Override
  public void closeRangeCloexec(int from) throws OsException {
    journal.record("closeRangeCloexec", from);
  }

  @Override
  public void setCloexec(int fd, boolean on) throws OsException {
    journal.record("setCloexec", fd, on);
  }

  @Override
  public void resetSignals() throws OsException {
    journal.record("resetSignals");
  }

  @Override
  public int pidfdOpen(int pid) throws OsException {
    journal.record("pidfdOpen", pid);
    // A descriptor that can be closed like any other.
    return opened(real.open("/dev/null", Consts.O_RDONLY | Consts.O_CLOEXEC, 0));
  }

  @Override
  public void pidfdSendSignal(int pidfd, int signal) throws OsException {
    journal.record("pidfdSendSignal", pidfd, signal);
  }

  @Override
  public boolean pidfdWait(int pidfd, int timeoutMillis) throws OsException {
    journal.record("pidfdWait", pidfd, timeoutMillis);
    return true;
  }

  @Override
  public void kill(int pid, int signal) throws OsException {
    journal.record("kill", pid, signal);
  }

  @Override
  public void setSubreaper() throws OsException {
    journal.record("setSubreaper");
  }

  @Override
  public int getpid() {
    return real.getpid();
  }

  @Override
  public int gettid() {
    return real.gettid();
  }

  @Override
  public int getuid() {
    return uid;
  }

  @Override
  public int geteuid() {
    return uid;
  }

  @Override
  public int getgid() {
    return uid;
  }

  @Override
  public int getegid() {
    return uid;
  }

  @Override
  public int umask(int newMask) {
    journal.note("umask", newMask);
    int old = mask;
    mask = newMask;
    return old;
  }
}
