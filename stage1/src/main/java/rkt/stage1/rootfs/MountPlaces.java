package rkt.stage1.rootfs;

import java.util.List;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.stage1.AppSpec;
import rkt.stage1.BindMount;

/**
 * Where no volume may be mounted, whoever asks for it.
 *
 * <p>An image says where its volumes go, directly or through its links. One over /proc would show
 * the runtime, which works through /proc until the last moment, what the image's author made up
 * (CVE-2019-16884, CVE-2019-19921, CVE-2025-52881); runc refuses it, crun 1.8 does not. One over
 * /dev, or over what /dev leads to, would give it another /dev/null: runtimes hide files by
 * mounting that over them, so a link in its place shows any file at all, the runtime's own
 * descriptors included (CVE-2025-31133, CVE-2025-52565).
 */
public final class MountPlaces {
  /** Names in /dev that runtimes make, use or mount on. */
  private static final List<String> RUNTIMES =
      List.of(
          "null", "zero", "full", "random", "urandom", "tty", "console", "ptmx", "pts", "fd",
          "stdin", "stdout", "stderr", "core");

  /**
   * What runtimes mount and fill themselves. runc 1.1 makes the links of /dev by its path, before
   * the app's root is the root: a link in its place leads to any directory of the host.
   */
  private static final List<String> OWN = List.of("/dev", "/proc", "/sys");

  /**
   * Checks the image and every volume of an app; one that would go to such a place ends its start.
   */
  public static void check(AppSpec spec, Rootfs rootfs) throws EngineException, OsException {
    checkImage(attempted(spec.name()), rootfs);
    for (BindMount mount : spec.mounts()) {
      String place = rootfs.landing(mount.target());
      if (isRefused(place)) {
        throw refusal(attempted(spec.name()), mount.target(), place);
      }
    }
  }

  /** What the image itself must not have: links in the place of what runtimes mount. */
  public static void checkImage(String attempted, Rootfs rootfs)
      throws EngineException, OsException {
    for (String own : OWN) {
      String place = rootfs.landing(own);
      if (!place.equals(own)) {
        throw EngineException.of(
            ErrorCode.REFUSED,
            attempted,
            "its image has a link to " + place + " in the place of " + own,
            "make it a directory");
      }
    }
  }

  /** Whether nothing may be mounted at a place, which is absolute in the app and has no links. */
  public static boolean isRefused(String place) {
    boolean refused = place.equals("/") || place.equals("/dev") || within(place, "/proc");
    for (String name : RUNTIMES) {
      refused |= within(place, "/dev/" + name);
    }
    return refused;
  }

  /** What to say of a mount point that leads to such a place. */
  public static EngineException refusal(String attempted, String target, String place) {
    return EngineException.of(
        ErrorCode.REFUSED,
        attempted,
        "mount point \"" + target + "\" leads to " + place,
        within(place, "/dev")
            ? "mount single devices or directories below /dev that the runtime does not make itself"
            : "nothing can be mounted there; choose another mount point");
  }

  private static String attempted(String app) {
    return "cannot start app \"" + app + "\"";
  }

  private static boolean within(String path, String directory) {
    return path.equals(directory) || path.startsWith(directory + "/");
  }

  private MountPlaces() {}
}
