package rkt.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.FileLock;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.SmallFiles;
import rkt.os.Stat;
import rkt.schema.ImageId;
import rkt.schema.oci.Digest;

/**
 * One mark and sweep over the whole store, under the exclusive sweep lock. Trees are only renamed
 * into {@code tmp/} there, and removed after the lock is given back, so nobody waits long. Killed
 * at any point it leaves less garbage than it found.
 */
final class Collector {
  private static final int MAX_LIST = 16 << 20;

  private final Layout layout;
  private final Kernel kernel;
  private final Index index;
  private final References references;
  private final List<String> removedTrees = new ArrayList<>();
  private final List<RemovalResult> images = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private int removedFiles;
  private long freed;

  Collector(Layout layout, Index index, References references) {
    this.layout = layout;
    this.kernel = layout.kernel();
    this.index = index;
    this.references = references;
  }

  GcReport collect(GcPolicy policy) throws IOException {
    Lease trash = Lease.begin(layout);
    try {
      try (FileLock sweep = FileLock.keyExclusive(kernel, layout.sweepLock())) {
        sweep(policy, trash);
      }
    } catch (IOException | RuntimeException e) {
      trash.closeAfter(e);
      throw e;
    }
    attempt("tmp", trash::close);
    return new GcReport(removedTrees, images, removedFiles, freed, failures);
  }

  private void sweep(GcPolicy policy, Lease trash) throws IOException {
    // Before the leases: a writer has its lease before its first temporary file.
    List<String> temporary = Listing.names(kernel, layout.temporary());
    Lease.Living living = Lease.living(layout, Listing.names(kernel, layout.leases()));
    List<IndexEntry> kept = removeImages(policy);
    Garbage garbage = new Garbage().mark(kept, living.pins());
    attempt(
        "references",
        () -> removedFiles += references.removeIf(image -> !garbage.keepsImage(image)));
    sweepTrees(policy, garbage, trash);
    sweepDirectories(layout.layers(), garbage::keepsLayer, trash);
    sweepFiles(layout.ociBlobs(), garbage::keepsBlobFile);
    sweepFiles(layout.aciBlobs(), garbage::keepsImageFile);
    for (String algorithm : Listing.names(kernel, layout.manifests())) {
      sweepFiles(layout.manifests().resolve(algorithm), garbage::keepsImageFile);
    }
    for (String name : Listing.names(kernel, layout.evidences())) {
      if (!garbage.keepsImageFile(name)) {
        attempt(name, () -> discard(layout.evidences().resolve(name)));
      }
    }
    attempt("names", () -> new NameIndex(layout, index).sweep(kept));
    if (!images.isEmpty()) {
      attempt("catalog", new Catalog(layout, index)::renew);
    }
    sweepPartials(policy);
    sweepInterruptedWrites();
    sweepLocks(layout.treeLocks());
    sweepLocks(layout.imageLocks());
    for (String name : temporary) {
      if (!living.owns(name)) {
        attempt(name, () -> discard(layout.temporary().resolve(name)));
      }
    }
  }

  private List<IndexEntry> removeImages(GcPolicy policy) throws IOException {
    List<IndexEntry> kept = new ArrayList<>(index.all());
    if (!policy.removeImages()) {
      return kept;
    }
    kept.sort(Comparator.comparingLong(entry -> entry.record().lastUsedNanos()));
    Set<ImageId> removed = new HashSet<>();
    for (IndexEntry entry : kept) {
      ImageRecord image = entry.record();
      if (image.lastUsedNanos() >= policy.unusedSinceNanos()
          || policy.imagesInUse().contains(image.id())) {
        continue;
      }
      try {
        index.remove(image.id());
        removed.add(image.id());
        images.add(new RemovalResult.Removed(image.id(), image.size()));
      } catch (IOException e) {
        failures.add("image " + image.id() + ": " + e.getMessage());
      }
    }
    kept.removeIf(entry -> removed.contains(entry.record().id()));
    return kept;
  }

  /** Trees that pods stand on stay, and so do the layers that these trees stand on. */
  private void sweepTrees(GcPolicy policy, Garbage garbage, Lease trash) throws IOException {
    for (String name : Listing.names(kernel, layout.trees())) {
      Path tree = layout.tree(name);
      if (policy.treesInUse().contains(name) || garbage.keepsLayerTree(name)) {
        markLayers(tree, garbage);
        continue;
      }
      attempt(
          "tree " + name,
          () -> {
            // Counted for an ACI; that of layers is only a note.
            boolean rendered = layout.exists(tree.resolve(AciArchive.ROOTFS));
            toTrash(tree, trash);
            if (rendered) {
              removedTrees.add(name);
            }
          });
    }
  }

