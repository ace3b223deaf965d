package rkt.store;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import rkt.os.AtomicFiles;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;
import rkt.schema.ImageId;
import rkt.schema.SchemaException;
import rkt.schema.appc.Labels;

/**
 * A copy of the index records in one file, {@code catalog}, so that listing ten thousand images
 * opens one file. Never the truth: a row counts only while the record it was copied from is the
 * same file, unchanged (inode, size and change time); everything else is read from the records. So
 * nothing has to be flushed or locked, and a lost, torn or outdated row costs one read.
 *
 * <p>Writers add a row at the end; whoever meets too many useless ones writes the file anew.
 */
final class Catalog {
  private static final int MAX_BYTES = 1 << 30;

  /** So many records to be read do not slow a listing down. */
  private static final int TOLERATED = 64;

  private final Layout layout;
  private final Kernel kernel;
  private final Index index;

  Catalog(Layout layout, Index index) {
    this.layout = layout;
    this.kernel = layout.kernel();
    this.index = index;
  }

  /** Makes of one image what was asked for. */
  private interface Reader<T> {
    T copied(CatalogLine line, ImageId id, Stat stat);

    T stored(Index.Stored record);
  }

  /**
   * All images with all that is copied. In no order.
   *
   * @param damaged told of each record that cannot be read; it is left out
   */
  List<CatalogRow> rows(Consumer<String> damaged) throws IOException {
    return all(
        damaged,
        new Reader<>() {
          @Override
          public CatalogRow copied(CatalogLine line, ImageId id, Stat stat) {
            return CatalogRow.parse(line, id, stat);
          }

          @Override
          public CatalogRow stored(Index.Stored record) {
            return CatalogRow.of(record.entry(), record.stat());
          }
        });
  }

  /**
   * All images with what listings show. In no order.
   *
   * @param damaged told of each record that cannot be read; it is left out
   */
  List<CatalogRow.Head> heads(Consumer<String> damaged) throws IOException {
    Map<String, Labels> known = new HashMap<>();
    return all(
        damaged,
        new Reader<>() {
          @Override
          public CatalogRow.Head copied(CatalogLine line, ImageId id, Stat stat) {
            return CatalogRow.Head.parse(line, id, stat, known);
          }

          @Override
          public CatalogRow.Head stored(Index.Stored record) {
            return CatalogRow.Head.of(record.entry());
          }
        });
  }

