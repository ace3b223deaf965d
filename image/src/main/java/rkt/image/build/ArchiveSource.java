package rkt.image.build;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import rkt.image.build.TarFile.Kind;
import rkt.store.unpack.StreamSource;
import rkt.store.unpack.TarEntry;
import rkt.store.unpack.TarReader;
import rkt.store.unpack.UnpackLimits;

/**
 * A tar of a root file system. Sorting needs all names before the first byte is written, so the
 * files' data is spooled into one nameless temporary file; the names stay in memory.
 *
 * <p>What a tar says twice counts as said last. Paths that climb, and files below something that is
 * no directory, are refused: what they would become depends on who unpacks them.
 */
final class ArchiveSource implements RootfsSource {
  private static final int BUFFER = 64 << 10;

  private final NavigableMap<String, Node> files = new TreeMap<>(ArchiveSource::byComponent);
  private final FileChannel spool;

  /** One inode: hard links share it. */
  private record Node(TarFile file, long offset) {}

  /**
   * @param tar inflated already
   * @param temporary directory for the spool
   */
  ArchiveSource(InputStream tar, Path temporary) throws IOException {
    Path path = Files.createTempFile(temporary, ".rkt-build-", ".spool");
    try {
      spool = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } finally {
      Files.delete(path);
    }
    try {
      read(new TarReader(new StreamSource(tar), UnpackLimits.DEFAULT));
      addParents();
    } catch (IOException | RuntimeException e) {
      spool.close();
      throw e;
    }
  }

