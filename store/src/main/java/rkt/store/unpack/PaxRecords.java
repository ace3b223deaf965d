package rkt.store.unpack;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import rkt.store.unpack.TarEntry.Segment;
import rkt.store.unpack.TarEntry.Time;
import rkt.store.unpack.TarEntry.Xattr;

/**
 * The records of one pax extended header (pax(1), "pax Extended Header"), each {@code "LENGTH
 * KEY=VALUE\n"}. Values of attributes stay bytes: they are binary.
 *
 * <p>The size given here replaces that of the header block <em>before</em> any data is skipped; an
 * implementation that mixes them up reads file data as headers (CVE-2025-62518, "TARmageddon").
 */
final class PaxRecords {
  private static final String XATTR = "SCHILY.xattr.";

  @Nullable String path;
  @Nullable String linkPath;
  long size = -1;
  long uid = -1;
  long gid = -1;
  @Nullable Time modified;
  @Nullable Time accessed;
  final List<Xattr> xattrs = new ArrayList<>();

  // GNU sparse formats 0.0, 0.1 and 1.0
  @Nullable String sparseName;
  long sparseSize = -1;
  long sparseMajor;
  long sparseMinor;
  final List<Segment> sparse = new ArrayList<>();
  private boolean sparseCounted;
  private long pendingOffset = -1;

  /** Adds the records of a header; those of a later header win. */
  void read(byte[] b, int length) throws ArchiveException {
    int i = 0;
    while (i < length) {
      int start = i;
      long recordLength = 0;
      while (i < length && b[i] >= '0' && b[i] <= '9' && recordLength <= length) {
        recordLength = recordLength * 10 + (b[i++] - '0');
      }
      long end = start + recordLength;
      if (i == start
          || i >= length
          || b[i] != ' '
          || end > length
          || end < i + 2L
          || b[(int) end - 1] != '\n') {
        throw broken("a record's length is wrong");
      }
      record(b, i + 1, (int) end - 1);
      i = (int) end;
    }
  }

  private void record(byte[] b, int start, int end) throws ArchiveException {
    int equals = start;
    while (equals < end && b[equals] != '=') {
      equals++;
    }
    if (equals == end) {
      throw broken("a record without \"=\"");
    }
    String key = RawNames.decode(b, start, equals - start);
    int from = equals + 1;
    int length = end - from;
    if (key.startsWith(XATTR)) {
      byte[] value = new byte[length];
      System.arraycopy(b, from, value, 0, length);
      xattrs.add(new Xattr(key.substring(XATTR.length()), value));
      return;
    }
    String value = RawNames.decode(b, from, length);
    switch (key) {
      case "path" -> path = value.isEmpty() ? null : value;
      case "linkpath" -> linkPath = value.isEmpty() ? null : value;
      case "size" -> size = value.isEmpty() ? -1 : decimal(value, key);
      case "uid" -> uid = value.isEmpty() ? -1 : decimal(value, key);
      case "gid" -> gid = value.isEmpty() ? -1 : decimal(value, key);
      case "mtime" -> modified = value.isEmpty() ? null : time(value);
      case "atime" -> accessed = value.isEmpty() ? null : time(value);
      default -> {
        if (key.startsWith("GNU.sparse.")) {
          sparseRecord(key, value);
        }
      }
    }
  }

  private void sparseRecord(String key, String value) throws ArchiveException {
    switch (key) {
      case "GNU.sparse.name" -> sparseName = value;
      case "GNU.sparse.size", "GNU.sparse.realsize" -> sparseSize = decimal(value, key);
      case "GNU.sparse.major" -> sparseMajor = decimal(value, key);
      case "GNU.sparse.minor" -> sparseMinor = decimal(value, key);
      case "GNU.sparse.numblocks" -> sparseCounted = true;
      case "GNU.sparse.offset" -> pendingOffset = decimal(value, key);
      case "GNU.sparse.numbytes" -> {
        if (pendingOffset < 0) {
          throw broken("GNU.sparse.numbytes without an offset");
        }
        sparse.add(new Segment(pendingOffset, decimal(value, key)));
        pendingOffset = -1;
      }
      case "GNU.sparse.map" -> {
        sparseCounted = true;
        sparse.clear();
        readMap(value);
      }
      default -> {
        // other sparse records say nothing new
      }
    }
  }

  private void readMap(String map) throws ArchiveException {
    int i = 0;
    while (i < map.length()) {
      int comma = map.indexOf(',', i);
      int next = comma < 0 ? -1 : map.indexOf(',', comma + 1);
      int end = next < 0 ? map.length() : next;
      if (comma < 0) {
        throw broken("GNU.sparse.map has an odd number of values");
      }
      sparse.add(
          new Segment(
              decimal(map.substring(i, comma), "GNU.sparse.map"),
              decimal(map.substring(comma + 1, end), "GNU.sparse.map")));
      i = end + 1;
    }
  }

  boolean isSparse() {
    return sparseCounted || sparseMajor > 0;
  }

  /** Format 1.0 keeps its map in front of the data. */
  boolean mapPrecedesData() {
    return sparseMajor == 1 && sparseMinor == 0;
  }

  /** What a global header may not set for all entries at once. */
  boolean redirects() {
    return path != null || linkPath != null || size >= 0 || isSparse() || !xattrs.isEmpty();
  }

  static long decimal(String text, String what) throws ArchiveException {
    long value = 0;
    if (text.isEmpty()) {
      throw broken(what + " is empty");
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        throw broken(what + " is not a non-negative number: " + EntryPath.quote(text));
      }
      if (value > (Long.MAX_VALUE - (c - '0')) / 10) {
        throw broken(what + " is too large: " + EntryPath.quote(text));
      }
      value = value * 10 + (c - '0');
    }
    return value;
  }

  /** {@code [-]SECONDS[.FRACTION]}, to the nanosecond. */
  private static Time time(String text) throws ArchiveException {
    boolean negative = text.startsWith("-");
    int from = negative ? 1 : 0;
    int dot = text.indexOf('.');
    long seconds = decimal(text.substring(from, dot < 0 ? text.length() : dot), "time");
    int nanos = 0;
    if (dot >= 0) {
      String fraction = text.substring(dot + 1);
      for (int i = 0; i < 9; i++) {
        int digit = 0;
        if (i < fraction.length()) {
          digit = (int) decimal(fraction.substring(i, i + 1), "time");
        }
        nanos = nanos * 10 + digit;
      }
    }
    if (!negative) {
      return new Time(seconds, nanos);
    }
    return nanos == 0 ? new Time(-seconds, 0) : new Time(-seconds - 1, 1_000_000_000 - nanos);
  }

  private static ArchiveException broken(String why) {
    return ArchiveException.corrupt("broken extended header in tar archive: " + why);
  }
}
