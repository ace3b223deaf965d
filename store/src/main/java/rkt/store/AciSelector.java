package rkt.store;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import rkt.store.unpack.Selector;
import rkt.store.unpack.TarEntry;

/**
 * Which entries of one image of a dependency list become files of the rendered tree, by the rules
 * of the appc specification ("Dependency Matching", pathWhitelist).
 */
final class AciSelector implements Selector {
  /** What a path is in the tree. */
  enum Claim {
    FILE,
    DIRECTORY,
    /** A directory only because something is in it: an image below may state its attributes. */
    IMPLIED
  }

  private final Map<String, Claim> claimed;
  private final Map<String, Claim> provided = new HashMap<>();
  private final Set<String> own;
  private final Set<String> upper;

  AciSelector(Map<String, Claim> claimed, List<String> ownWhitelist, List<String> upperWhitelist) {
    this.claimed = claimed;
    this.own = rootfsPaths(ownWhitelist);
    this.upper = rootfsPaths(upperWhitelist);
  }

  /** What this image has provided, to be claimed before the next image is read. */
  Map<String, Claim> provided() {
    return provided;
  }

  @Override
  public @Nullable String place(String path, TarEntry entry) {
    if (path.equals(AciArchive.ROOTFS)) {
      return claim("", true);
    }
    if (!path.startsWith(AciArchive.ROOTFS + "/")) {
      return null;
    }
    String inside = linkTarget(path);
    boolean directory = entry.isDirectory();
    if (!directory && !own.isEmpty() && !own.contains(inside)) {
      return null;
    }
    if (!upper.isEmpty() && !upper.contains(inside)) {
      return null;
    }
    return belowFile(inside) ? null : claim(inside, directory);
  }

  private @Nullable String claim(String path, boolean directory) {
    Claim above = claimed.get(path);
    if (above != null && !(above == Claim.IMPLIED && directory)) {
      return null;
    }
    provided.put(path, directory ? Claim.DIRECTORY : Claim.FILE);
    for (int i = path.lastIndexOf('/'); i > 0; i = path.lastIndexOf('/', i - 1)) {
      String parent = path.substring(0, i);
      if (!claimed.containsKey(parent)) {
        provided.putIfAbsent(parent, Claim.IMPLIED);
      }
    }
    return path;
  }

  /** Whether an image above has a file where this path needs a directory. */
  private boolean belowFile(String path) {
    for (int i = path.indexOf('/'); i >= 0; i = path.indexOf('/', i + 1)) {
      if (claimed.get(path.substring(0, i)) == Claim.FILE) {
        return true;
      }
    }
    return false;
  }

  @Override
  public String linkTarget(String path) {
    String prefix = AciArchive.ROOTFS + "/";
    return path.startsWith(prefix) ? path.substring(prefix.length()) : "";
  }

  private static Set<String> rootfsPaths(List<String> whitelist) {
    Set<String> paths = new HashSet<>();
    for (String path : whitelist) {
      int start = 0;
      int end = path.length();
      while (start < end && path.charAt(start) == '/') {
        start++;
      }
      while (end > start && path.charAt(end - 1) == '/') {
        end--;
      }
      paths.add(path.substring(start, end));
    }
    return paths;
  }
}