  /** Depth first: a slash sorts before every other character. */
  private static int byComponent(String a, String b) {
    int shared = Math.min(a.length(), b.length());
    for (int i = 0; i < shared; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        return x == '/' ? -1 : y == '/' ? 1 : Character.compare(x, y);
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  private void read(TarReader reader) throws IOException {
    for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
      String path = clean(entry.name());
      if (path.isEmpty()) {
        continue;
      }
      if (entry.type() == TarEntry.Type.HARD_LINK) {
        Node target = files.get(clean(entry.linkName()));
        if (target == null || target.file().kind() == Kind.DIRECTORY) {
          throw new IOException(
              path + " is a hard link to " + entry.linkName() + ", which is no file before it");
        }
        files.put(path, target);
      } else {
        files.put(path, new Node(file(path, entry), spooled(reader, entry)));
      }
    }
  }

  private long spooled(TarReader reader, TarEntry entry) throws IOException {
    long start = spool.size();
    if (entry.type() != TarEntry.Type.REGULAR || entry.size() == 0) {
      return start;
    }
    SpoolPosition position = new SpoolPosition(start, entry);
    reader.data(position::write);
    // A sparse file may end in a hole; a byte at its end gives the spool its full length.
    if (spool.size() < start + entry.size()) {
      spool.write(ByteBuffer.wrap(new byte[1]), start + entry.size() - 1);
    }
    return start;
  }

  /** Where the next stored byte belongs: straight on, or into the segments of a sparse file. */
  private final class SpoolPosition {
    private final long start;
    private final TarEntry entry;
    private int segment;
    private long inSegment;

    SpoolPosition(long start, TarEntry entry) {
      this.start = start;
      this.entry = entry;
    }

    void write(byte[] bytes, int offset, int length) throws IOException {
      int done = 0;
      while (done < length) {
        long at = inSegment;
        long room = (long) length - done;
        if (entry.isSparse()) {
          while (segment < entry.sparse().size()
              && inSegment == entry.sparse().get(segment).length()) {
            segment++;
            inSegment = 0;
          }
          if (segment == entry.sparse().size()) {
            throw new IOException(entry.name() + " has more data than its sparse map");
          }
          TarEntry.Segment where = entry.sparse().get(segment);
          at = where.offset() + inSegment;
          room = Math.min(room, where.length() - inSegment);
        }
        ByteBuffer piece = ByteBuffer.wrap(bytes, offset + done, (int) room);
        long target = start + at;
        while (piece.hasRemaining()) {
          target += spool.write(piece, target);
        }
        done += (int) room;
        inSegment += room;
      }
    }
  }

  /** Without leading dots and slashes; empty for the root itself. */
  private static String clean(String name) throws IOException {
    StringBuilder out = new StringBuilder(name.length());
    for (String part : name.split("/", -1)) {
      if (part.equals("..")) {
        throw new IOException("entry " + name + " climbs out of the archive");
      }
      if (!part.isEmpty() && !part.equals(".")) {
        out.append(out.isEmpty() ? "" : "/").append(part);
      }
    }
    return out.toString();
  }

  private static TarFile file(String path, TarEntry entry) {
    Kind kind =
        switch (entry.type()) {
          case REGULAR -> Kind.REGULAR;
          case HARD_LINK -> Kind.HARD_LINK;
          case SYMLINK -> Kind.SYMLINK;
          case CHAR_DEVICE -> Kind.CHAR_DEVICE;
          case BLOCK_DEVICE -> Kind.BLOCK_DEVICE;
          case DIRECTORY -> Kind.DIRECTORY;
          case FIFO -> Kind.FIFO;
        };
    boolean device = kind == Kind.CHAR_DEVICE || kind == Kind.BLOCK_DEVICE;
    return new TarFile(
        path,
        kind,
        kind == Kind.SYMLINK ? 0777 : entry.mode(),
        entry.uid(),
        entry.gid(),
        kind == Kind.REGULAR ? entry.size() : 0,
        entry.modified().seconds(),
        entry.modified().nanos(),
        kind == Kind.SYMLINK ? entry.linkName() : "",
        device ? (int) entry.devMajor() : 0,
        device ? (int) entry.devMinor() : 0,
        xattrs(entry));
  }

  /** Sorted; of two attributes with one name the last counts. */
  private static List<TarFile.Xattr> xattrs(TarEntry entry) {
    Map<String, TarFile.Xattr> kept = new TreeMap<>();
    for (TarEntry.Xattr xattr : entry.xattrs()) {
      boolean fits =
          entry.type() == TarEntry.Type.REGULAR || entry.type() == TarEntry.Type.DIRECTORY;
      if (fits && RootfsSource.keepsXattr(xattr.name())) {
        kept.put(xattr.name(), new TarFile.Xattr(xattr.name(), xattr.value()));
      }
    }
    return new ArrayList<>(kept.values());
  }

  /** Directories that the archive implies but does not name. */
  private void addParents() throws IOException {
    Map<String, Node> implied = new HashMap<>();
    for (String path : files.keySet()) {
      for (int slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
        String parent = path.substring(0, slash);
        Node node = files.get(parent);
        if (node == null) {
          implied.put(parent, new Node(TarFile.directory(parent), 0));
        } else if (node.file().kind() != Kind.DIRECTORY) {
          throw new IOException(path + " lies below " + parent + ", which is not a directory");
        }
      }
    }
    files.putAll(implied);
  }

  @Override
  public void each(Visitor visitor) throws IOException {
    IdentityHashMap<Node, String> seen = new IdentityHashMap<>();
    for (Map.Entry<String, Node> one : Collections.unmodifiableMap(files).entrySet()) {
      Node node = one.getValue();
      TarFile file = node.file().at(one.getKey());
      @Nullable String first = seen.putIfAbsent(node, one.getKey());
      if (first != null) {
        visitor.file(file.hardLinkTo(first), out -> {});
      } else {
        visitor.file(file, out -> copy(node.offset(), file.size(), out));
      }
    }
  }

  private void copy(long offset, long size, OutputStream out) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    long at = offset;
    long left = size;
    while (left > 0) {
      buffer.clear().limit((int) Math.min(BUFFER, left));
      int count = spool.read(buffer, at);
      if (count < 0) {
        throw new IOException("the temporary file is cut short");
      }
      out.write(buffer.array(), 0, count);
      at += count;
      left -= count;
    }
  }

  @Override
  public void close() throws IOException {
    spool.close();
  }
}
