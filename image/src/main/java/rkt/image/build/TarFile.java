package rkt.image.build;

import java.util.List;

/**
 * What one tar entry says about its file.
 *
 * @param path without leading or trailing slash; bytes that are not UTF-8 as lone surrogates, as
 *     {@code rkt.os.Kernel} has them
 * @param link target of a symbolic link, or path of the entry a hard link repeats
 */
public record TarFile(
    String path,
    Kind kind,
    int mode,
    int uid,
    int gid,
    long size,
    long mtimeSeconds,
    int mtimeNanos,
    String link,
    int devMajor,
    int devMinor,
    List<Xattr> xattrs) {

  /** Kinds of entries. */
  public enum Kind {
    REGULAR('0'),
    HARD_LINK('1'),
    SYMLINK('2'),
    CHAR_DEVICE('3'),
    BLOCK_DEVICE('4'),
    DIRECTORY('5'),
    FIFO('6');

    private final char flag;

    Kind(char flag) {
      this.flag = flag;
    }

    char flag() {
      return flag;
    }
  }

  /** An extended attribute; the value is bytes. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Xattr(String name, byte[] value) {}

  /** A directory of root's, with the fixed time. */
  public static TarFile directory(String path) {
    return new TarFile(path, Kind.DIRECTORY, 0755, 0, 0, 0, 0, 0, "", 0, 0, List.of());
  }

  /** A file of root's, with the fixed time. */
  public static TarFile regular(String path, long size) {
    return new TarFile(path, Kind.REGULAR, 0644, 0, 0, size, 0, 0, "", 0, 0, List.of());
  }

  TarFile at(String newPath) {
    return new TarFile(
        newPath,
        kind,
        mode,
        uid,
        gid,
        size,
        mtimeSeconds,
        mtimeNanos,
        link,
        devMajor,
        devMinor,
        xattrs);
  }

  /** The same inode under another name: an entry that repeats {@code target}. */
  public TarFile hardLinkTo(String target) {
    return new TarFile(
        path, Kind.HARD_LINK, mode, uid, gid, 0, mtimeSeconds, mtimeNanos, target, 0, 0, List.of());
  }

  /** As the request wants it: with the fixed time, owned by root. */
  TarFile normalized(boolean keepTimes, boolean ownerRoot) {
    return new TarFile(
        path,
        kind,
        mode,
        ownerRoot ? 0 : uid,
        ownerRoot ? 0 : gid,
        size,
        keepTimes ? mtimeSeconds : 0,
        keepTimes ? mtimeNanos : 0,
        link,
        devMajor,
        devMinor,
        xattrs);
  }
}
