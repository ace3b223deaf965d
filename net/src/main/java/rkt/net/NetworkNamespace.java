package rkt.net;

import java.nio.file.Path;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.HostNetwork;
import rkt.os.Kernel;
import rkt.os.OsException;

/** Makes and enters network namespaces; a thread that enters one comes back from it. */
final class NetworkNamespace {
  private static final String OWN = "/proc/thread-self/ns/net";

  private NetworkNamespace() {}

  /**
   * Makes a namespace whose loopback interface is up, and mounts it.
   *
   * <p>The path is opened before others can see it: whether the pod's own mount namespace, which is
   * split off meanwhile, receives the new mount depends on the host.
   *
   * @param path of a file to be made
   * @return the open namespace
   */
  static Fd make(Kernel kernel, Path path) throws OsException {
    directory(kernel, Teardown.NAMESPACES);
    int create = Consts.O_RDONLY | Consts.O_CREAT | Consts.O_EXCL | Consts.O_NOFOLLOW;
    Fd.open(kernel, path.toString(), create, 0444).close();
    try (Fd own = Fd.open(kernel, OWN, Consts.O_RDONLY, 0)) {
      kernel.unshare(Consts.CLONE_NEWNET);
      try {
        HostNetwork.up("lo");
        kernel.mount(OWN, path.toString(), null, Consts.MS_BIND, null);
        return Fd.open(kernel, OWN, Consts.O_RDONLY, 0);
      } finally {
        kernel.setns(own.number(), Consts.CLONE_NEWNET);
      }
    }
  }

  /** Opens an existing namespace, after going in and out to see that it is one. */
  static Fd open(Kernel kernel, Path path) throws OsException {
    // Whoever names a FIFO by mistake is told so, and not kept waiting for a writer.
    Fd fd = Fd.open(kernel, path.toString(), Consts.O_RDONLY | Consts.O_NONBLOCK, 0);
    try (Fd own = Fd.open(kernel, OWN, Consts.O_RDONLY, 0)) {
      kernel.setns(fd.number(), Consts.CLONE_NEWNET);
      kernel.setns(own.number(), Consts.CLONE_NEWNET);
      return fd;
    } catch (OsException e) {
      fd.close();
      throw e;
    }
  }

  /** Makes a directory below {@code /run} unless it is there. */
  static void directory(Kernel kernel, Path dir) throws OsException {
    try {
      kernel.mkdirat(Consts.AT_FDCWD, dir.toString(), 0755);
    } catch (OsException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
    }
  }
}
