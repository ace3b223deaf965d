package rkt.os;

/**
 * What {@code fstat(2)} says about a file.
 *
 * @param mode type and permission bits, see {@link Consts#S_IFMT}
 * @param rdev device number of a device node, take it apart with {@link #major(long)}
 */
public record Stat(
    long dev,
    long ino,
    int mode,
    int nlink,
    int uid,
    int gid,
    long rdev,
    long size,
    long mtimeSec,
    int mtimeNsec,
    long ctimeSec,
    int ctimeNsec) {

  public int type() {
    return mode & Consts.S_IFMT;
  }

  /** The twelve permission bits: rwx for three classes, set-id and sticky. */
  public int permissions() {
    return mode & 07777;
  }

  public boolean isDir() {
    return type() == Consts.S_IFDIR;
  }

  public boolean isRegular() {
    return type() == Consts.S_IFREG;
  }

  public boolean isSymlink() {
    return type() == Consts.S_IFLNK;
  }

  public boolean isCharDevice() {
    return type() == Consts.S_IFCHR;
  }

  public boolean isBlockDevice() {
    return type() == Consts.S_IFBLK;
  }

  public boolean isFifo() {
    return type() == Consts.S_IFIFO;
  }

  public boolean isSocket() {
    return type() == Consts.S_IFSOCK;
  }

  /** Whether both describe one inode; a path may be renamed or replaced between two looks. */
  public boolean sameFile(Stat other) {
    return dev == other.dev && ino == other.ino;
  }

  /** Major number of a {@code dev_t} in the encoding of glibc. */
  public static int major(long dev) {
    return (int) (((dev >>> 32) & 0xfffff000L) | ((dev >>> 8) & 0xfffL));
  }

  /** Minor number of a {@code dev_t} in the encoding of glibc. */
  public static int minor(long dev) {
    return (int) (((dev >>> 12) & 0xffffff00L) | (dev & 0xffL));
  }
}
