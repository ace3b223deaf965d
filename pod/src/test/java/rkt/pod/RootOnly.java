package rkt.pod;

import org.junit.jupiter.api.Assumptions;
import rkt.os.Consts;
import rkt.os.Kernel;
import rkt.os.OsException;

/** For tests that change mounts or cgroups. */
final class RootOnly {
  private RootOnly() {}

  static void assume(String why) {
    Assumptions.assumeTrue(Kernel.linux().geteuid() == 0, why + " needs root");
  }

  /** Call on a thread that ends: its mounts go with it. */
  static void privateMounts() throws OsException {
    Kernel.linux().unshare(Consts.CLONE_NEWNS);
    Kernel.linux().mount("none", "/", null, Consts.MS_REC | Consts.MS_PRIVATE, null);
  }
}
