package rkt.store.unpack;

import java.util.Set;

/**
 * What came out of an archive.
 *
 * @param implicitDirs directories that exist only because something is in them, "" for the root;
 *     their attributes are made up
 * @param rootOpaque whether the layer hides everything below it. Kept apart because overlayfs
 *     ignores the mark on a root.
 * @param droppedXattrs attributes the target's file system could not take
 */
public record UnpackResult(
    Set<String> implicitDirs, boolean rootOpaque, long entries, long fileBytes, int droppedXattrs) {
  public UnpackResult {
    implicitDirs = Set.copyOf(implicitDirs);
  }
}
