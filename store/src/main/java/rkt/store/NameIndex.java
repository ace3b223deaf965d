package rkt.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import rkt.os.AtomicFiles;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.FileLock;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.ImageId;
import rkt.schema.SchemaException;
import rkt.schema.appc.AcIdentifier;

/**
 * Which images claim a name, so that finding one by name reads its records only: an empty file
 * {@code name/NAME/ID} for each.
 *
 * <p>It appears, durably, before the record does and goes after it, so it may name too many images
 * and never too few; whoever asks reads the record, which has the last word. A store of before has
 * no file {@code complete} here; until the next import adds what is missing, all records are read.
 */
final class NameIndex {
  private static final String COMPLETE = ".complete";

  private final Layout layout;
  private final Kernel kernel;
  private final Index index;

  NameIndex(Layout layout, Index index) {
    this.layout = layout;
    this.kernel = layout.kernel();
    this.index = index;
  }

  /** Candidates, or empty when this index is not complete. */
  Optional<List<ImageId>> candidates(AcIdentifier name) throws IOException {
    if (!isComplete()) {
      return Optional.empty();
    }
    List<ImageId> ids = new ArrayList<>();
    for (String file : Listing.names(kernel, directory(name))) {
      try {
        ids.add(new ImageId(file));
      } catch (SchemaException e) {
        // Nothing of ours has such a name.
        continue;
      }
    }
    return Optional.of(ids);
  }

  private boolean isComplete() throws OsException {
    return layout.exists(layout.names().resolve(COMPLETE));
  }

  /** Before the record is written, under the shared sweep lock. */
  void add(AcIdentifier name, ImageId id) throws IOException {
    boolean fresh = !layout.exists(directory(name));
    try (Fd dir = layout.directories().make(directory(name), StoreDirectory.SHARED)) {
      int flags = Consts.O_WRONLY | Consts.O_CREAT | Consts.O_EXCL | Consts.O_NOFOLLOW;
      Fd.openat(kernel, dir.number(), id.value(), flags, Layout.FILE_MODE).close();
      kernel.fsync(dir.number());
    } catch (OsException e) {
      if (e.is(Errno.EEXIST)) {
        return;
      }
      throw e;
    }
    if (fresh) {
      AtomicFiles.syncDirectory(kernel, layout.names());
    }
  }

  /** After the record was removed, under the exclusive sweep lock. */
  void remove(AcIdentifier name, ImageId id) throws IOException {
    try (Fd dir = layout.directories().openToChange(directory(name))) {
      unlink(dir, id.value(), 0);
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return;
      }
      throw e;
    }
    removeEmpty(SafeName.of(name.value()));
  }

  private void removeEmpty(String directory) throws IOException {
    try (Fd names = layout.directories().openToChange(layout.names())) {
      unlink(names, directory, Consts.AT_REMOVEDIR);
    }
  }

  private void unlink(Fd dir, String name, int flags) throws OsException {
    try {
      kernel.unlinkat(dir.number(), name, flags);
    } catch (OsException e) {
      if (!e.is(Errno.ENOENT) && !e.is(Errno.ENOTEMPTY) && !e.is(Errno.EEXIST)) {
        throw e;
      }
    }
  }

  /** Called by importers before they begin: the names of images of before. */
  void complete() throws IOException {
    if (isComplete()) {
      return;
    }
    try (FileLock sweep = FileLock.keyExclusive(kernel, layout.sweepLock())) {
      if (isComplete()) {
        return;
      }
      List<String> damaged = new ArrayList<>();
      for (IndexEntry entry : index.all(damaged::add)) {
        add(entry.record().name(), entry.record().id());
      }
      if (damaged.isEmpty()) {
        AtomicFiles.writeAtomically(
            kernel, layout.names().resolve(COMPLETE), new byte[0], Layout.FILE_MODE);
      }
    }
  }

  /** Removes what names no image any more, under the exclusive sweep lock. */
  void sweep(Iterable<IndexEntry> kept, Sweeper sweeper) throws IOException {
    Set<String> live = new HashSet<>();
    for (IndexEntry entry : kept) {
      ImageRecord image = entry.record();
      live.add(SafeName.of(image.name().value()) + "/" + image.id().value());
    }
    for (String name : Listing.names(kernel, layout.names())) {
      // The mark, or one that was about to be. Names of images begin otherwise.
      if (!name.startsWith(".")) {
        sweeper.attempt("names", () -> sweepName(name, live));
      }
    }
  }

  private void sweepName(String name, Set<String> live) throws IOException {
    try (Fd dir = layout.directories().openToChange(layout.names().resolve(name))) {
      for (String id : kernel.list(dir.number())) {
        if (!live.contains(name + "/" + id)) {
          unlink(dir, id, 0);
        }
      }
    }
    removeEmpty(name);
  }

  private Path directory(AcIdentifier name) {
    return layout.names().resolve(SafeName.of(name.value()));
  }
}
