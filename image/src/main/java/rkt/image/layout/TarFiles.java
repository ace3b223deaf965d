package rkt.image.layout;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import rkt.schema.EngineException;
import rkt.store.Scratch;
import rkt.store.unpack.ArchiveException;
import rkt.store.unpack.ArchiveException.Fault;
import rkt.store.unpack.BombGuard;
import rkt.store.unpack.ByteSource;
import rkt.store.unpack.Compression;
import rkt.store.unpack.EntryNames;
import rkt.store.unpack.ObservedStream;
import rkt.store.unpack.TarEntry;
import rkt.store.unpack.TarReader;
import rkt.store.unpack.UnpackLimits;

/**
 * A layout in a tar. Its entries come in any order, and what names the blobs usually comes last: so
 * the headers are read once, for the places of the files, and the files where they lie. A
 * compressed archive is inflated first, into a nameless file on the store's disk.
 *
 * <p>Links are looked up among the archive's own entries; no path of the archive ever reaches the
 * file system.
 */
final class TarFiles implements LayoutFiles {
  private static final long MAX_ENTRIES = 100_000;
  private static final long MAX_NAME_CHARS = 16 << 20;
  private static final int MAX_LINKS = 8;
  private static final int BUFFER = 256 << 10;
  private static final UnpackLimits LIMITS = UnpackLimits.DEFAULT.withMaxEntries(MAX_ENTRIES);

  private final FileChannel tar;
  private final Map<String, Place> files = new HashMap<>();
  private final Map<String, String> links = new HashMap<>();
  private long nameChars;

  private record Place(long offset, long size) {}

  private TarFiles(FileChannel tar) {
    this.tar = tar;
  }

  /**
   * Reads the table of an archive.
   *
   * @param archive leads to the open file, see {@link rkt.os.Fd#path}
   * @param scratch where a compressed archive is inflated
   */
  static TarFiles open(Path archive, Scratch scratch) throws IOException, EngineException {
    TarFiles files = new TarFiles(plain(archive, scratch));
    try {
      files.index();
      return files;
    } catch (IOException | RuntimeException e) {
      files.close();
      throw e;
    }
  }

