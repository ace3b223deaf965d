package rkt.os;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The system calls rkt makes. {@link #linux()} makes them; tests record them.
 *
 * <p><b>Names.</b> A Linux file name is any bytes but NUL and {@code /}. Here it travels as UTF-8
 * decoded to a string; each byte that is not UTF-8 becomes one lone surrogate U+DC80..U+DCFF, and
 * becomes the same byte again on the way down, so {@link #list} and {@link #openat} agree about
 * every name. A string with a NUL character is refused (EINVAL) instead of being cut short. {@code
 * java.nio.file} cannot do this (in the C locale it fails on any non-ASCII name): names that come
 * from an image belong here.
 *
 * <p><b>Threads.</b> {@link #unshare}, {@link #setns}, {@link #chroot}, {@link #chdir} (after
 * {@code unshare(CLONE_FS)}) and {@link #resetSignals} act on the calling thread only: use one
 * platform thread for such work and end it, or {@link #execve} from it. Blocking calls ({@link
 * #flock}, {@link #pidfdWait}) pin the carrier of a virtual thread.
 *
 * <p>Calls are retried on EINTR. Whether descriptors are close-on-exec is up to the flags given,
 * except for those made without flags ({@link #dup}, {@link #pidfdOpen}), which are.
 */
public interface Kernel {
  /** The running kernel, through {@code librktos.so}. */
  static Kernel linux() {
    return LinuxKernel.INSTANCE;
  }

  // files by path and descriptor

  int open(String path, int flags, int mode) throws OsException;

  int openat(int dir, String path, int flags, int mode) throws OsException;

  /** Opens with a confined resolution (Linux 5.6), see the {@code RESOLVE_} flags. */
  int openat2(int dir, String path, long flags, int mode, long resolve) throws OsException;

  void close(int fd) throws OsException;

  /**
   * Reads up to {@code len} bytes once; may be short (at most 64 KiB come at a time).
   *
   * @return the count, 0 at the end of the file
   */
  int read(int fd, byte[] b, int off, int len) throws OsException;

  int pread(int fd, byte[] b, int off, int len, long position) throws OsException;

  /**
   * Writes all of the bytes.
   *
   * @return {@code len}
   */
  int write(int fd, byte[] b, int off, int len) throws OsException;

  /**
   * Copies up to {@code len} bytes between two files from their current offsets, inside the kernel
   * (sharing extents where the file system can).
   *
   * @return the count, 0 at the end of the input
   */
  long copyRange(int in, int out, long len) throws OsException;

  long lseek(int fd, long off, int whence) throws OsException;

  void ftruncate(int fd, long len) throws OsException;

  void fsync(int fd) throws OsException;

  void syncfs(int fd) throws OsException;

  /**
   * Tells the file system that the directories in this one have nothing to do with each other, so
   * that it lays each out in a place of its own (ext4: {@code chattr +T}). A hint: where it cannot
   * be given nothing happens.
   */
  void spreadChildren(int dir) throws OsException;

  int dup(int fd) throws OsException;

  boolean isatty(int fd);

  /** The size of a terminal; zeros when the descriptor is none, or it does not know its size. */
  WindowSize windowSize(int fd);

  // inodes

  Stat fstat(int fd) throws OsException;

  Stat fstatat(int dir, String path, int flags) throws OsException;

  void mkdirat(int dir, String path, int mode) throws OsException;

  /**
   * Makes a device, FIFO, socket or plain file.
   *
   * @param mode type and permissions
   */
  void mknodat(int dir, String path, int mode, int major, int minor) throws OsException;

  void symlinkat(String target, int dir, String path) throws OsException;

  void linkat(int oldDir, String oldPath, int newDir, String newPath, int flags) throws OsException;

  void unlinkat(int dir, String path, int flags) throws OsException;

  void renameat2(int oldDir, String oldPath, int newDir, String newPath, int flags)
      throws OsException;

  String readlinkat(int dir, String path) throws OsException;

  void fchown(int fd, int uid, int gid) throws OsException;

  void fchownat(int dir, String path, int uid, int gid, int flags) throws OsException;

  void fchmod(int fd, int mode) throws OsException;

  /** Follows a symbolic link in the last component: only for names no one else can change. */
  void fchmodat(int dir, String path, int mode) throws OsException;

  /**
   * Sets the times of a file, see {@link Consts#UTIME_OMIT}.
   *
   * @param path null: the file behind {@code dir} itself
   */
  void utimensat(
      int dir,
      @Nullable String path,
      long atimeSec,
      int atimeNsec,
      long mtimeSec,
      int mtimeNsec,
      int flags)
      throws OsException;

  void fsetxattr(int fd, String name, byte[] value, int flags) throws OsException;

  /** The value, or null when the file has no such attribute. */
  byte @Nullable [] fgetxattr(int fd, String name) throws OsException;

  String[] flistxattr(int fd) throws OsException;

  void lsetxattr(String path, String name, byte[] value, int flags) throws OsException;

  /** The value, or null when the file has no such attribute. */
  byte @Nullable [] lgetxattr(String path, String name) throws OsException;

  String[] llistxattr(String path) throws OsException;

  /** The names in a directory without {@code .} and {@code ..}, in no order. O_PATH will do. */
  List<String> list(int dir) throws OsException;

  /**
   * Removes a file or a whole directory tree that a hostile program may have made and may still be
   * changing. Follows no symbolic link, needs a bounded number of descriptors and constant stack at
   * any depth, and clears the immutable and append-only flags that stand in the way. A name that is
   * already gone is success.
   *
   * <p>A mount point is never entered nor removed (EBUSY); like any entry that resists, it does not
   * keep the rest from being removed: the first failure is thrown at the end.
   *
   * @param name one name inside {@code dir}; with {@link Consts#AT_FDCWD} also a path, whose
   *     parents are trusted
   */
  void removeTree(int dir, String name) throws OsException;

  /** The file system type, one of the {@code _MAGIC} numbers of {@link Consts}. */
  long statfsType(String path) throws OsException;

  // locks

  /** Waits for a lock; see {@link FileLock} for the way to use it. */
  void flock(int fd, int op) throws OsException;

  /** Takes a lock if it can be had now. */
  boolean tryFlock(int fd, int op) throws OsException;

  // mounts and namespaces

  void mount(String source, String target, @Nullable String type, long flags, @Nullable String data)
      throws OsException;

  /**
   * A descriptor of a mount (open_tree(2), Linux 5.2). With {@link Consts#OPEN_TREE_CLONE} it is a
   * detached copy, which goes with the descriptor unless {@link #moveMount} attaches it.
   */
  int openTree(int dir, String path, int flags) throws OsException;

  /**
   * Attaches a detached tree at a path (move_mount(2), Linux 5.2); an empty one means {@code dir}
   * itself.
   */
  void moveMount(int tree, int dir, String path) throws OsException;

  /**
   * Changes properties of a mount, with {@link Consts#AT_RECURSIVE} of all below it at once
   * (mount_setattr(2), Linux 5.12).
   *
   * @param set {@code MOUNT_ATTR_} bits
   * @param clear {@code MOUNT_ATTR_} bits
   * @param propagation {@code MS_PRIVATE} and its like; 0 leaves it as it is
   * @param userns descriptor of the user namespace of {@link Consts#MOUNT_ATTR_IDMAP}; else -1
   */
  void mountSetattr(
      int dir, String path, int flags, long set, long clear, long propagation, int userns)
      throws OsException;

  void umount(String target, int flags) throws OsException;

  /** A thread of a JVM cannot make a user namespace, and after NEWPID no thread can be started. */
  void unshare(int flags) throws OsException;

  /** Joining a mount namespace needs {@code unshare(CLONE_FS)} on this thread first. */
  void setns(int fd, int nstype) throws OsException;

  /**
   * A new user namespace in which the IDs 0 to {@code count - 1} are the host's from {@code first}
   * on, for users and groups alike. It lasts as long as the descriptor or what is mounted with it.
   */
  int userNamespace(int first, int count) throws OsException;

  /**
   * The user and group that own what this thread makes from now on. Its capabilities stay as they
   * are.
   */
  void setFsIds(int uid, int gid) throws OsException;

  void chdir(String path) throws OsException;

  void fchdir(int fd) throws OsException;

  void chroot(String path) throws OsException;

  // processes

  /**
   * Becomes another program: same process, one thread. Returns only by failing. Caught signals go
   * back to their defaults by themselves; blocked ones stay so, see {@link #resetSignals}.
   *
   * @param envp {@code NAME=value} strings
   */
  void execve(String path, String[] argv, String[] envp) throws OsException;

  /** Marks every descriptor from this one up, the JVM's own too, to be closed by an exec. */
  void closeRangeCloexec(int from) throws OsException;

  void setCloexec(int fd, boolean on) throws OsException;

  /**
   * Unblocks all signals in this thread, for the program it is about to exec. Handlers are left
   * alone: exec resets them, and the JVM dies without its own. A signal that was ignored when rkt
   * started stays so, except SIGPIPE, whose state the JVM overwrites before any of our code runs.
   */
  void resetSignals() throws OsException;

  int pidfdOpen(int pid) throws OsException;

  void pidfdSendSignal(int pidfd, int signal) throws OsException;

  /**
   * Waits for a process to end.
   *
   * @param timeoutMillis negative: for ever
   * @return whether it has ended
   */
  boolean pidfdWait(int pidfd, int timeoutMillis) throws OsException;

  void kill(int pid, int signal) throws OsException;

  /** Makes orphaned descendants children of this process; survives an exec. */
  void setSubreaper() throws OsException;

  int getpid();

  /** The kernel's number of the calling thread. */
  int gettid();

  int getuid();

  int geteuid();

  int getgid();

  int getegid();

  /** Sets the mask of the process and returns the old one. */
  int umask(int mask);
}
