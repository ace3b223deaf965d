package rkt.store.unpack;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import rkt.store.unpack.TarEntry.Segment;
import rkt.store.unpack.TarEntry.Time;
import rkt.store.unpack.TarEntry.Type;

/**
 * Reads a tar archive of any dialect found in images: v7, ustar, pax (with attributes and sparse
 * files), GNU (long names, base-256 numbers, sparse files). For one thread.
 *
 * <p>Our own rather than commons-compress, because that decodes attribute values as UTF-8 (which
 * destroys {@code security.capability}), reads long names without a bound, copies file data once
 * more, and needs {@code java.desktop} as a module.
 *
 * <p>Memory is bounded by {@link UnpackLimits#MAX_META_BYTES} per extended header.
 */
public final class TarReader {
  /** Takes file data, in pieces. */
  @FunctionalInterface
  public interface Sink {
    void bytes(byte[] b, int offset, int length) throws IOException;
  }

  /** Nothing sane stacks more extended headers in front of one entry. */
  private static final int MAX_META_HEADERS = 16;

  private final ByteSource source;
  private final UnpackLimits limits;
  private final byte[] block = new byte[TarHeader.SIZE];
  private int position;
  private int limit;
  private long entries;

  /** What all files claim to hold: holes cost nothing to store, but whoever reads them hashes. */
  private long apparent;

  /** Stored bytes of the current entry not yet read, and the padding after them. */
  private long remaining;

  private int padding;
  private boolean endMarkerSeen;

  public TarReader(ByteSource source, UnpackLimits limits) {
    this.source = source;
    this.limits = limits;
  }

  /** The next file entry, or null at the end; what is left of the one before is skipped. */
  public @Nullable TarEntry next() throws IOException {
    PaxRecords pax = null;
    String longName = null;
    String longLink = null;
    for (int metas = 0; metas <= MAX_META_HEADERS; metas++) {
      skipData();
      boolean pending = pax != null || longName != null || longLink != null;
      if (!readHeaderBlock(pending)) {
        return null;
      }
      TarHeader header = new TarHeader(block);
      switch (header.type()) {
        case 'x' -> {
          pax = pax == null ? new PaxRecords() : pax;
          byte[] records = readMeta(header);
          pax.read(records, records.length);
        }
        case 'g' -> readGlobal(header);
        case 'L' -> longName = metaText(header);
        case 'K' -> longLink = metaText(header);
        default -> {
          return entry(header, pax, longName, longLink);
        }
      }
    }
    throw ArchiveException.corrupt(
        "more than " + MAX_META_HEADERS + " extended headers in front of one tar entry");
  }

  /** Whether the archive ended as it should, with two blocks of zeros, and was not cut short. */
  public boolean endMarkerSeen() {
    return endMarkerSeen;
  }

  /**
   * Where the current entry's stored bytes begin: an index into the source's current block, which
   * may be the block's end.
   */
  public int dataPosition() {
    return position;
  }

  /** Passes the current entry's stored bytes to a sink, straight from the source's blocks. */
  public void data(Sink sink) throws IOException {
    while (remaining > 0) {
      ensure();
      int n = (int) Math.min(remaining, limit - position);
      sink.bytes(source.block(), position, n);
      position += n;
      remaining -= n;
    }
  }

  /** The current entry's stored bytes, if they are not too many. */
  public byte[] data(int maxBytes, String what) throws IOException {
    if (remaining > maxBytes) {
      throw ArchiveException.limit(what + " is larger than " + maxBytes + " bytes");
    }
    byte[] bytes = new byte[(int) remaining];
    readFully(bytes, bytes.length);
    remaining = 0;
    return bytes;
  }

  /** Reads on to the very end, so that a hash over the whole archive is complete. */
  public void drain() throws IOException {
    while (source.next()) {
      // seen by whoever observes the source
    }
    position = 0;
    limit = 0;
  }

