package rkt.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import rkt.os.AtomicFiles;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.FileLock;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;
import rkt.schema.ImageId;
import rkt.schema.oci.Digest;
import rkt.store.GcDecision.Thing;

/**
 * One mark and sweep over the whole store, under the exclusive sweep lock. Trees are only renamed
 * into {@code tmp/} there, and removed after the lock is given back, so nobody waits long. Killed
 * at any point it leaves less garbage than it found.
 */
final class Collector {
  private static final int MAX_LIST = 16 << 20;
  private static final List<String> ALGORITHMS = List.of("sha256", "sha512");

  private final Layout layout;
  private final Kernel kernel;
  private final Index index;
  private final References references;
  private final GcPolicy policy;
  private final Sweeper sweeper;
  private final List<String> removedTrees = new ArrayList<>();
  private final List<RemovalResult> images = new ArrayList<>();

  Collector(Layout layout, Index index, References references, GcPolicy policy) {
    this.layout = layout;
    this.kernel = layout.kernel();
    this.index = index;
    this.references = references;
    this.policy = policy;
    this.sweeper = new Sweeper(kernel, policy.dryRun());
  }

  GcReport collect() throws IOException {
    Lease trash = Lease.begin(layout);
    try {
      try (FileLock sweep = FileLock.keyExclusive(kernel, layout.sweepLock())) {
        sweep(trash);
      }
    } catch (IOException | RuntimeException e) {
      trash.closeAfter(e);
      throw e;
    }
    sweeper.empty(trash);
    return sweeper.report(removedTrees, images);
  }

  private void sweep(Lease trash) throws IOException {
    // Before the leases: a writer has its lease before its first temporary file.
    List<String> temporary = Listing.names(kernel, layout.temporary());
    Lease.Living living =
        Lease.living(
            layout, Listing.names(kernel, layout.leases()), !policy.dryRun(), sweeper::odd);
    List<String> damaged = new ArrayList<>();
    List<IndexEntry> kept = removeImages(index.all(damaged::add));
    Garbage garbage = new Garbage().mark(kept, living.pins());
    if (!damaged.isEmpty()) {
      tellDamaged(damaged);
      garbage.keepUnknown();
    }
    sweepReferences(garbage);
    sweepTrees(garbage, trash);
    sweepLayers(garbage, trash);
    sweepFiles(Thing.BLOB, layout.ociBlobs(), "blob:", garbage);
    sweepFiles(Thing.BLOB, layout.aciBlobs(), "image:", garbage);
    for (String algorithm : ALGORITHMS) {
      sweepFiles(Thing.LEFTOVER, layout.manifests().resolve(algorithm), "image:", garbage);
    }
    sweepUnknown(layout.manifests(), ALGORITHMS);
    sweepNames(Thing.EVIDENCE, layout.evidences(), "image:", garbage);
    sweepPartials();
    sweepInterruptedWrites();
    for (String name : temporary) {
      if (!living.owns(name)) {
        sweeper.discardTree(
            Thing.LEFTOVER, name, layout.temporary().resolve(name), "of a process that is gone");
      }
    }
    if (!policy.dryRun()) {
      sweepLocks(layout.treeLocks());
      sweepLocks(layout.imageLocks());
      if (damaged.isEmpty()) {
        sweeper.attempt("names", () -> new NameIndex(layout, index).sweep(kept, sweeper));
      }
      if (!images.isEmpty()) {
        sweeper.attempt("catalog", new Catalog(layout, index)::renew);
      }
    }
  }

  private void tellDamaged(List<String> damaged) {
    for (String message : damaged) {
      sweeper.odd(message);
    }
    sweeper.odd("what such images may have is kept");
  }