  private <T> List<T> all(Consumer<String> damaged, Reader<T> reader) throws IOException {
    List<T> found = new ArrayList<>();
    int useless;
    try (Fd images = Fd.directory(kernel, layout.images().toString())) {
      byte[] bytes = bytes();
      Map<String, Integer> starts = new HashMap<>();
      int lines = starts(bytes, starts);
      int read = 0;
      for (String file : kernel.list(images.number())) {
        if (!Index.isRecord(file)) {
          continue;
        }
        T one = copied(reader, images, file, bytes, starts);
        if (one == null) {
          read++;
          one = stored(damaged, reader, layout.images().resolve(file));
        }
        if (one != null) {
          found.add(one);
        }
      }
      useless = Math.max(read, lines - found.size());
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return found;
      }
      throw e;
    }
    if (useless > TOLERATED + found.size() / 8) {
      renew();
    }
    return found;
  }

  /** Null when the record is gone, or damaged. */
  private <T> @Nullable T stored(Consumer<String> damaged, Reader<T> reader, Path file)
      throws IOException {
    try {
      Optional<Index.Stored> stored = index.read(file);
      return stored.isEmpty() ? null : reader.stored(stored.get());
    } catch (Index.DamagedRecord e) {
      damaged.accept(e.getMessage());
      return null;
    }
  }

  /** Null when there is no copy of this state of the record. */
  private <T> @Nullable T copied(
      Reader<T> reader, Fd images, String file, byte[] bytes, Map<String, Integer> starts)
      throws OsException {
    String id = file.substring(0, file.length() - Index.SUFFIX.length());
    Integer start = starts.get(id);
    if (start == null) {
      return null;
    }
    int next = CatalogLine.next(bytes, start);
    if (!CatalogLine.isWhole(bytes, start, next)) {
      return null;
    }
    try {
      Stat stat = kernel.fstatat(images.number(), file, Consts.AT_SYMLINK_NOFOLLOW);
      CatalogLine line = CatalogLine.at(bytes, start, next);
      return CatalogRow.isOf(line, stat) ? reader.copied(line, new ImageId(id), stat) : null;
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return null;
      }
      throw e;
    } catch (SchemaException | IndexOutOfBoundsException e) {
      return null;
    }
  }

  /**
   * Where the last line of each image begins.
   *
   * @return how many lines there are
   */
  private static int starts(byte[] bytes, Map<String, Integer> starts) {
    int lines = 0;
    int start = 0;
    while (start < bytes.length) {
      int next = CatalogLine.next(bytes, start);
      starts.put(CatalogLine.key(bytes, start, next), start);
      lines++;
      start = next;
    }
    return lines;
  }

  private byte[] bytes() throws OsException {
    try (Fd fd = Fd.open(kernel, path().toString(), Consts.O_RDONLY | Consts.O_NOFOLLOW, 0)) {
      Stat stat = kernel.fstat(fd.number());
      // Members of group rkt may add files here; what root reads as its own must be root's.
      boolean ours = stat.uid() == 0 || stat.uid() == kernel.geteuid();
      if (!stat.isRegular() || !ours || stat.size() > MAX_BYTES) {
        return new byte[0];
      }
      byte[] bytes = new byte[(int) stat.size()];
      int length = 0;
      int n;
      while (length < bytes.length
          && (n = kernel.read(fd.number(), bytes, length, bytes.length - length)) > 0) {
        length += n;
      }
      return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    } catch (OsException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.EACCES) || e.is(Errno.ELOOP)) {
        return new byte[0];
      }
      throw e;
    }
  }

  /** Adds the row of a record that was just written. */
  void add(IndexEntry entry) {
    if (kernel.geteuid() != 0) {
      return;
    }
    try {
      String record = layout.image(entry.record().id()).toString();
      Stat stat = kernel.fstatat(Consts.AT_FDCWD, record, Consts.AT_SYMLINK_NOFOLLOW);
      byte[] line = line(CatalogRow.of(entry, stat));
      int flags = Consts.O_WRONLY | Consts.O_CREAT | Consts.O_APPEND | Consts.O_NOFOLLOW;
      try (Fd fd = Fd.open(kernel, path().toString(), flags, 0640)) {
        kernel.write(fd.number(), line, 0, line.length);
      }
    } catch (OsException e) {
      // The record is there, and that is what counts.
      return;
    }
  }

  /** Writes it anew from the records, if we may. */
  void renew() throws IOException {
    if (kernel.geteuid() != 0) {
      return;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 16);
    for (ImageId id : index.ids("")) {
      try {
        Optional<Index.Stored> stored = index.read(layout.image(id));
        if (stored.isPresent()) {
          byte[] line = line(CatalogRow.of(stored.get().entry(), stored.get().stat()));
          bytes.write(line, 0, line.length);
        }
      } catch (Index.DamagedRecord e) {
        // Whoever looks at this image is told.
        continue;
      }
    }
    try {
      AtomicFiles.replace(kernel, path(), bytes.toByteArray(), 0640);
    } catch (OsException e) {
      // A full disk or a read-only one: the next listing reads the records again.
      return;
    }
  }

  private static byte[] line(CatalogRow row) {
    String content = row.format();
    return content.isEmpty() ? new byte[0] : CatalogLine.write(content);
  }

  private Path path() {
    return layout.cas().resolve("catalog");
  }
}
