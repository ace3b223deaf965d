package rkt.os;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** What the running kernel can do. */
public final class KernelFeatures {
  private static final int LIMIT = 1 << 20;
  private static final List<String> MODPROBES = List.of("/sbin/modprobe", "/usr/sbin/modprobe");

  private final Kernel kernel;

  public KernelFeatures(Kernel kernel) {
    this.kernel = kernel;
  }

  /** Whether a file system type such as {@code overlay} can be mounted, as far as is known now. */
  public boolean hasFileSystem(String type) throws OsException {
    return lists(SmallFiles.readText(kernel, "/proc/filesystems", LIMIT), type);
  }

  static boolean lists(String filesystems, String type) {
    for (String line : Words.split(filesystems, '\n')) {
      // "nodev\toverlay" or "\text4"
      if (line.substring(line.indexOf('\t') + 1).equals(type)) {
        return true;
      }
    }
    return false;
  }

  /**
   * As {@link #hasFileSystem}, but when it is absent asks {@code modprobe} for it first; that it
   * fails or is missing only means that the answer stays no.
   *
   * @return empty when the type is there, else why not
   */
  public Optional<String> requireFileSystem(String type) throws OsException {
    if (hasFileSystem(type)) {
      return Optional.empty();
    }
    String attempt = loadModule(type);
    if (hasFileSystem(type)) {
      return Optional.empty();
    }
    return Optional.of(attempt);
  }

  private boolean isExecutable(String path) {
    try {
      return (kernel.fstatat(Consts.AT_FDCWD, path, 0).mode() & 0111) != 0;
    } catch (OsException e) {
      // Absent, or behind a directory that is: either way it cannot be run.
      return false;
    }
  }

  private String loadModule(String type) {
    for (String modprobe : MODPROBES) {
      if (!isExecutable(modprobe)) {
        continue;
      }
      try {
        Command.Result result = Command.of(modprobe, "-q", "--", type).run();
        return result.succeeded()
            ? "the module " + type + " provides no such file system"
            : modprobe + " " + type + " failed with status " + result.status();
      } catch (IOException e) {
        return modprobe + " could not be run: " + e.getMessage();
      }
    }
    return "no modprobe to load the module " + type;
  }
}
