package rkt.image.build;

import java.io.IOException;

/**
 * A root file system to be packed: its files, without the root itself, sorted by path component.
 */
interface RootfsSource extends AutoCloseable {
  /** Receives one file; paths and targets of hard links are relative to the root. */
  interface Visitor {
    void file(TarFile file, TarWriter.Content content) throws IOException;
  }

  void each(Visitor visitor) throws IOException;

  @Override
  void close() throws IOException;

  /** The attributes that images keep: others are the host's own business (labels, ACL caches). */
  static boolean keepsXattr(String name) {
    return name.equals("security.capability") || name.startsWith("user.");
  }
}
