package rkt.pod;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Set;
import rkt.os.Kernel;

/**
 * A kernel on which the caller "is killed" just before its n-th call that changes something: that call and every later one
 * throws {@link Killed}, but closing, which the real kernel does for the dead.
 */
final class CrashingKernel {
  /** Not an exception anybody catches: the process is gone. */
  static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  private static final Set<String> CHANGING =
      Set.of(
          "mkdirat",
          "mknodat",
          "symlinkat",
          "linkat",
          "unlinkat",
          "renameat2",
          "removeTree",
          "write",
          "fchmod",
          "fchmodat",
          "fchown",
          "fchownat",
          "fsync",
          "syncfs",
          "flock",
          "mount",
          "umount",
          "execve");

  private int left;
  private boolean dead;

  private CrashingKernel(int calls) {
    this.left = calls;
  }

  /** Dies before the call number {@code calls}, counted from 0. */
  static Kernel dyingAt(int calls) {
    CrashingKernel state = new CrashingKernel(calls);
    return (Kernel)
        Proxy.newProxyInstance(
            Kernel.class.getClassLoader(),
            new Class<?>[] {Kernel.class},
            (proxy, method, args) -> {
              if (state.dead && !method.getName().equals("close")) {
                throw new Killed();
              }
              if (CHANGING.contains(method.getName()) && state.left-- == 0) {
                state.dead = true;
                throw new Killed();
              }
              try {
                return method.invoke(Kernel.linux(), args);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
