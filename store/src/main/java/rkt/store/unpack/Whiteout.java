package rkt.store.unpack;

import org.jspecify.annotations.Nullable;

/**
 * Whiteouts of OCI layers (image-spec layer.md, "Whiteouts"; from AUFS). The prefix is exactly
 * {@code .wh.}, in lower case.
 *
 * <p>Odd forms are attacks: {@code .wh..} and {@code .wh...} name the directory itself and its
 * parent, {@code .wh.} nothing at all. Removing what they name has deleted files outside of root
 * file systems (zip-slip by whiteout; umoci's CVE-2021-29136 replaced the root itself).
 */
sealed interface Whiteout {
  String PREFIX = ".wh.";

  /** Hides a name of the layers below. */
  record Hide(String path) implements Whiteout {}

  /** Hides all that the layers below have in a directory. */
  record Opaque(String directory) implements Whiteout {}

  /** AUFS bookkeeping ({@code .wh..wh.plnk}, {@code .wh..wh.orph}, ...), not content. */
  record Bookkeeping() implements Whiteout {}

  /** The whiteout that a canonical path is, null for a plain one. */
  static @Nullable Whiteout of(String path) throws ArchiveException {
    if (!path.startsWith(PREFIX) && !path.contains("/" + PREFIX)) {
      return null;
    }
    int start = 0;
    while (true) {
      int slash = path.indexOf('/', start);
      String component = slash < 0 ? path.substring(start) : path.substring(start, slash);
      if (component.startsWith(PREFIX)) {
        boolean last = slash < 0;
        return component(path, component, last);
      }
      if (slash < 0) {
        return null;
      }
      start = slash + 1;
    }
  }

  private static Whiteout component(String path, String component, boolean last)
      throws ArchiveException {
    String name = component.substring(PREFIX.length());
    if (name.equals(".wh..opq")) {
      if (!last) {
        throw ArchiveException.refused("entry inside a whiteout: " + EntryPath.quote(path));
      }
      return new Opaque(EntryPath.parent(path));
    }
    if (name.startsWith(PREFIX)) {
      return new Bookkeeping();
    }
    if (!last) {
      throw ArchiveException.refused("entry inside a whiteout: " + EntryPath.quote(path));
    }
    if (name.isEmpty() || name.equals(".") || name.equals("..")) {
      throw ArchiveException.refused("whiteout of no proper name: " + EntryPath.quote(path));
    }
    String parent = EntryPath.parent(path);
    return new Hide(parent.isEmpty() ? name : parent + "/" + name);
  }
}