  private void markLayers(Path tree, Garbage garbage) throws IOException {
    String text;
    try {
      Path file = tree.resolve(Publisher.LAYERS);
      text = SmallFiles.readText(kernel, file.toString(), MAX_LIST);
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return;
      }
      throw e;
    }
    for (String line : text.split("\n")) {
      if (!line.isEmpty()) {
        garbage.markLayer(Digest.parse(line));
      }
    }
  }

  /** Whether the thing with this file name is still needed. */
  private interface Keep {
    boolean test(String name);
  }

  private void sweepDirectories(Path dir, Keep keep, Lease trash) throws IOException {
    for (String name : Listing.names(kernel, dir)) {
      if (!keep.test(name)) {
        attempt(name, () -> toTrash(dir.resolve(name), trash));
      }
    }
  }

  /** Files in directories named after the first two digits. */
  private void sweepFiles(Path dir, Keep keep) throws IOException {
    for (String digits : Listing.names(kernel, dir)) {
      for (String name : Listing.names(kernel, dir.resolve(digits))) {
        if (!keep.test(name)) {
          attempt(name, () -> discard(dir.resolve(digits).resolve(name)));
        }
      }
    }
  }

  /** Downloads that nobody goes on with and that are old enough to be forgotten. */
  private void sweepPartials(GcPolicy policy) throws IOException {
    List<String> names = Listing.names(kernel, layout.partials());
    for (String name : names) {
      Path path = layout.partials().resolve(name);
      if (name.startsWith(PartialDownload.NOTE_PREFIX)) {
        Path noted = path.resolveSibling(name.substring(PartialDownload.NOTE_PREFIX.length()));
        if (!layout.exists(noted)) {
          attempt(name, () -> discard(path));
        }
        continue;
      }
      attempt(name, () -> sweepPartial(path, policy));
    }
  }

  private void sweepPartial(Path path, GcPolicy policy) throws IOException {
    try (FileLock unused = FileLock.tryExclusive(kernel, path).orElse(null)) {
      if (unused == null) {
        return;
      }
      Stat stat = kernel.fstat(unused.fd().number());
      if (stat.mtimeSec() * 1_000_000_000L + stat.mtimeNsec() >= policy.partialsSinceNanos()) {
        return;
      }
      String note = PartialDownload.NOTE_PREFIX + path.getFileName();
      kernel.removeTree(Consts.AT_FDCWD, path.resolveSibling(note).toString());
      discard(path);
    }
  }

  /** Writers hold the shared lock, so a temporary name here has no living owner. */
  private void sweepInterruptedWrites() throws IOException {
    for (String name : Listing.names(kernel, layout.images())) {
      if (name.startsWith(".")) {
        attempt(name, () -> discard(layout.images().resolve(name)));
      }
    }
  }

  /** A lock file nobody holds; a waiter notices that the name is gone and makes a new one. */
  private void sweepLocks(Path dir) throws IOException {
    for (String name : Listing.names(kernel, dir)) {
      Path path = dir.resolve(name);
      attempt(
          name,
          () -> {
            try (FileLock unused = FileLock.tryExclusive(kernel, path).orElse(null)) {
              if (unused != null) {
                kernel.unlinkat(Consts.AT_FDCWD, path.toString(), 0);
              }
            }
          });
    }
  }

  private void toTrash(Path path, Lease trash) throws IOException {
    kernel.renameat2(
        Consts.AT_FDCWD, path.toString(), Consts.AT_FDCWD, trash.temporary().toString(), 0);
    removedFiles++;
  }

  private void discard(Path path) throws IOException {
    Stat stat = kernel.fstatat(Consts.AT_FDCWD, path.toString(), Consts.AT_SYMLINK_NOFOLLOW);
    kernel.removeTree(Consts.AT_FDCWD, path.toString());
    freed += stat.isRegular() && stat.nlink() == 1 ? stat.size() : 0;
    removedFiles++;
  }

  private interface Step {
    void run() throws IOException;
  }

  private void attempt(String what, Step step) {
    try {
      step.run();
    } catch (IOException e) {
      // A writer that ended meanwhile has cleaned up itself.
      if (!(e instanceof OsException os && os.is(Errno.ENOENT))) {
        failures.add(what + ": " + e.getMessage());
      }
    }
  }
}
