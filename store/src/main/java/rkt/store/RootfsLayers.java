package rkt.store;

import java.nio.file.Path;
import java.util.List;

/**
 * An image's root file system, ready to be the lower side of an overlay.
 *
 * @param treeStoreId {@code deps-sha512-} and 64 hex digits; equal for images with equal content
 * @param lowerTopFirst directories in overlayfs format, the topmost first, in the order of the
 *     mount option {@code lowerdir}; never empty
 * @param upperSeeds directories to create in a fresh upper directory, parents first, the root (path
 *     "") always among them
 */
public record RootfsLayers(
    String treeStoreId, List<Path> lowerTopFirst, List<ImplicitDir> upperSeeds) {
  public RootfsLayers {
    lowerTopFirst = List.copyOf(lowerTopFirst);
    upperSeeds = List.copyOf(upperSeeds);
  }
}
