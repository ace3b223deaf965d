package rkt.store.unpack;

/**
 * Names in archives, made canonical: relative, no empty components, no {@code .} and never {@code
 * ..}; "" is the root.
 *
 * <p>A leading slash is taken as the archive's root, as GNU tar and every engine do; a {@code ..}
 * anywhere is refused even where it would cancel out, because no honest tool writes it and
 * resolving it lexically or physically gives two answers (zip-slip; CVE-2018-15664).
 */
final class EntryPath {
  private EntryPath() {}

  static String canonical(String raw, int maxDepth) throws ArchiveException {
    int length = raw.length();
    StringBuilder out = null;
    int depth = 0;
    int start = 0;
    // One pass; a name that is canonical already is returned as it is.
    for (int i = 0; i <= length; i++) {
      if (i < length && raw.charAt(i) != '/') {
        if (raw.charAt(i) == 0) {
          throw ArchiveException.refused("entry name contains a NUL: " + quote(raw));
        }
        continue;
      }
      int n = i - start;
      boolean dot = n == 1 && raw.charAt(start) == '.';
      if (n == 2 && raw.charAt(start) == '.' && raw.charAt(start + 1) == '.') {
        throw ArchiveException.refused("entry climbs out with \"..\": " + quote(raw));
      }
      if (n == 0 || dot) {
        if (out == null) {
          out = new StringBuilder(length).append(raw, 0, start);
        }
      } else {
        if (n > UnpackLimits.MAX_NAME_BYTES / 4
            && RawNames.byteLength(raw.substring(start, i)) > UnpackLimits.MAX_NAME_BYTES) {
          throw ArchiveException.refused(
              "entry name has a component longer than 255 bytes: " + quote(raw));
        }
        depth++;
        if (out != null) {
          if (!out.isEmpty() && out.charAt(out.length() - 1) != '/') {
            out.append('/');
          }
          out.append(raw, start, i);
        }
      }
      start = i + 1;
    }
    String path = out == null ? raw : out.toString();
    if (path.endsWith("/")) {
      path = path.substring(0, path.length() - 1);
    }
    if (depth > maxDepth) {
      throw ArchiveException.limit(
          "entry is more than " + maxDepth + " directories deep: " + quote(raw));
    }
    if (path.length() > UnpackLimits.MAX_PATH_BYTES / 4
        && RawNames.byteLength(path) > UnpackLimits.MAX_PATH_BYTES) {
      throw ArchiveException.refused("entry name is longer than 4095 bytes: " + quote(raw));
    }
    return path;
  }

  static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? "" : path.substring(0, slash);
  }

  static String base(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** For messages: bounded, and without control characters that could fool a terminal. */
  static String quote(String name) {
    StringBuilder out = new StringBuilder("\"");
    int shown = Math.min(name.length(), 200);
    for (int i = 0; i < shown; i++) {
      char c = name.charAt(i);
      boolean plain =
          c >= ' ' && c != 0x7f && !(c >= 0x80 && c < 0xa0) && !Character.isSurrogate(c);
      out.append(plain ? c : '?');
    }
    return out.append(name.length() > shown ? "...\"" : "\"").toString();
  }
}
