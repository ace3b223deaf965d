package rkt.store.unpack;

import java.util.List;

/**
 * One member of a tar archive with its extended headers applied.
 *
 * @param name as in the archive, not yet checked
 * @param mode the twelve permission bits
 * @param size the file's apparent size
 * @param storedSize bytes of data in the archive (less than size for a sparse file)
 * @param linkName target of a hard or symbolic link, as in the archive
 * @param sparse where the stored bytes go, in order; empty unless {@link #isSparse}
 */
public record TarEntry(
    String name,
    Type type,
    int mode,
    int uid,
    int gid,
    long size,
    long storedSize,
    Time modified,
    Time accessed,
    String linkName,
    long devMajor,
    long devMinor,
    List<Xattr> xattrs,
    boolean isSparse,
    List<Segment> sparse) {

  /** Kinds of members that make a file. */
  public enum Type {
    REGULAR,
    HARD_LINK,
    SYMLINK,
    CHAR_DEVICE,
    BLOCK_DEVICE,
    DIRECTORY,
    FIFO
  }

  /** Seconds since the epoch and nanoseconds 0..999999999. */
  public record Time(long seconds, int nanos) {}

  /** An extended attribute; values are bytes (a {@code security.capability} is no text). */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Xattr(String name, byte[] value) {}

  /** Bytes at an offset of a sparse file. */
  public record Segment(long offset, long length) {}

  public boolean isDirectory() {
    return type == Type.DIRECTORY;
  }
}