  private List<IndexEntry> removeImages(List<IndexEntry> all) {
    List<IndexEntry> kept = new ArrayList<>(all);
    kept.sort(Comparator.comparingLong(entry -> entry.record().lastUsedNanos()));
    Set<ImageId> removed = new HashSet<>();
    for (IndexEntry entry : kept) {
      ImageRecord image = entry.record();
      String keeper = keeper(image);
      if (keeper.isEmpty()) {
        sweeper.attempt(
            "image " + image.id(),
            () -> {
              if (!policy.dryRun()) {
                index.remove(image.id());
              }
              removed.add(image.id());
              images.add(new RemovalResult.Removed(image.id(), image.size()));
            });
      }
      boolean stays = !removed.contains(image.id());
      String why = stays ? keeper : "unused for longer than the grace period";
      sweeper.note(Thing.IMAGE, image.id().value(), stays, why, image.size());
    }
    kept.removeIf(entry -> removed.contains(entry.record().id()));
    return kept;
  }

  /** Why an image stays; "" when it goes. */
  private String keeper(ImageRecord image) {
    if (!policy.removeImages()) {
      return "images are not collected now";
    } else if (policy.imagesInUse().contains(image.id())) {
      return "used by " + policy.user(image.id().value());
    }
    return image.lastUsedNanos() >= policy.unusedSinceNanos() ? "used lately" : "";
  }

  private void sweepReferences(Garbage garbage) throws IOException {
    try (Fd dir = layout.directories().openToChange(layout.references())) {
      for (References.Held file : references.files()) {
        String name = String.valueOf(file.path().getFileName());
        if (file.stored().isEmpty()) {
          sweeper.discard(Thing.REFERENCE, name, dir, "damaged");
          continue;
        }
        StoredReference stored = file.stored().get();
        String ref = stored.reference().ref();
        if (garbage.keepsImage(stored.image())) {
          String why = garbage.why("image:" + stored.image().value());
          sweeper.note(Thing.REFERENCE, ref, true, why, 0);
        } else {
          sweeper.discard(Thing.REFERENCE, name, dir, ref, "its image is gone");
        }
      }
    }
  }

  /** Trees that pods stand on stay, and so do the layers that these trees stand on. */
  private void sweepTrees(Garbage garbage, Lease trash) throws IOException {
    for (String name : Listing.names(kernel, layout.trees())) {
      Path tree = layout.tree(name);
      boolean used = policy.treesInUse().contains(name);
      if (used || garbage.keepsLayerTree(name)) {
        String why = used ? "used by " + policy.user(name) : garbage.why("tree:" + name);
        sweeper.note(Thing.TREE, name, true, why, 0);
        markLayers(tree, garbage, why);
        continue;
      }
      // Counted for an ACI; that of layers is only a note.
      boolean rendered = layout.exists(tree.resolve(AciArchive.ROOTFS));
      long bytes = treeBytes(name, rendered);
      boolean gone = sweeper.trash(Thing.TREE, name, tree, bytes, trash, "no pod stands on it");
      if (gone && rendered) {
        removedTrees.add(name);
      }
    }
  }

  /** As counted when it was rendered, if it was; a note of layers is two small files. */
  private long treeBytes(String name, boolean rendered) throws IOException {
    long known = rendered ? new TreeStore(layout).size(name) : 0;
    return known > 0 ? known : TreeSize.of(kernel, layout.tree(name));
  }