  private TarEntry entry(
      TarHeader header, @Nullable PaxRecords pax, @Nullable String longName, @Nullable String link)
      throws IOException {
    if (++entries > limits.maxEntries()) {
      throw ArchiveException.limit("archive has more than " + limits.maxEntries() + " entries");
    }
    String name = longName != null ? longName : header.name();
    String linkName = link != null ? link : header.linkName();
    if (pax != null) {
      name = pax.path != null ? pax.path : name;
      name = pax.isSparse() && pax.sparseName != null ? pax.sparseName : name;
      linkName = pax.linkPath != null ? pax.linkPath : linkName;
    }
    Type type = type(header.type(), name);
    long stored = pax != null && pax.size >= 0 ? pax.size : header.size();
    if (type != Type.REGULAR) {
      // Only files have data; a size on anything else is noise (as Go's archive/tar has it).
      stored = 0;
    }
    begin(stored, name);
    SparseMap sparse = type == Type.REGULAR ? sparseMap(header, pax, name) : null;
    long size = sparse == null ? stored : sparse.size();
    if (size > limits.maxBytes()) {
      throw ArchiveException.limit(
          "entry " + EntryPath.quote(name) + " is larger than " + limits.maxBytes() + " bytes");
    }
    if (size > limits.maxBytes() - apparent) {
      throw ArchiveException.limit(
          "the archive's files are larger than " + limits.maxBytes() + " bytes together");
    }
    apparent += size;
    Time modified =
        pax != null && pax.modified != null ? pax.modified : new Time(header.modified(), 0);
    return new TarEntry(
        name,
        type,
        header.mode(),
        owner(pax != null && pax.uid >= 0 ? pax.uid : header.uid(), name),
        owner(pax != null && pax.gid >= 0 ? pax.gid : header.gid(), name),
        size,
        remaining,
        modified,
        pax != null && pax.accessed != null ? pax.accessed : modified,
        linkName,
        header.devMajor(),
        header.devMinor(),
        pax == null ? List.of() : List.copyOf(pax.xattrs),
        sparse != null,
        sparse == null ? List.of() : sparse.segments());
  }

  private @Nullable SparseMap sparseMap(TarHeader header, @Nullable PaxRecords pax, String name)
      throws IOException {
    if (header.type() == 'S') {
      return oldGnuSparse(header, name);
    }
    if (pax == null || !pax.isSparse()) {
      return null;
    }
    if (!pax.mapPrecedesData()) {
      if (pax.sparseMajor > 0) {
        throw ArchiveException.unsupported(
            "sparse format " + pax.sparseMajor + "." + pax.sparseMinor + " of " + name);
      }
      return SparseMap.of(pax.sparse, pax.sparseSize, remaining, name);
    }
    return SparseMap.of(mapInData(name), pax.sparseSize, remaining, name);
  }

  /** GNU sparse 1.0: decimal lines, count first, then padding to a whole block, then the data. */
  private List<Segment> mapInData(String name) throws IOException {
    List<Segment> segments = new ArrayList<>();
    StringBuilder number = new StringBuilder();
    byte[] one = new byte[1];
    long read = 0;
    long expected = -1;
    long offset = -1;
    while (expected < 0 || segments.size() < expected) {
      if (read >= remaining || read > UnpackLimits.MAX_META_BYTES) {
        throw ArchiveException.corrupt("broken sparse map of entry " + EntryPath.quote(name));
      }
      readFully(one, 1);
      read++;
      if (one[0] != '\n') {
        number.append((char) (one[0] & 0xff));
        continue;
      }
      long value = PaxRecords.decimal(number.toString(), "sparse map");
      number.setLength(0);
      if (expected < 0) {
        expected = value;
      } else if (offset < 0) {
        offset = value;
      } else {
        segments.add(new Segment(offset, value));
        offset = -1;
      }
    }
    int pad = (int) (-read & (TarHeader.SIZE - 1));
    if (read + pad > remaining) {
      throw ArchiveException.corrupt("broken sparse map of entry " + EntryPath.quote(name));
    }
    readFully(new byte[pad], pad);
    remaining -= read + pad;
    return segments;
  }

