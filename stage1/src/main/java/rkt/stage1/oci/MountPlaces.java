package rkt.stage1.oci;

import java.nio.file.Path;
import java.util.List;
import rkt.os.OsException;
import rkt.stage1.BindMount;
import rkt.stage1.rootfs.Rootfs;

/**
 * Where no volume may be mounted, whoever asks for it.
 *
 * <p>An image says where its volumes go, directly or through its links. One over /proc would show
 * the runtime, which works through /proc until the last moment, what the image's author made up
 * (CVE-2019-16884, CVE-2019-19921, CVE-2025-52881); runc refuses it, crun 1.8 does not. One over
 * /dev, or over what /dev leads to, would give it another /dev/null: runtimes hide files by mounting
 * that over them, so a link in its place shows any file at all, the runtime's own descriptors
 * included (CVE-2025-31133, CVE-2025-52565).
 */
final class MountPlaces {
  /** Names in /dev that runtimes make, use or mount on. */
  private static final List<String> RUNTIMES =
      List.of(
          "null", "zero", "full", "random", "urandom", "tty", "console", "ptmx", "pts", "fd",
          "stdin", "stdout", "stderr", "core");

  private final Rootfs rootfs;
  private final String dev;

  MountPlaces(Rootfs rootfs) throws OsException {
    this.rootfs = rootfs;
    dev = rootfs.landing("/dev");
  }

  /** Where a volume would really go, if that is such a place; else empty. */
  String refused(BindMount mount) throws OsException {
    String place = rootfs.landing(mount.target());
    boolean refused = place.equals("/") || within(place, "/proc");
    if (!isDevice(mount.source())) {
      refused |= within(dev, place);
      for (String name : RUNTIMES) {
        refused |= within(place, "/dev/" + name) || within(place, dev + "/" + name);
      }
    }
    return refused ? place : "";
  }

  /** The host's own devices are what they are; but everybody may write to its /dev/shm. */
  private static boolean isDevice(Path source) {
    return source.startsWith("/dev") && !source.startsWith("/dev/shm");
  }

  private static boolean within(String path, String directory) {
    return path.equals(directory) || path.startsWith(directory + "/");
  }
}
