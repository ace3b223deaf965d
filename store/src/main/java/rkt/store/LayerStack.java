package rkt.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;
import rkt.schema.oci.Digest;

/**
 * Works out, once per image, how its layers stack: the order of the overlay and the true attributes
 * of directories whose topmost layer does not state them.
 *
 * <p>The root is always seeded: an overlay shows the attributes of the upper directory's root.
 */
final class LayerStack {
  private static final ImplicitDir MADE_UP_ROOT = new ImplicitDir("", 0755, 0, 0, 0, 0);

  /** A layer to stack, wherever it is at the moment. */
  record Layer(Digest diffId, Path fs, LayerMeta meta) {}

  /** What one layer says of a path. */
  private enum Presence {
    ABSENT,
    DIRECTORY,
    /** A directory that hides the ones below, or lies in such a one. */
    OPAQUE_DIRECTORY,
    /** Something else, a whiteout, or inside an opaque directory and absent. */
    HIDDEN
  }

  private final Kernel kernel;
  private final List<Layer> topFirst;

  private LayerStack(Kernel kernel, List<Layer> topFirst) {
    this.kernel = kernel;
    this.topFirst = topFirst;
  }

  /**
   * @param lowestFirst the layers in the order of the image config
   */
  static LayerStack of(Kernel kernel, List<Layer> lowestFirst) {
    List<Layer> topFirst = new ArrayList<>();
    Set<Digest> seen = new LinkedHashSet<>();
    for (int i = lowestFirst.size() - 1; i >= 0; i--) {
      Layer layer = lowestFirst.get(i);
      // overlayfs refuses a layer twice; the upper one covers all that the lower one brings.
      if (seen.add(layer.diffId())) {
        topFirst.add(layer);
      }
      if (layer.meta().rootOpaque()) {
        break;
      }
    }
    return new LayerStack(kernel, topFirst);
  }

  List<Digest> lowers() {
    List<Digest> lowers = new ArrayList<>();
    for (Layer layer : topFirst) {
      lowers.add(layer.diffId());
    }
    return lowers;
  }

  /** Uncompressed bytes of each layer's archive, in the same order. */
  List<Long> sizes() {
    List<Long> sizes = new ArrayList<>();
    for (Layer layer : topFirst) {
      sizes.add(layer.meta().size());
    }
    return sizes;
  }

  /** Uncompressed bytes of the layers' archives. */
  long unpackedSize() {
    long size = 0;
    for (Layer layer : topFirst) {
      size += layer.meta().size();
    }
    return size;
  }

  /** Parents before children, the root first. */
  List<ImplicitDir> seeds() throws IOException {
    Set<String> paths = new TreeSet<>();
    for (Layer layer : topFirst) {
      paths.addAll(layer.meta().implicitDirs());
    }
    Set<String> seeded = new TreeSet<>();
    seeded.add("");
    for (String path : paths) {
      if (!path.isEmpty() && statedFurtherDown(path)) {
        // Making it in the upper directory makes its parents there, too.
        for (String p = path; !p.isEmpty(); p = parent(p)) {
          seeded.add(p);
        }
      }
    }
    List<ImplicitDir> seeds = new ArrayList<>();
    for (String path : seeded) {
      attributes(path).ifPresent(seeds::add);
    }
    if (seeds.isEmpty() || !seeds.get(0).path().isEmpty()) {
      seeds.add(0, MADE_UP_ROOT);
    }
    return seeds;
  }

  /** Whether the topmost layer with this directory does not state it and one further down does. */
  private boolean statedFurtherDown(String path) throws IOException {
    boolean implicitAbove = false;
    for (Layer layer : topFirst) {
      Presence presence = presence(layer, path);
      if (presence == Presence.HIDDEN) {
        return false;
      }
      if (presence == Presence.ABSENT) {
        continue;
      }
      if (!layer.meta().implicitDirs().contains(path)) {
        return implicitAbove;
      }
      implicitAbove = true;
      if (presence == Presence.OPAQUE_DIRECTORY) {
        return false;
      }
    }
    return false;
  }

  /** The attributes of the merged directory: those of the topmost layer that states them. */
  private Optional<ImplicitDir> attributes(String path) throws IOException {
    Optional<ImplicitDir> madeUp = Optional.empty();
    for (Layer layer : topFirst) {
      Presence presence = presence(layer, path);
      if (presence == Presence.HIDDEN) {
        return madeUp;
      }
      if (presence == Presence.ABSENT) {
        continue;
      }
      if (!layer.meta().implicitDirs().contains(path)) {
        return Optional.of(describe(layer, path));
      }
      madeUp = Optional.of(describe(layer, path));
      if (presence == Presence.OPAQUE_DIRECTORY) {
        return madeUp;
      }
    }
    return madeUp;
  }

  /** Looks at every ancestor, so that no symbolic link is ever gone through. */
  private Presence presence(Layer layer, String path) throws IOException {
    if (path.isEmpty()) {
      return Presence.DIRECTORY;
    }
    try (Fd root = Fd.directory(kernel, layer.fs().toString())) {
      boolean opaque = false;
      int end = 0;
      while (end < path.length()) {
        int slash = path.indexOf('/', end);
        end = slash < 0 ? path.length() : slash;
        String prefix = path.substring(0, end);
        try {
          Stat stat = kernel.fstatat(root.number(), prefix, Consts.AT_SYMLINK_NOFOLLOW);
          if (!stat.isDir()) {
            return Presence.HIDDEN;
          }
        } catch (OsException e) {
          if (!e.is(Errno.ENOENT)) {
            throw e;
          }
          return opaque ? Presence.HIDDEN : Presence.ABSENT;
        }
        opaque = opaque || isOpaque(root.number(), prefix);
        end++;
      }
      return opaque ? Presence.OPAQUE_DIRECTORY : Presence.DIRECTORY;
    }
  }

  private boolean isOpaque(int root, String path) throws IOException {
    int flags = Consts.O_RDONLY | Consts.O_DIRECTORY | Consts.O_NOFOLLOW;
    try (Fd dir = Fd.openat(kernel, root, path, flags, 0)) {
      byte[] mark = kernel.fgetxattr(dir.number(), "trusted.overlay.opaque");
      return mark != null && mark.length == 1 && mark[0] == 'y';
    }
  }

  private ImplicitDir describe(Layer layer, String path) throws IOException {
    try (Fd root = Fd.directory(kernel, layer.fs().toString())) {
      Stat s =
          kernel.fstatat(root.number(), path.isEmpty() ? "." : path, Consts.AT_SYMLINK_NOFOLLOW);
      return new ImplicitDir(path, s.permissions(), s.uid(), s.gid(), s.mtimeSec(), s.mtimeNsec());
    }
  }

  private static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? "" : path.substring(0, slash);
  }
}
