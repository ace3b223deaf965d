package rkt.net;

import java.nio.file.Path;
import java.util.function.Predicate;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.FileLock;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.SmallFiles;
import rkt.schema.SchemaException;
import rkt.schema.appc.PodUuid;

/**
 * Addresses that the plugin host-local has reserved: one file per address in a directory per
 * network, whose first line is the pod. They are freed as its own DEL does it, under its lock.
 */
final class Reservations {
  private final Kernel kernel;
  private final NetLog log;

  Reservations(Kernel kernel, NetLog log) {
    this.kernel = kernel;
    this.log = log;
  }

  /** Frees those of a pod whose plugin could not. */
  void free(Path dir, String uuid) {
    free(dir, owner -> owner.equals(uuid));
  }

  /**
   * Frees those of pods that are gone: a pod's namespace is made before its addresses are, and goes
   * after them, also when it belongs to another data directory. Owners that are no pods of rkt
   * stay.
   */
  void freeOrphans(Path dir) {
    free(dir, this::isOrphan);
  }

  private boolean isOrphan(String owner) {
    try {
      PodUuid uuid = PodUuid.parse(owner);
      kernel.fstatat(Consts.AT_FDCWD, Teardown.namespace(uuid.value()).toString(), 0);
      return false;
    } catch (SchemaException noPod) {
      return false;
    } catch (OsException e) {
      return e.is(Errno.ENOENT);
    }
  }

  private void free(Path dir, Predicate<String> owners) {
    try (FileLock lock = FileLock.exclusive(kernel, dir.resolve("lock"));
        Fd open = Fd.directory(kernel, dir.toString())) {
      for (String name : kernel.list(open.number())) {
        if (isAddress(name) && owners.test(owner(dir.resolve(name)))) {
          kernel.unlinkat(open.number(), name, 0);
          log.note("freed address " + name + " in " + dir);
        }
      }
    } catch (OsException e) {
      if (!e.is(Errno.ENOENT)) {
        log.note("cannot free addresses in " + dir + ": " + e.getMessage());
      }
    }
  }

  private static boolean isAddress(String name) {
    return !name.isEmpty() && Character.isDigit(name.charAt(0)) || name.indexOf(':') >= 0;
  }

  private String owner(Path file) throws OsException {
    String text = SmallFiles.readText(kernel, file.toString(), 4096).strip();
    int line = text.indexOf('\n');
    return line < 0 ? text : text.substring(0, line).strip();
  }
}
