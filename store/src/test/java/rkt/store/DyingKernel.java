package rkt.store;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import rkt.os.Errno;
import rkt.os.Kernel;
import rkt.os.OsException;

/**
 * The kernel of a process that is killed before its n-th system call: from then on nothing happens
 * any more but what the kernel does for the dead, which is to close their files.
 */
final class DyingKernel {
  private static final Set<String> OF_THE_DEAD = Set.of("close", "geteuid", "getegid", "getpid");

  private final Kernel kernel;
  private final int lifetime;
  private final AtomicInteger calls = new AtomicInteger();

  DyingKernel(Kernel kernel, int lifetime) {
    this.kernel = kernel;
    this.lifetime = lifetime;
  }

  Kernel kernel() {
    return (Kernel)
        Proxy.newProxyInstance(
            Kernel.class.getClassLoader(),
            new Class<?>[] {Kernel.class},
            (proxy, method, arguments) -> call(method, arguments));
  }

  boolean isDead() {
    return calls.get() >= lifetime;
  }

  private Object call(Method method, Object[] arguments) throws Throwable {
    if (!OF_THE_DEAD.contains(method.getName()) && calls.incrementAndGet() >= lifetime) {
      throw new OsException(method.getName(), "killed", Errno.EIO);
    }
    try {
      return method.invoke(kernel, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
