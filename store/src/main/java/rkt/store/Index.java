package rkt.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import rkt.os.AtomicFiles;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.SmallFiles;
import rkt.os.Stat;
import rkt.schema.EngineException;
import rkt.schema.ImageId;
import rkt.schema.SchemaException;

/** One file per image; the time of the last use is the file's modification time. */
final class Index {
  static final String SUFFIX = ".json";
  private static final int MAX_RECORD_BYTES = 64 << 20;
  private static final long NANOS = 1_000_000_000L;

  private final Layout layout;
  private final Kernel kernel;

  Index(Layout layout) {
    this.layout = layout;
    this.kernel = layout.kernel();
  }

  /** A record with the state of its file. */
  record Stored(IndexEntry entry, Stat stat) {}

  /** A record that says nothing we understand; the others are none the worse for it. */
  static final class DamagedRecord extends IOException {
    private static final long serialVersionUID = 1L;

    DamagedRecord(Path path, String why, Throwable cause) {
      super(
          "damaged image record "
              + path
              + ": "
              + why
              + " (\"rkt image rm "
              + id(path)
              + "\" removes it, \"rkt fetch\" writes it again)",
          cause);
    }

    private static String id(Path path) {
      String file = String.valueOf(path.getFileName());
      return file.endsWith(SUFFIX) ? file.substring(0, file.length() - SUFFIX.length()) : file;
    }

    @Override
    public String getMessage() {
      return String.valueOf(super.getMessage());
    }
  }

  Optional<IndexEntry> get(ImageId id) throws IOException {
    if (!id.isFull()) {
      return Optional.empty();
    }
    Optional<Stored> stored = read(layout.image(id));
    return stored.isEmpty() ? Optional.empty() : Optional.of(stored.get().entry());
  }

  /**
   * Of an image that must be there.
   *
   * @param attempted what it is wanted for
   */
  IndexEntry entry(String attempted, ImageId id) throws EngineException, IOException {
    Optional<IndexEntry> entry = get(id);
    if (entry.isEmpty()) {
      throw StoreFailures.notFound(attempted, id);
    }
    return entry.get();
  }

  Optional<Stored> read(Path path) throws IOException {
    try (Fd fd = layout.openFile(path)) {
      Stat stat = kernel.fstat(fd.number());
      byte[] bytes = SmallFiles.read(kernel, fd, path.toString(), MAX_RECORD_BYTES);
      IndexEntry entry = IndexEntry.parse(bytes, "its content", lastUsed(stat));
      return Optional.of(new Stored(entry, stat));
    } catch (OsException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
        return Optional.empty();
      }
      throw e;
    } catch (ForeignEntry e) {
      throw new DamagedRecord(path, "it " + e.why(), e);
    } catch (SchemaException e) {
      throw new DamagedRecord(path, String.valueOf(e.getMessage()), e);
    }
  }

  static long lastUsed(Stat stat) {
    return stat.mtimeSec() * NANOS + stat.mtimeNsec();
  }

  static boolean isRecord(String file) {
    return file.endsWith(SUFFIX) && !file.startsWith(".");
  }

  /**
   * The IDs that begin so, in no order; an absent store has none.
   *
   * @param prefix "" for all
   */
  List<ImageId> ids(String prefix) throws IOException {
    List<ImageId> ids = new ArrayList<>();
    for (String name : Listing.names(kernel, layout.images())) {
      if (isRecord(name) && name.startsWith(prefix)) {
        try {
          ids.add(new ImageId(name.substring(0, name.length() - SUFFIX.length())));
        } catch (SchemaException e) {
          // Not a record: nothing of ours has such a name.
          continue;
        }
      }
    }
    return ids;
  }

  /**
   * @param damaged told of each record that cannot be read: what its image has is unknown then
   */
  List<IndexEntry> all(Consumer<String> damaged) throws IOException {
    List<IndexEntry> all = new ArrayList<>();
    for (ImageId id : ids("")) {
      try {
        // Gone when another rkt removed it since.
        Optional<IndexEntry> entry = get(id);
        if (entry.isPresent()) {
          all.add(entry.get());
        }
      } catch (DamagedRecord e) {
        damaged.accept(e.getMessage());
      }
    }
    return all;
  }

  void put(IndexEntry entry) throws IOException {
    byte[] json = entry.toJson().getBytes(StandardCharsets.UTF_8);
    AtomicFiles.writeAtomically(kernel, layout.image(entry.record().id()), json, Layout.FILE_MODE);
  }

  /**
   * @return false when there was none
   */
  boolean remove(ImageId id) throws IOException {
    try {
      kernel.unlinkat(Consts.AT_FDCWD, layout.image(id).toString(), 0);
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return false;
      }
      throw e;
    }
    AtomicFiles.syncDirectory(kernel, layout.images());
    return true;
  }

  void touch(ImageId id) throws IOException {
    String path = layout.image(id).toString();
    try {
      kernel.utimensat(Consts.AT_FDCWD, path, 0, Consts.UTIME_NOW, 0, Consts.UTIME_NOW, 0);
    } catch (OsException e) {
      // Not worth failing for: gone meanwhile, or a reader without rights.
      if (!e.is(Errno.ENOENT) && !e.is(Errno.EACCES) && !e.is(Errno.EPERM) && !e.is(Errno.EROFS)) {
        throw e;
      }
    }
  }
}
