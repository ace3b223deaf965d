package rkt.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
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
    layout.prepare();
    try (FileLock sweep = FileLock.keyExclusive(kernel, layout.sweepLock())) {
      Optional<IndexEntry> entry = Optional.empty();
      boolean damaged = false;
      try {
        entry = index.get(id);
      } catch (Index.DamagedRecord e) {
        // What it had besides its own files is unknown: gc finds that.
        damaged = true;
      }
      if (entry.isEmpty() && !damaged || !index.remove(id)) {
        return new RemovalResult.NotFound(id);
      }
      try {
        return new RemovalResult.Removed(id, removeContent(id, entry));
      } catch (IOException e) {
        return new RemovalResult.Partly(id, e.getMessage() == null ? e.toString() : e.getMessage());
      }
    }
  }

  private long removeContent(ImageId id, Optional<IndexEntry> entry) throws IOException {
    references.removeOf(id);
    List<Path> files = new ArrayList<>();
    files.add(layout.manifest(id));
    files.add(layout.evidence(id));
    if (entry.isEmpty() || entry.get().record().kind() == ImageRecord.Kind.ACI) {
      files.add(layout.aciBlob(id));
    }
    if (entry.isPresent()) {
      new NameIndex(layout, index).remove(entry.get().record().name(), id);
      addBlobs(files, entry.get());
    }
    long freed = 0;
    for (Path file : files) {
      freed += discard(file);
    }
    return freed;
  }

  /** The blobs that no other image has. Which those have is copied: no other record is read. */
  private void addBlobs(List<Path> files, IndexEntry entry) throws IOException {
    if (entry.blobs().isEmpty()) {
      return;
    }
    List<String> odd = new ArrayList<>();
    Lease.Living living =
        Lease.living(layout, Listing.names(kernel, layout.leases()), true, odd::add);
    Set<String> needed = new HashSet<>(living.pins());
    List<String> damaged = new ArrayList<>();
    for (CatalogRow row : new Catalog(layout, index).rows(damaged::add)) {
      for (Digest blob : row.blobDigests()) {
        needed.add(Garbage.blobKey(blob));
      }
    }
    for (Digest blob : entry.blobs()) {
      // An image whose record is damaged may have any of them.
      if (damaged.isEmpty() && !needed.contains(Garbage.blobKey(blob))) {
        files.add(layout.ociBlob(blob));
      }
    }
  }

  private long discard(Path file) throws IOException {
    Path parent = file.getParent();
    String name = String.valueOf(file.getFileName());
    try (Fd dir = layout.directories().openToChange(parent == null ? layout.cas() : parent)) {
      Stat stat = kernel.fstatat(dir.number(), name, Consts.AT_SYMLINK_NOFOLLOW);
      kernel.unlinkat(dir.number(), name, 0);
      return stat.size();
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return 0;
      }
      throw e;
    }
  }
}