  private void markLayers(Path tree, Garbage garbage, String why) throws IOException {
    String text;
    try {
      byte[] bytes = layout.readFile(tree.resolve(Publisher.LAYERS), MAX_LIST);
      text = new String(bytes, StandardCharsets.UTF_8);
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return;
      }
      throw e;
    }
    for (String line : text.split("\n")) {
      if (!line.isEmpty()) {
        garbage.markLayer(Digest.parse(line), why);
      }
    }
  }

  private void sweepLayers(Garbage garbage, Lease trash) throws IOException {
    LayerStore layers = new LayerStore(layout);
    for (String name : Listing.names(kernel, layout.layers())) {
      String why = garbage.why("layer:" + name);
      if (garbage.keeps("layer:" + name)) {
        sweeper.note(Thing.LAYER, name, true, why, 0);
      } else {
        Path layer = layout.layers().resolve(name);
        sweeper.trash(Thing.LAYER, name, layer, layers.bytes(layer), trash, why);
      }
    }
  }

  /** Files in directories named after the first two digits. */
  private void sweepFiles(Thing thing, Path dir, String prefix, Garbage garbage) {
    sweeper.attempt(
        String.valueOf(dir.getFileName()),
        () -> {
          for (String digits : names(dir)) {
            Path shelf = dir.resolve(digits);
            if (isShelf(digits)) {
              sweeper.attempt(digits, () -> sweepNames(thing, shelf, prefix, garbage));
            } else {
              sweeper.odd(unknown(shelf));
            }
          }
        });
  }

  private static boolean isShelf(String name) {
    return name.length() == 2
        && Character.digit(name.charAt(0), 16) >= 0
        && Character.digit(name.charAt(1), 16) >= 0;
  }

  private void sweepNames(Thing thing, Path path, String prefix, Garbage garbage)
      throws IOException {
    try (Fd dir = layout.directories().openToChange(path)) {
      for (String name : kernel.list(dir.number())) {
        String why = garbage.why(prefix + name);
        if (garbage.keeps(prefix + name)) {
          sweeper.keep(thing, name, dir, why);
        } else {
          sweeper.discard(thing, name, dir, why);
        }
      }
    }
  }

  /** What has no business there is neither entered nor removed. */
  private void sweepUnknown(Path dir, List<String> known) throws IOException {
    for (String name : names(dir)) {
      if (!known.contains(name)) {
        sweeper.odd(unknown(dir.resolve(name)));
      }
    }
  }

  private static String unknown(Path path) {
    return path + " is not of rkt's making: it is left alone";
  }

  private List<String> names(Path path) throws IOException {
    try (Fd dir = layout.directories().openToChange(path)) {
      return kernel.list(dir.number());
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return List.of();
      }
      throw e;
    }
  }

  /** Downloads that nobody goes on with and that are old enough to be forgotten. */
  private void sweepPartials() throws IOException {
    try (Fd dir = layout.directories().openToChange(layout.partials())) {
      for (String name : kernel.list(dir.number())) {
        if (!name.startsWith(PartialDownload.NOTE_PREFIX)) {
          sweeper.attempt(name, () -> sweepPartial(name, dir));
          continue;
        }
        String noted = name.substring(PartialDownload.NOTE_PREFIX.length());
        if (!layout.exists(layout.partials().resolve(noted))) {
          sweeper.discard(Thing.LEFTOVER, name, dir, "its download is gone");
        }
      }
    }
  }

  private void sweepPartial(String name, Fd dir) throws IOException {
    Path path = layout.partials().resolve(name);
    try (FileLock unused = FileLock.tryExclusive(kernel, path).orElse(null)) {
      if (unused == null) {
        sweeper.keep(Thing.DOWNLOAD, name, dir, "another rkt works with it");
        return;
      }
      Stat stat = kernel.fstat(unused.fd().number());
      if (Index.lastUsed(stat) >= policy.partialsSinceNanos()) {
        sweeper.keep(Thing.DOWNLOAD, name, dir, "may be resumed");
        return;
      }
      String note = PartialDownload.NOTE_PREFIX + name;
      if (layout.exists(layout.partials().resolve(note))) {
        sweeper.discard(Thing.LEFTOVER, note, dir, "too old");
      }
      sweeper.discard(Thing.DOWNLOAD, name, dir, "too old to be resumed");
    }
  }

  /** Writers hold the shared lock, so a temporary name here has no living owner. */
  private void sweepInterruptedWrites() throws IOException {
    for (Path path : new Path[] {layout.images(), layout.names(), layout.cas()}) {
      try (Fd dir = layout.directories().openToChange(path)) {
        for (String name : kernel.list(dir.number())) {
          if (name.startsWith(AtomicFiles.TEMPORARY_PREFIX)) {
            sweeper.discard(Thing.LEFTOVER, name, dir, "an interrupted write of a record");
          }
        }
      }
    }
  }

  /** A lock file nobody holds; a waiter notices that the name is gone and makes a new one. */
  private void sweepLocks(Path dir) throws IOException {
    for (String name : Listing.names(kernel, dir)) {
      Path path = dir.resolve(name);
      sweeper.attempt(
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
}
