package rkt.stage1;

import java.nio.file.Path;
import java.util.Optional;
import rkt.os.Kernel;
import rkt.os.OsException;

/**
 * A mount made before the exec, in the pod's private mount namespace.
 *
 * @param source device, file or a word, as mount(2) takes it
 * @param target exists, or is made by the plan
 * @param type file system type; empty for binds and remounts
 * @param flags {@code MS_} bits
 * @param data options of the file system; empty for none
 */
public record PlannedMount(
    String source, Path target, Optional<String> type, long flags, Optional<String> data) {
  /** Makes it, in the mount namespace of this thread. */
  public void make(Kernel kernel) throws OsException {
    kernel.mount(source, target.toString(), type.orElse(null), flags, data.orElse(null));
  }
}
