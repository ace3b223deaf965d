package rkt.image.layout;

import java.io.IOException;
import java.util.Collection;
import rkt.store.unpack.ArchiveException;
import rkt.store.unpack.EntryNames;

/** Small files of a layout, and how their words are shown. */
final class Documents {
  private Documents() {}

  /** Reads a whole file that must not be larger than the limit. */
  static byte[] read(LayoutFiles.Sized in, int limit, String what) throws IOException {
    byte[] bytes = in.size() > limit ? new byte[0] : in.readNBytes(limit + 1);
    if (in.size() > limit || bytes.length > limit) {
      throw new ArchiveException(
          ArchiveException.Fault.LIMIT, what + " is larger than " + limit + " bytes");
    }
    return bytes;
  }

  /** {@code : "a", "b", ...}, or nothing. */
  static String listed(Collection<String> names, int most) {
    StringBuilder out = new StringBuilder();
    int count = 0;
    for (String name : names) {
      if (count++ == most) {
        out.append(", ...");
        break;
      }
      out.append(out.isEmpty() ? ": " : ", ").append(EntryNames.quote(name));
    }
    return out.toString();
  }

  /** Introduces what {@link #listed} gives in a sentence that says what is not there. */
  static String but(String listed) {
    return listed.isEmpty() ? "" : ", but these" + listed;
  }
}