  private SparseMap oldGnuSparse(TarHeader header, String name) throws IOException {
    List<Segment> segments = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      addSegment(segments, header.sparseNumber(386 + 24 * i), header.sparseNumber(398 + 24 * i));
    }
    long realSize = header.sparseNumber(483);
    boolean extended = block[482] != 0;
    byte[] extension = new byte[TarHeader.SIZE];
    while (extended) {
      // These blocks stand between header and data and are not counted in the size.
      readFully(extension, extension.length);
      for (int i = 0; i < 21; i++) {
        addSegment(
            segments,
            TarHeader.number(extension, 24 * i, 12, "sparse map"),
            TarHeader.number(extension, 24 * i + 12, 12, "sparse map"));
      }
      extended = extension[504] != 0;
      if (segments.size() > UnpackLimits.MAX_META_BYTES / 16) {
        throw ArchiveException.limit("sparse map of entry " + EntryPath.quote(name) + " too long");
      }
    }
    return SparseMap.of(segments, realSize, remaining, name);
  }

  private static void addSegment(List<Segment> segments, long offset, long length) {
    if (offset != 0 || length != 0) {
      segments.add(new Segment(offset, length));
    }
  }

  private static Type type(char flag, String name) throws ArchiveException {
    return switch (flag) {
      // In v7 archives a directory is a file whose name ends in a slash.
      case '0', '\0' -> name.endsWith("/") ? Type.DIRECTORY : Type.REGULAR;
      case '7', 'S' -> Type.REGULAR;
      case '1' -> Type.HARD_LINK;
      case '2' -> Type.SYMLINK;
      case '3' -> Type.CHAR_DEVICE;
      case '4' -> Type.BLOCK_DEVICE;
      case '5' -> Type.DIRECTORY;
      case '6' -> Type.FIFO;
      default ->
          throw ArchiveException.unsupported(
              "unsupported type: " + (int) flag + " (tar entry " + EntryPath.quote(name) + ")");
    };
  }

  /** Ids are 32 bits without the last, which means "unchanged" to chown(2). */
  private static int owner(long id, String name) throws ArchiveException {
    if (id < 0 || id > 0xfffffffeL) {
      throw ArchiveException.corrupt(
          "owner " + id + " of entry " + EntryPath.quote(name) + " is out of range");
    }
    return (int) id;
  }

  private void readGlobal(TarHeader header) throws IOException {
    byte[] records = readMeta(header);
    PaxRecords global = new PaxRecords();
    global.read(records, records.length);
    if (global.redirects()) {
      throw ArchiveException.refused(
          "a global extended header sets a path, size or attribute for all entries");
    }
  }

  private String metaText(TarHeader header) throws IOException {
    byte[] bytes = readMeta(header);
    int n = 0;
    while (n < bytes.length && bytes[n] != 0) {
      n++;
    }
    return RawNames.decode(bytes, 0, n);
  }

  private byte[] readMeta(TarHeader header) throws IOException {
    begin(header.size(), "extended header");
    return data(UnpackLimits.MAX_META_BYTES, "extended header of a tar entry");
  }

  private void begin(long stored, String name) throws ArchiveException {
    if (stored > limits.maxBytes()) {
      throw ArchiveException.limit(
          "entry " + EntryPath.quote(name) + " is larger than " + limits.maxBytes() + " bytes");
    }
    remaining = stored;
    padding = (int) (-stored & (TarHeader.SIZE - 1));
  }

  private void skipData() throws IOException {
    long skip = remaining + padding;
    while (skip > 0) {
      if (position == limit) {
        skip -= source.skip(skip);
        if (skip == 0) {
          break;
        }
      }
      if (position == limit && !refill()) {
        // umoci leaves out the padding of the last file, as well as the closing blocks.
        if (skip > padding) {
          throw cutShort();
        }
        break;
      }
      int n = (int) Math.min(skip, limit - position);
      position += n;
      skip -= n;
    }
    remaining = 0;
    padding = 0;
  }

  /**
   * @return false at the end of the archive
   */
  private boolean readHeaderBlock(boolean pending) throws IOException {
    boolean atEnd = position == limit && !refill();
    if (!atEnd) {
      readFully(block, TarHeader.SIZE);
      if (!TarHeader.isZero(block)) {
        return true;
      }
      if (position < limit || refill()) {
        readFully(block, TarHeader.SIZE);
        if (!TarHeader.isZero(block)) {
          throw ArchiveException.corrupt("damaged tar archive: data after a single zero block");
        }
      }
      endMarkerSeen = true;
    }
    if (pending) {
      throw ArchiveException.corrupt("tar archive ends after an extended header");
    }
    return false;
  }

  private void readFully(byte[] target, int length) throws IOException {
    int done = 0;
    while (done < length) {
      ensure();
      int n = Math.min(length - done, limit - position);
      System.arraycopy(source.block(), position, target, done, n);
      position += n;
      done += n;
    }
  }

  private void ensure() throws IOException {
    if (position == limit && !refill()) {
      throw cutShort();
    }
  }

  private static ArchiveException cutShort() {
    return ArchiveException.corrupt("tar archive is cut short");
  }

  private boolean refill() throws IOException {
    position = 0;
    limit = 0;
    if (!source.next()) {
      return false;
    }
    limit = source.length();
    return true;
  }
}
