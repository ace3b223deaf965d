package rkt.store.unpack;

import org.jspecify.annotations.Nullable;

/** Decides which entries of an archive are unpacked, and where inside the target. */
public interface Selector {
  /** Everything, as it is. */
  Selector ALL =
      new Selector() {
        @Override
        public String place(String path, TarEntry entry) {
          return path;
        }

        @Override
        public String linkTarget(String path) {
          return path;
        }
      };

  /**
   * @param path canonical, "" for the archive's root
   * @return where it goes in the target, null to leave it out
   */
  @Nullable String place(String path, TarEntry entry) throws ArchiveException;

  /** Where the file that a hard link names went. */
  String linkTarget(String path) throws ArchiveException;
}
