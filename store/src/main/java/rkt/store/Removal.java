package rkt.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.FileLock;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;
import rkt.schema.ImageId;
import rkt.schema.oci.Digest;

/**
 * {@code rkt image rm}: the index record first, then the blobs no other image has. Needs no space,
 * so it works on a full disk. Trees stay, since pods may run from them; gc removes them.
 */
final class Removal {
  private final Layout layout;
  private final Kernel kernel;
  private final Index index;
  private final References references;

  Removal(Layout layout, Index index, References references) {
    this.layout = layout;
    this.kernel = layout.kernel();
    this.index = index;
    this.references = references;
  }

  RemovalResult remove(ImageId id) throws IOException {
    if (!layout.exists(layout.image(id))) {
      return new RemovalResult.NotFound(id);
    }
    try (FileLock sweep = FileLock.keyExclusive(kernel, layout.sweepLock())) {
      Optional<IndexEntry> entry = index.get(id);
      if (entry.isEmpty() || !index.remove(id)) {
        return new RemovalResult.NotFound(id);
      }
      try {
        return new RemovalResult.Removed(id, removeContent(entry.get()));
      } catch (IOException e) {
        return new RemovalResult.Partly(id, e.getMessage() == null ? e.toString() : e.getMessage());
      }
    }
  }

  private long removeContent(IndexEntry entry) throws IOException {
    ImageId id = entry.record().id();
    new NameIndex(layout, index).remove(entry.record().name(), id);
    references.removeOf(id);
    Lease.Living living = Lease.living(layout, Listing.names(kernel, layout.leases()), true);
    Garbage garbage = new Garbage().mark(index.all(), living.pins());
    List<Path> files = new ArrayList<>();
    files.add(layout.manifest(id));
    files.add(layout.evidence(id));
    if (entry.record().kind() == ImageRecord.Kind.ACI) {
      files.add(layout.aciBlob(id));
    }
    for (Digest blob : entry.blobs()) {
      if (!garbage.keepsBlob(blob)) {
        files.add(layout.ociBlob(blob));
      }
    }
    long freed = 0;
    for (Path file : files) {
      freed += discard(file);
    }
    return freed;
  }

  private long discard(Path file) throws IOException {
    try {
      Stat stat = kernel.fstatat(Consts.AT_FDCWD, file.toString(), Consts.AT_SYMLINK_NOFOLLOW);
      kernel.unlinkat(Consts.AT_FDCWD, file.toString(), 0);
      return stat.size();
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return 0;
      }
      throw e;
    }
  }
}
