package rkt.store;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import rkt.store.unpack.ArchiveException;
import rkt.store.unpack.ArchiveException.Fault;
import rkt.store.unpack.ByteSource;
import rkt.store.unpack.EntryNames;
import rkt.store.unpack.TarEntry;
import rkt.store.unpack.TarReader;
import rkt.store.unpack.UnpackLimits;

/** The layout of an ACI: {@code manifest}, {@code rootfs/} and what is in it, nothing twice. */
final class AciArchive {
  static final String MANIFEST = "manifest";
  static final String ROOTFS = "rootfs";
  private static final int MAX_MANIFEST_BYTES = 4 << 20;

  private AciArchive() {}

  /** Sees what is in an archive, each entry after it was checked. */
  interface Content {
    void manifest(byte[] json) throws IOException;

    /**
     * @param entry {@code rootfs} or something in it, at whose data the reader stands
     */
    void rootfs(TarEntry entry, TarReader reader) throws IOException;
  }

  private static final Content IGNORED =
      new Content() {
        @Override
        public void manifest(byte[] json) {
          // returned, too
        }

        @Override
        public void rootfs(TarEntry entry, TarReader reader) {
          // skipped
        }
      };

  /** Reads an archive to its end and returns the image manifest in it. */
  static byte[] check(ByteSource source, UnpackLimits limits) throws IOException {
    return check(source, limits, IGNORED);
  }

  static byte[] check(ByteSource source, UnpackLimits limits, Content content) throws IOException {
    TarReader reader = new TarReader(source, limits);
    Set<String> seen = new HashSet<>();
    byte[] manifest = null;
    boolean rootfs = false;
    TarEntry entry;
    while ((entry = reader.next()) != null) {
      String path = EntryNames.canonical(entry.name(), limits);
      if (path.isEmpty()) {
        continue;
      }
      if (!seen.add(path)) {
        throw refused("duplicate entry in the archive: " + EntryNames.quote(path));
      }
      if (path.equals(MANIFEST)) {
        if (entry.type() != TarEntry.Type.REGULAR || entry.isSparse()) {
          throw refused("the entry \"manifest\" is not a plain file");
        }
        manifest = reader.data(MAX_MANIFEST_BYTES, "the image manifest");
        content.manifest(manifest);
      } else if (path.equals(ROOTFS)) {
        if (!entry.isDirectory()) {
          throw refused("the entry \"rootfs\" is not a directory");
        }
        rootfs = true;
        content.rootfs(entry, reader);
      } else if (path.startsWith(ROOTFS + "/")) {
        rootfs = true;
        content.rootfs(entry, reader);
      } else {
        throw refused(
            "unexpected entry "
                + EntryNames.quote(path)
                + ": an ACI holds only \"manifest\" and \"rootfs\"");
      }
    }
    reader.drain();
    if (!reader.endMarkerSeen()) {
      throw new ArchiveException(
          Fault.CORRUPT, "tar archive is cut short: its end marker is missing");
    }
    if (manifest == null) {
      throw new ArchiveException(Fault.CORRUPT, "missing manifest");
    }
    if (!rootfs) {
      throw new ArchiveException(Fault.CORRUPT, "missing rootfs");
    }
    return manifest;
  }

  private static ArchiveException refused(String why) {
    return new ArchiveException(Fault.REFUSED, why);
  }
}
