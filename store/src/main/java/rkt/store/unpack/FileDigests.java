package rkt.store.unpack;

import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Digests of files' contents, taken while the files are written, so that nobody has to read them
 * again. By inode, since names in an archive may lead through links.
 *
 * <p>Some files have none: sparse ones, and all after so many that remembering them would cost more
 * memory than reading them again costs time. For one thread at a time.
 */
public final class FileDigests {
  private static final int MAX_FILES = 200_000;

  private final MessageDigest hash;
  private final Map<Long, byte[]> byInode = new HashMap<>();

  public FileDigests(MessageDigest hash) {
    this.hash = hash;
  }

  void begin() {
    hash.reset();
  }

  void bytes(byte[] block, int offset, int length) {
    hash.update(block, offset, length);
  }

  /**
   * @param whole whether all of the content passed by
   */
  void end(long inode, boolean whole) {
    if (whole && byInode.size() < MAX_FILES) {
      byInode.put(inode, hash.digest());
    } else {
      // A file that was removed since may have had the number.
      byInode.remove(inode);
    }
  }

  /** The digest of a regular file's content, null when it has to be read. */
  public byte @Nullable [] of(long inode) {
    return byInode.get(inode);
  }
}
