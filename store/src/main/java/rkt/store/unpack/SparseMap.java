package rkt.store.unpack;

import java.util.List;
import rkt.store.unpack.TarEntry.Segment;

/** Where the stored bytes of a sparse file belong: in order, apart, inside the file, and all. */
record SparseMap(List<Segment> segments, long size) {

  static SparseMap of(List<Segment> segments, long size, long stored, String name)
      throws ArchiveException {
    long end = 0;
    long sum = 0;
    for (Segment segment : segments) {
      // Each value is at most 2^63-1, so compare by subtraction: the sum could wrap.
      if (segment.offset() < end
          || segment.length() < 0
          || segment.length() > stored - sum
          || segment.length() > size - segment.offset()) {
        throw broken(name);
      }
      end = segment.offset() + segment.length();
      sum += segment.length();
    }
    if (size < end || sum != stored) {
      throw broken(name);
    }
    return new SparseMap(List.copyOf(segments), size);
  }

  private static ArchiveException broken(String name) {
    return ArchiveException.corrupt("broken sparse map of entry " + EntryPath.quote(name));
  }
}
