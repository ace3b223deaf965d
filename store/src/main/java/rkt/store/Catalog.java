package rkt.store;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import rkt.os.AtomicFiles;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;

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

  /** All images, with what listings need. In no order. */
  List<CatalogRow> rows() throws IOException {
    List<CatalogRow> rows = new ArrayList<>();
    int useless;
    try (Fd images = Fd.directory(kernel, layout.images().toString())) {
      Map<String, String> copies = new HashMap<>();
      int lines = load(copies);
      int read = 0;
      for (String file : kernel.list(images.number())) {
        if (!Index.isRecord(file)) {
          continue;
        }
        Stat stat = stat(images, file);
        CatalogRow row = stat == null ? null : row(copies.get(file), stat);
        if (row == null) {
          row = read(file);
          read++;
        }
        if (row != null) {
          rows.add(row);
        }
      }
      useless = Math.max(read, lines - rows.size());
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return rows;
      }
      throw e;
    }
    if (useless > TOLERATED + rows.size() / 8) {
      rewrite(rows);
    }
    return rows;
  }

  private @Nullable Stat stat(Fd images, String file) throws OsException {
    try {
      return kernel.fstatat(images.number(), file, Consts.AT_SYMLINK_NOFOLLOW);
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return null;
      }
      throw e;
    }
  }

  private static @Nullable CatalogRow row(@Nullable String line, Stat stat) {
    return line == null ? null : CatalogRow.parse(line, stat);
  }

  /** From the record itself; null when another rkt removed it meanwhile. */
  private @Nullable CatalogRow read(String file) throws IOException {
    Path path = layout.images().resolve(file);
    Optional<Index.Stored> stored = index.read(path);
    return stored.isEmpty() ? null : CatalogRow.of(stored.get().entry(), stored.get().stat());
  }

  /**
   * The last row of each image.
   *
   * @return how many rows there are
   */
  private int load(Map<String, String> rows) throws IOException {
    byte[] bytes = bytes();
    CRC32 crc = new CRC32();
    int lines = 0;
    int start = 0;
    while (start < bytes.length) {
      int end = start;
      while (end < bytes.length && bytes[end] != '\n') {
        end++;
      }
      int content = start + CatalogRow.CHECK_DIGITS;
      if (content < end) {
        crc.reset();
        crc.update(bytes, content, end - content);
        String line = new String(bytes, start, end - start, StandardCharsets.UTF_8);
        String file = CatalogRow.fileOf(line, crc.getValue());
        if (!file.isEmpty()) {
          rows.put(file, line);
        }
      }
      lines++;
      start = end + 1;
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

  /** Writes the rows anew, if we may. */
  void rewrite(List<CatalogRow> rows) {
    if (kernel.geteuid() != 0) {
      return;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(rows.size() * 512);
    for (CatalogRow row : rows) {
      byte[] line = line(row);
      bytes.write(line, 0, line.length);
    }
    try {
      AtomicFiles.replace(kernel, path(), bytes.toByteArray(), 0640);
    } catch (OsException e) {
      // A full disk or a read-only one: the next listing reads the records again.
      return;
    }
  }

  private static byte[] line(CatalogRow row) {
    byte[] content = row.format().getBytes(StandardCharsets.UTF_8);
    if (content.length == 0) {
      return content;
    }
    CRC32 crc = new CRC32();
    crc.update(content, 0, content.length);
    byte[] check = CatalogRow.check(crc.getValue()).getBytes(StandardCharsets.US_ASCII);
    byte[] line = Arrays.copyOf(check, check.length + content.length + 1);
    System.arraycopy(content, 0, line, check.length, content.length);
    line[line.length - 1] = '\n';
    return line;
  }

  private Path path() {
    return layout.cas().resolve("catalog");
  }
}
