package rkt.stage1.oci;

import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.SmallFiles;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

/**
 * Whether a memory limit can include swap. Where the kernel does not count it, asking for it makes
 * an OCI runtime fail.
 */
final class SwapAccounting {
  private SwapAccounting() {}

  static boolean counts(Kernel kernel, CgroupTree cgroups) throws EngineException {
    var memory = cgroups.controller("memory");
    if (memory.isEmpty()) {
      return false;
    }
    try {
      if (!cgroups.unified()) {
        kernel.fstatat(Consts.AT_FDCWD, memory.get() + "/memory.memsw.limit_in_bytes", 0);
        return true;
      }
      // The root of v2 has no such file; it is missing below when there is no swap in this kernel
      // or it was told not to count.
      kernel.fstatat(Consts.AT_FDCWD, "/proc/swaps", 0);
      return !SmallFiles.readText(kernel, "/proc/cmdline", 1 << 16).contains("swapaccount=0");
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return false;
      }
      throw new EngineException(
          ErrorCode.SYSTEM,
          "cannot find out whether swap can be limited",
          String.valueOf(e.getMessage()),
          "",
          e);
    }
  }
}
