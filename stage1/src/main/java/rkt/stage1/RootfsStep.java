package rkt.stage1;

import rkt.os.OsException;
import rkt.stage1.rootfs.Rootfs;

/**
 * A change inside an app's root before it starts. Paths are absolute inside that root and are
 * resolved with {@code openat2(RESOLVE_IN_ROOT)}: an image's links cannot lead a step outside.
 */
public sealed interface RootfsStep {
  /** Where, absolute inside the root. */
  String path();

  /** Makes the change. A method, because the first pattern switch costs ten milliseconds. */
  void apply(Rootfs rootfs) throws OsException;

  /** A directory that must exist; an existing one keeps its mode. */
  record Directory(String path, int mode) implements RootfsStep {
    @Override
    public void apply(Rootfs rootfs) throws OsException {
      rootfs.makeDirectories(path, mode);
    }

    @Override
    public String toString() {
      return "directory " + path + " 0" + Integer.toOctalString(mode);
    }
  }

  /** An empty file, mode 0644, made when nothing has that name: the target of a bind mount. */
  record MountTarget(String path) implements RootfsStep {
    @Override
    public void apply(Rootfs rootfs) throws OsException {
      rootfs.makeFile(path);
    }

    @Override
    public String toString() {
      return "file " + path;
    }
  }

  /** A link made when nothing has that name. */
  record Link(String path, String target) implements RootfsStep {
    @Override
    public void apply(Rootfs rootfs) throws OsException {
      rootfs.makeLink(path, target);
    }

    @Override
    public String toString() {
      return "link " + path + " -> " + target;
    }
  }
}