  private static FileChannel plain(Path archive, Scratch scratch)
      throws IOException, EngineException {
    FileChannel file = FileChannel.open(archive, StandardOpenOption.READ);
    try (BufferedInputStream raw = new BufferedInputStream(new Section(file, 0, file.size()))) {
      ObservedStream counted = new ObservedStream(raw, (b, off, len) -> {});
      InputStream inflated = Compression.openTar(counted, "the archive");
      if (inflated instanceof java.io.PushbackInputStream) {
        // openTar gives its own stream back when there is nothing to inflate.
        return file;
      }
      try (inflated) {
        return inflated(inflated, counted, scratch.path());
      } finally {
        file.close();
      }
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static FileChannel inflated(InputStream in, ObservedStream counted, Path spool)
      throws IOException {
    FileChannel out =
        FileChannel.open(
            spool,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE);
    try {
      OutputStream to = Channels.newOutputStream(out);
      BombGuard guard = new BombGuard(LIMITS.maxBytes(), counted::count);
      byte[] block = new byte[BUFFER];
      for (int n = in.read(block); n >= 0; n = in.read(block)) {
        guard.bytes(block, 0, n);
        to.write(block, 0, n);
      }
      return out;
    } catch (IOException | RuntimeException e) {
      out.close();
      throw e;
    }
  }

  private void index() throws IOException {
    Blocks blocks = new Blocks();
    TarReader reader = new TarReader(blocks, LIMITS);
    TarEntry entry;
    while ((entry = reader.next()) != null) {
      String path = EntryNames.canonical(entry.name(), LIMITS);
      nameChars += path.length() + entry.linkName().length();
      if (nameChars > MAX_NAME_CHARS) {
        throw new ArchiveException(Fault.LIMIT, "the names in the archive are too many");
      }
      switch (entry.type()) {
        case REGULAR -> {
          if (entry.isSparse()) {
            throw new ArchiveException(
                Fault.UNSUPPORTED, "sparse entry " + EntryNames.quote(path) + " in a layout");
          }
          long offset = blocks.start + reader.dataPosition();
          if (offset + entry.storedSize() > tar.size()) {
            throw new ArchiveException(Fault.CORRUPT, "tar archive is cut short");
          }
          once(path);
          files.put(path, new Place(offset, entry.storedSize()));
        }
        case SYMLINK -> {
          once(path);
          links.put(path, target(path, entry.linkName()));
        }
        case HARD_LINK -> {
          once(path);
          links.put(path, EntryNames.canonical(entry.linkName(), LIMITS));
        }
        default -> {
          // Directories say nothing, and no layout has devices.
        }
      }
    }
  }

  /** Of two files of one name, one tool would check the first and another run the second. */
  private void once(String path) throws ArchiveException {
    if (files.containsKey(path) || links.containsKey(path)) {
      throw new ArchiveException(
          Fault.REFUSED, "duplicate entry in the archive: " + EntryNames.quote(path));
    }
  }

  /** Where a symbolic link leads, by its text; {@code docker save} links equal layers so. */
  private static String target(String path, String link) throws ArchiveException {
    String base = link.startsWith("/") ? "" : path.substring(0, path.lastIndexOf('/') + 1);
    String joined = base + link;
    StringBuilder out = new StringBuilder();
    for (String part : joined.split("/", -1)) {
      if (part.equals("..")) {
        if (out.isEmpty()) {
          throw new ArchiveException(
              Fault.REFUSED, EntryNames.quote(path) + " is a link that leads out of the archive");
        }
        out.setLength(Math.max(0, out.lastIndexOf("/")));
      } else if (!part.isEmpty() && !part.equals(".")) {
        out.append(out.isEmpty() ? "" : "/").append(part);
      }
    }
    return out.toString();
  }

  @Override
  public Optional<Sized> open(String path) throws IOException {
    String name = EntryNames.canonical(path, LIMITS);
    for (int i = 0; i < MAX_LINKS; i++) {
      Place place = files.get(name);
      if (place != null) {
        return Optional.of(new Sized(new Section(tar, place.offset(), place.size()), place.size()));
      }
      String next = links.get(name);
      if (next == null) {
        return Optional.empty();
      }
      name = next;
    }
    throw new ArchiveException(
        Fault.REFUSED, EntryNames.quote(path) + " is a link that leads nowhere");
  }

  @Override
  public void close() throws IOException {
    tar.close();
  }

  /** The archive in blocks; data that only the index passes by is not read. */
  private final class Blocks implements ByteSource {
    private final byte[] block = new byte[16 << 10];
    private long start;
    private long next;
    private int length;

    @Override
    public boolean next() throws IOException {
      start = next;
      length = 0;
      ByteBuffer into = ByteBuffer.wrap(block);
      while (into.hasRemaining()) {
        int n = tar.read(into, start + length);
        if (n < 0) {
          break;
        }
        length += n;
      }
      next = start + length;
      return length > 0;
    }

    @Override
    public long skip(long bytes) throws IOException {
      long skipped = Math.max(0, Math.min(bytes, tar.size() - next));
      next += skipped;
      return skipped;
    }

    @Override
    public byte[] block() {
      return block;
    }

    @Override
    public int length() {
      return length;
    }
  }

  /** A part of a file; several may be read at once. */
  private static final class Section extends InputStream {
    private final FileChannel file;
    private final byte[] one = new byte[1];
    private long at;
    private long left;

    Section(FileChannel file, long offset, long size) {
      this.file = file;
      this.at = offset;
      this.left = size;
    }

    @Override
    public int read() throws IOException {
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
      if (len == 0) {
        return 0;
      }
      if (left == 0) {
        return -1;
      }
      int n = file.read(ByteBuffer.wrap(b, off, (int) Math.min(len, left)), at);
      if (n < 0) {
        throw new ArchiveException(Fault.CORRUPT, "the archive became shorter while it was read");
      }
      at += n;
      left -= n;
      return n;
    }
  }
}
